/**
 * What the histograms and the gradients show, in words.
 *
 * @typedef {import("./layers.mjs").Over} Over
 * @typedef {object} Seen
 * @property {Over} over
 * @property {string} activation
 * @property {number} images in the batch
 * @property {{sums: number, flat: number}[]} layers for each hidden one the standard deviation of the sums and the share of flat slopes
 * @property {Record<Over, number[]>} gradients
 */
import { decimal } from "../../drawing/numbers.mjs";

const NAMES = {
  none: "Without normalization",
  batch: "With batch normalization",
  layer: "With layer normalization",
};

/** What it means for a unit that its slope is flat, where that is one value. @type {Record<string, string>} */
const FLAT_STATES = {
  relu: "off",
  leaky_relu: "below 0, where the slope is 0.01",
};

/** @param {number} value */
const brief = (value) => decimal(Number(value.toPrecision(3)));

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)}\u00a0%`;

/** @param {Seen} seen */
export function told({ over, images, layers, gradients, activation }) {
  const last = layers.length, [first, deepest] = [layers[0], layers[last - 1]];
  const range = (/** @type {string[]} */ [one, other]) =>
    last === 1
      ? `${one} in the only hidden layer`
      : `${one} in layer 1 and ${other} in layer ${last}`;
  const received = range([first, deepest].map(({ sums }) => brief(sums)));
  const flat = range([first, deepest].map((layer) => percent(layer.flat)));
  const state = FLAT_STATES[activation] ?? "where the slope is below a tenth of its largest value";
  const batch = over === "batch" && images === 2
    ? " In a batch of two, each unit receives opposite values from the two images, near \u22121 and 1 if the variance of its weighted sums is much larger than \u03b5."
    : "";
  const scaled = over === "batch"
    ? " With this normalization, the output does not depend on c (but for \u03b5, a small constant added to each variance). Weights c times as large need c times as large a change for the same effect, so the gradient by them is 1/c times as large."
    : "";
  return `${
    NAMES[over]
  }, the standard deviation of what the activations receive is ${received}. Of all units and images, ${flat} are ${state}.${batch}${scaled} ${
    compared(gradients)
  }`;
}

/** @param {Record<Over, number[]>} gradients */
function compared(gradients) {
  const norms = Object.fromEntries(
    Object.entries(gradients).map((
      [name, layers],
    ) => [name, brief(Math.hypot(...layers.slice(0, -1)))]),
  );
  return `The gradient of all hidden weights has norm ${norms.none} without normalization, ${norms.batch} with one over the batch, and ${norms.layer} with one over the layer. A larger norm alone is no better: the learning rate can make up for it.`;
}
