/**
 * The pictures: the output against the input, the folded strip from the side, and pieces against layers.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./folds.mjs").Corner} Corner
 * @typedef {import("./folds.mjs").Count} Count
 */
import { color } from "../../drawing/colors.mjs";
import { svg } from "../../drawing/elements.mjs";
import { endLabels, line, pathOf } from "../../drawing/lines.mjs";
import { decimal } from "../../drawing/numbers.mjs";
import { inOneLayer } from "./words.mjs";

const HIGHEST = 600; // of the counts that are shown

/** @param {Corner[]} corners @returns {[number, number][]} */
const points = (corners) => corners.map(({ x, y }) => [Number(x), Number(y)]);

/** @param {Panel} panel @param {string} name @param {readonly [number, number][]} points */
const path = (panel, name, points) => svg("path", { class: name, d: pathOf(panel, points) });

/** @param {Panel} panel @param {number} x @param {number} y */
const marker = (panel, x, y) =>
  svg("circle", { class: "nnx-point", r: 6, cx: panel.x.place(x), cy: panel.y.place(y) });

/** The color of a line, which is the thinner the more pieces it has. @param {number} pieces @param {number} widest in px */
const colored = (pieces, widest) =>
  `color:${color(0)};--nnx-width:${Math.min(widest, Math.max(0.6, 60 / pieces)).toFixed(1)}px`;

/** Draw the output of the network, that of the network with one layer less, and the reader's input. @param {Panel} panel @param {Corner[][]} strips @param {number} layers @param {number} x @param {number} y */
export function showOutput(panel, strips, layers, x, y) {
  const now = points(strips[layers]), before = points(strips[Math.max(0, layers - 1)]);
  const highest = Math.max(...[...now, ...before].map(([, value]) => value));
  const isLow = highest < 0.1; // there is no room for the digits of its ticks
  panel.draw({ values: [0, 1], label: "input x" }, {
    values: [-0.04 * highest, 1.06 * highest],
    label: highest < 1 ? `output, 0 to ${decimal(highest)} only` : "output",
    ticks: isLow ? 0 : 4,
  });
  panel.below.replaceChildren(
    ...layers ? [path(panel, "nnx-before", before)] : [],
    path(panel, "nnx-guess", [[x, 0], [x, y], [0, y]]),
  );
  panel.above.replaceChildren(
    svg("g", { style: colored(now.length, 2) }, path(panel, "nnx-line", now)),
    marker(panel, x, y),
  );
}

/** Draw the strip as it lies, its pieces one above the other. @param {Panel} panel @param {Corner[]} corners @param {number} x @param {number} y */
export function showStrip(panel, corners, x, y) {
  const count = corners.length - 1, all = points(corners);
  panel.draw({ values: [-0.03, 1.03], label: "where it lies", ticks: 4 }, {
    values: [-1, count],
    label: "pieces",
    ticks: 0,
  });
  const zigzag = all.slice(1).flatMap((
    [, end],
    k,
  ) => /** @type {[number, number][]} */ ([[all[k][1], k], [end, k]]));
  const piece = all.findIndex(([to]) => to >= x && to > 0) - 1;
  panel.above.replaceChildren(
    svg("g", { style: colored(count, 3) }, path(panel, "nnx-line", zigzag)),
    marker(panel, y, piece),
  );
}

/** Draw pieces and slopes against layers, beside what one layer with as many units can make. @param {Panel} panel @param {readonly Count[]} counts @param {number} layers */
export function showCounts(panel, counts, layers) {
  panel.draw({ values: [0, counts.length - 0.7], label: "hidden layers of two units", ticks: 8 }, {
    kind: "log",
    values: [0.8, HIGHEST],
    label: "number",
    ticks: 4,
  });
  /** @type {[string, (count: Count, layer: number) => number][]} */
  const curves = [
    ["pieces", ({ pieces }) => pieces],
    ["in one layer", (_, layer) => inOneLayer(layer)],
    ["steepest slope", ({ most }) => most],
  ];
  const lines = curves.map(([, of]) =>
    counts.map((count, layer) => /** @type {[number, number]} */ ([layer, of(count, layer)]))
  );
  const here = panel.x.place(layers), [bottom, top] = panel.y.places;
  panel.below.replaceChildren(
    svg("path", { class: "nnx-guess", d: `M${here} ${bottom}V${top}` }),
  );
  panel.above.replaceChildren(
    ...lines.map((points, k) => line(panel, points, k, true)),
    marker(panel, layers, counts[layers].pieces),
  );
  panel.labels.replaceChildren(
    ...endLabels(
      panel,
      lines.map((points, k) => ({ text: curves[k][0], end: points[points.length - 1], k })),
    ),
  );
}
