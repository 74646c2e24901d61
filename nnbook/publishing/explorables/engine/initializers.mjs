/**
 * The distributions of initial weights, by Keras' names; biases start at zero.
 *
 * The mirror of `nnbook.training.initializers`.
 *
 * @typedef {import("./random.mjs").Random} Random
 * @typedef {{name: string, deviationOf: (inputs: number, units: number) => number, draw: (random: Random) => number}} Initializer
 */
import { filled, map, Matrix } from "./arrays.mjs";
import { Layer, Network } from "./network.mjs";

/** The standard deviation of a standard normal number that is drawn again beyond two. */
const CUT = 0.87962566103423978;

/** @param {Random} random */
const uniform = (random) => (2 * random.uniform() - 1) * Math.sqrt(3);

/** @param {Random} random @returns {number} */
function truncatedNormal(random) {
  for (;;) {
    const drawn = random.normal();
    if (Math.abs(drawn) <= 2) return drawn / CUT;
  }
}

/** @param {string} name @param {number} scale @param {"inputs" | "mean"} fan @param {(random: Random) => number} draw @returns {Initializer} */
const varianceScaling = (name, scale, fan, draw) => ({
  name,
  draw,
  deviationOf: (inputs, units) =>
    Math.sqrt(scale / (fan === "inputs" ? inputs : (inputs + units) / 2)),
});

/** Normal weights of a deviation that is chosen by hand. @param {number} deviation @returns {Initializer} */
export const randomNormal = (deviation) => ({
  name: "random_normal",
  deviationOf: () => deviation,
  draw: (random) => random.normal(),
});

/** @type {Record<string, Initializer>} */
export const INITIALIZERS = Object.fromEntries([
  varianceScaling("glorot_uniform", 1, "mean", uniform),
  varianceScaling("glorot_normal", 1, "mean", truncatedNormal),
  varianceScaling("he_uniform", 2, "inputs", uniform),
  varianceScaling("he_normal", 2, "inputs", truncatedNormal),
  varianceScaling("lecun_uniform", 1, "inputs", uniform),
  varianceScaling("lecun_normal", 1, "inputs", truncatedNormal),
  randomNormal(0.05),
  { name: "zeros", deviationOf: () => 0, draw: () => 0 },
].map((one) => [one.name, one]));

/** Return random weights, one row per unit. @param {Initializer} initializer @param {number} units @param {number} inputs @param {Random} random */
export function initialWeights(initializer, units, inputs, random) {
  const deviation = initializer.deviationOf(inputs, units);
  return map(() => deviation * initializer.draw(random), filled(units, inputs));
}

/**
 * Return a network with random weights, and biases of zero.
 *
 * @param {readonly number[]} widths inputs, units of each layer
 * @param {string} hidden
 * @param {string} output
 * @param {Initializer} initializer
 * @param {Random} random
 */
export function initialNetwork(widths, hidden, output, initializer, random) {
  return new Network(
    widths.slice(1).map((units, k) =>
      new Layer(
        initialWeights(initializer, units, widths[k], random),
        new Matrix(units, 1, new Float64Array(units)),
        k < widths.length - 2 ? hidden : output,
      )
    ),
  );
}
