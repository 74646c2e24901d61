/**
 * The pictures: a thinned network, predictions against the input, and running means against masks.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("../../drawing/networks.mjs").DrawnNetwork} DrawnNetwork
 * @typedef {import("../../engine/network.mjs").Network} Network
 * @typedef {import("../../engine/arrays.mjs").Matrix} Matrix
 * @typedef {import("./ensemble.mjs").Masks} Masks
 */
import { color } from "../../drawing/colors.mjs";
import { svg } from "../../drawing/elements.mjs";
import { endLabels, line, pathOf } from "../../drawing/lines.mjs";
import { decimal } from "../../drawing/numbers.mjs";

export const GRID = Array.from({ length: 81 }, (_, k) => k / 80);
const CURVES = 30; // of thinned networks that are drawn, the newest ones
const THINNEST = 0.4, THICKEST = 3.6; // px, of a weight

/** What the data are called, and how far their panel reaches. */
const SEEN = {
  eckerle4: {
    x: "wavelength (scaled)",
    y: "transmittance (scaled)",
    values: /** @type {const} */ ([-0.6, 1.6]),
  },
  iris: {
    x: "petal length (scaled)",
    y: "probability of virginica",
    values: /** @type {const} */ ([-0.04, 1.04]),
  },
};

/** Return whether the panel of the predictions does not reach to one. @param {keyof typeof SEEN} problem @param {number} prediction */
export const isOutside = (problem, prediction) =>
  prediction < SEEN[problem].values[0] || prediction > SEEN[problem].values[1];

/** What each line is, with the place of its color. */
const LINES = { scaled: 0, arithmetic: 1, geometric: 2 };

/** Return a number for which a unit has room. @param {number} value */
const inUnit = (value) => decimal(Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1)));

/** Show what each unit passes on at one input; dropped ones are crossed out, with their weights. @param {DrawnNetwork} drawn @param {Network} network @param {readonly Matrix[]} passing @param {Masks} masks */
export function showNetwork(drawn, network, passing, masks) {
  const isKept = (/** @type {number} */ l, /** @type {number} */ i) =>
    l === 0 || l > masks.length || masks[l - 1].at(i, 0) !== 0;
  const weights = network.layers.map((layer) => layer.weights);
  drawn.show(
    (l, i) => {
      const kept = isKept(l, i);
      const below = l === 0 ? "x" : l > masks.length ? "\u0177" : "";
      return { text: kept ? inUnit(Number(passing[l].at(i, 0))) : "\u2715", dim: !kept, below };
    },
    (l, i, j) => ({
      text: "",
      dim: !isKept(l, i) || !isKept(l - 1, j),
      title: `weight ${decimal(Number(weights[l - 1].at(i, j)))}`,
    }),
  );
  const sizes = weights.map(({ entries }) => Array.from(entries, (w) => Math.abs(Number(w))));
  for (const { l, i, j, line: edge } of drawn.edges) {
    const share = sizes[l - 1][i * weights[l - 1].columns + j] / Math.max(...sizes[l - 1]);
    edge.style.strokeWidth = `${(THINNEST + (THICKEST - THINNEST) * share).toFixed(1)}px`;
  }
}

