/**
 * The pictures: a histogram for each layer, turned upright, and the gradient of each layer.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("../../engine/arrays.mjs").Matrix} Matrix
 * @typedef {import("./layers.mjs").Over} Over
 */
import { color } from "../../drawing/colors.mjs";
import { svg } from "../../drawing/elements.mjs";
import { endLabels, line } from "../../drawing/lines.mjs";
import { decimal } from "../../drawing/numbers.mjs";
import { sharesOf } from "./layers.mjs";

export const CLASSES = 81; // of a histogram
const HALF = 0.44; // of the way to the next layer: the widest class of a histogram
const LEAST = 1e-30; // of a gradient: what is smaller is not followed
const ROOM = 0.06, LARGE = 1e4;

// How far the axes reach at least, so that they stay where small and large weights are compared.
const REACH = 10, NORMS = /** @type {const} */ ([1e-5, 10]);

/** What the lines of the gradient are called; their order is that of their colors. @type {Record<Over, string>} */
export const OVERS = { none: "none", batch: "over the batch", layer: "over the layer" };

/** The range in which values of an activation, and its slopes, lie; null: as far as they reach, and REACH. @type {Record<string, {values: readonly [number, number] | null, slopes: readonly [number, number]}>} */
const RANGES = {
  sigmoid: { values: [0, 1], slopes: [0, 0.25] },
  tanh: { values: [-1, 1], slopes: [0, 1] },
  relu: { values: null, slopes: [0, 1] },
  leaky_relu: { values: null, slopes: [0, 1] },
};

/** Return the range of a panel. @param {"sums" | "activations" | "slopes"} what @param {string} activation @param {readonly Matrix[]} values @returns {readonly [number, number]} */
export function rangeOf(what, activation, values) {
  const known = RANGES[activation];
  if (what === "slopes") return known.slopes;
  if (what === "activations" && known.values) return known.values;
  let low = what === "sums" ? -REACH : 0, high = REACH;
  for (const { entries } of values) {
    for (const entry of entries) {
      low = Math.min(low, Number(entry));
      high = Math.max(high, Number(entry));
    }
  }
  return [low, high];
}

/** Draw a histogram for each layer, as wide as the root of the shares. @param {Panel} panel @param {string} label @param {readonly Matrix[]} values one for each hidden layer @param {readonly [number, number]} range @param {number} k of the color */
export function showHistograms(panel, label, values, range, k) {
  const [low, high] = range, room = ROOM * (high - low), wide = (high - low) / CLASSES;
  // There is no room for the digits of large ticks.
  const isLarge = Math.max(high, -low) >= LARGE;
  panel.draw({ values: [0.5, values.length + 0.5], label: "hidden layer", ticks: values.length }, {
    values: [low - room, high + room],
    label: isLarge ? `${label}: ${decimal(low)} to ${decimal(high)}` : label,
    ticks: isLarge ? 0 : 4,
  });
  panel.above.replaceChildren(...values.map((one, l) => {
    const shares = sharesOf(one, range, CLASSES), widest = Math.sqrt(Math.max(...shares));
    const path = shares.map((share, place) => {
      if (!share) return "";
      const half = HALF * Math.sqrt(share) / widest;
      const [left, right] = [l + 1 - half, l + 1 + half].map((x) => panel.x.place(x).toFixed(1));
      const [bottom, top] = [place, place + 1].map((n) => panel.y.place(low + n * wide).toFixed(1));
      return `M${left} ${bottom}H${right}V${top}H${left}Z`;
    });
    return svg("path", { class: "nnx-shares", style: `fill:${color(k)}`, d: path.join("") });
  }));
}

/** Draw the norm of the gradient of each layer, with each normalization; the chosen one is heavy. @param {Panel} panel @param {Record<Over, number[]>} gradients @param {Over} chosen */
export function showGradients(panel, gradients, chosen) {
  const names = /** @type {Over[]} */ (Object.keys(OVERS));
  const layers = gradients.none.length;
  const positive = Object.values(gradients).flat().filter((norm) => norm > LEAST);
  panel.draw({ values: [0.5, layers + 0.5], label: "layer, the output last", ticks: 6 }, {
    kind: "log",
    values: [
      10 ** Math.floor(Math.log10(Math.min(...positive, NORMS[0] * 1.001))),
      10 ** Math.ceil(Math.log10(Math.max(...positive, NORMS[1] * 0.99) * 1.001)),
    ],
    label: "norm of the gradient",
  });
  const points = (/** @type {Over} */ name) =>
    gradients[name].map((norm, l) => /** @type {[number, number]} */ ([l + 1, norm || LEAST / 10]));
  panel.above.replaceChildren(
    ...names.map((name, k) =>
      svg(
        "g",
        { class: name === chosen ? "nnx-last" : null },
        line(panel, points(name), k, name === chosen),
      )
    ),
  );
  panel.labels.replaceChildren(...endLabels(panel, labelsOf(gradients)));
}

/** Return the labels of the lines where these end; a line that has left the panel, at a gradient of 0, has none. @param {Record<Over, number[]>} gradients */
export function labelsOf(gradients) {
  const names = /** @type {Over[]} */ (Object.keys(OVERS));
  const labels = names.map((name, k) => {
    const norms = gradients[name];
    const end = /** @type {[number, number]} */ ([norms.length, norms[norms.length - 1]]);
    return { text: OVERS[name], end, k };
  });
  return labels.filter(({ end }) => end[1] > LEAST);
}