/** Draw data, the last thinned networks, the mean of all drawn and the prediction of the whole network. @param {Panel} panel @param {keyof typeof SEEN} problem @param {{x: number[], y: number[]}} data @param {readonly number[][]} curves @param {{scaled: number[], mean: number[]}} lines @param {number} x @param {number} prediction of the last one */
export function showPredictions(panel, problem, data, curves, { scaled, mean }, x, prediction) {
  const seen = SEEN[problem];
  panel.draw({ values: [-0.02, 1.02], label: seen.x }, { values: seen.values, label: seen.y });
  const points = (/** @type {readonly number[]} */ values) =>
    values.map((value, k) => /** @type {[number, number]} */ ([GRID[k], value]));
  const here = panel.x.place(x), [bottom, top] = panel.y.places;
  const last = curves[curves.length - 1];
  panel.below.replaceChildren(
    svg("path", { class: "nnx-guess", d: `M${here} ${bottom}V${top}` }),
    ...curves.slice(-CURVES - 1, -1).map((curve) =>
      svg("path", { class: "nnx-before", d: pathOf(panel, points(curve)) })
    ),
    ...data.x.map((at, k) =>
      svg("circle", {
        class: "nnx-recorded",
        r: 3,
        cx: panel.x.place(at).toFixed(1),
        cy: panel.y.place(data.y[k]).toFixed(1),
      })
    ),
  );
  panel.above.replaceChildren(
    ...last ? [svg("path", { class: "nnx-newest", d: pathOf(panel, points(last)) })] : [],
    line(panel, points(scaled), LINES.scaled),
    ...last ? [line(panel, points(mean), LINES.arithmetic)] : [],
    svg("circle", { class: "nnx-point", r: 5, cx: here, cy: panel.y.place(prediction) }),
  );
}

/** Return what a line of means is called: before a mask is drawn there is only that over all masks. @param {string} name @param {boolean} hasGeometric @param {number} drawn */
export const calledAs = (name, hasGeometric, drawn) => {
  if (!hasGeometric) return drawn ? "mean of masks" : "mean of all";
  return drawn ? `${name} mean` : `${name}, all`;
};

/** Return how far the axis of the means reaches: of Eckerle4 over the data at least, so that networks compare; of a probability as near as it needs to part its two means. @param {readonly number[]} values @param {boolean} isHeld @returns {[number, number]} */
export function reachOf(values, isHeld) {
  const all = isHeld ? [0, 1, ...values] : values;
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.02, (isHeld ? 0.04 : 0.12) * (high - low));
  return [low - room, high + room];
}

/** Draw running means at one input beside the means over all masks. @param {Panel} panel @param {{arithmetic: number[], geometric: number[]}} running @param {{arithmetic: number, geometric: number}} all @param {number} scaled @param {boolean} hasGeometric */
export function showMeans(panel, running, all, scaled, hasGeometric) {
  const names = /** @type {("arithmetic" | "geometric")[]} */ (
    hasGeometric ? ["arithmetic", "geometric"] : ["arithmetic"]
  );
  const values = [scaled, ...names.flatMap((name) => [all[name], ...running[name]])];
  const masks = Math.max(10, running.arithmetic.length);
  panel.draw({ kind: "log", values: [0.9, masks * 1.02], label: "masks drawn", ticks: 4 }, {
    values: reachOf(values, !hasGeometric),
    label: "prediction at x",
    ticks: 4,
  });
  const [left, right] = panel.x.places;
  const level = (
    /** @type {string} */ name,
    /** @type {number} */ value,
    /** @type {number} */ k,
  ) =>
    svg("path", {
      class: name,
      style: `color:${color(k)};stroke:currentColor`,
      d: `M${left} ${panel.y.place(value).toFixed(1)}H${right}`,
    });
  panel.below.replaceChildren(
    level("nnx-line", scaled, LINES.scaled),
    ...names.map((name) => level("nnx-all", all[name], LINES[name])),
  );
  const lines = names.map((name) =>
    running[name].map((value, k) => /** @type {[number, number]} */ ([k + 1, value]))
  );
  panel.above.replaceChildren(
    ...lines.map((points, k) => line(panel, points, LINES[names[k]])),
  );
  panel.labels.replaceChildren(...endLabels(panel, [
    { text: "weight scaling", end: [masks, scaled], k: LINES.scaled },
    ...names.map((name) => ({
      text: calledAs(name, hasGeometric, running[name].length),
      end: /** @type {[number, number]} */ ([
        masks,
        running[name][running[name].length - 1] ?? all[name],
      ]),
      k: LINES[name],
    })),
  ]));
}
