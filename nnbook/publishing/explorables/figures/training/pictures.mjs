/**
 * What a network in training looks like: losses, gradients, its answers, its first layer.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./problems.mjs").Problem} Problem
 * @typedef {import("./trainer.mjs").Measured} Measured
 * @typedef {import("../../engine/network.mjs").Network} Network
 */
import { shape } from "../../drawing/colors.mjs";
import { html, svg } from "../../drawing/elements.mjs";
import { endLabels, line } from "../../drawing/lines.mjs";
import { gray, paint } from "../../drawing/rasters.mjs";
import { asNumbers } from "../../engine/arrays.mjs";

const DRAWN = 240; // points of a curve
const SHADES = 48, FEWEST = 12; // cells of the painted plane, in each direction
const AFFORDED = 5e6; // products of two numbers for a picture of a network in training: some 10 ms
const LEAST = 1e-12;
const EDGE = 1.25; // of the plane
/** How far the axes reach at least, so that networks compare by eye. */
const LOSSES = /** @type {const} */ ([0.01, 1]), NORMS = /** @type {const} */ ([1e-5, 10]);

/** Return the whole powers of ten around positive values, and around what is held. @param {readonly number[]} values @param {readonly [number, number]} held @returns {[number, number]} */
export const decades = (values, [low, high]) => [
  10 ** Math.floor(Math.log10(Math.min(...values, low))),
  10 ** Math.ceil(Math.log10(Math.max(...values, high))),
];

/** @param {Panel} panel @param {readonly Measured[]} history @param {Problem} problem @param {number} epochs */
export function showLosses(panel, history, problem, epochs) {
  const every = Math.max(1, Math.ceil(history.length / DRAWN));
  const kept = history.map((one, k) => ({ one, k })).filter(({ k }) =>
    k % every === 0 || k === history.length - 1
  );
  const curves = ["training", "validation"].map((name) =>
    kept.map(({ one, k }) => /** @type {[number, number]} */ ([
      k,
      Math.max(LEAST, name === "training" ? one.training : one.validation),
    ]))
  );
  const values = [problem.guess, ...curves.flat().map(([, value]) => value)];
  const last = Math.max(10, epochs);
  panel.draw({ values: [0, last], label: "epochs" }, {
    kind: "log",
    values: decades(values, LOSSES),
    label: "loss",
  });
  const level = panel.y.place(problem.guess);
  panel.below.replaceChildren(
    svg("path", { class: "nnx-guess", d: `M${panel.x.places[0]} ${level}H${panel.x.places[1]}` }),
  );
  panel.above.replaceChildren(...curves.map((points, k) => line(panel, points, k)));
  panel.labels.replaceChildren(...endLabels(panel, [
    ...curves.map((points, k) => ({
      text: k ? "validation" : "training",
      end: points[points.length - 1],
      k,
    })),
    { text: "a guess", end: [last, problem.guess] },
  ]));
}

/** @param {Panel} panel @param {readonly Measured[]} history */
export function showGradients(panel, history) {
  const ends = [history[0], history[history.length - 1]].map(({ gradients }) => gradients);
  const layers = ends[0].length, positive = ends.flat().filter((norm) => norm > LEAST);
  panel.draw({ values: [0.5, layers + 0.5], label: "layer", ticks: layers }, {
    kind: "log",
    values: decades(positive, NORMS),
    label: "norm of the gradient",
  });
  const shown = history.length > 1 ? [1, 0] : [0];
  panel.above.replaceChildren(...shown.map((place) =>
    line(
      panel,
      ends[1 - place].map((norm, l) => [l + 1, norm || LEAST / 1e9]),
      place ? 6 : 3,
      true,
    )
  ));
  panel.labels.replaceChildren(...endLabels(
    panel,
    shown.map((place) => ({
      text: place ? "at first" : "now",
      end: [layers, ends[1 - place][layers - 1] || LEAST],
      k: place ? 6 : 3,
    })),
  ));
}

/** Draw the fitted curve; below it is marked where each unit of the first layer turns. @param {Panel} panel @param {Problem} problem @param {Network} network */
export function showFit(panel, { training, validation }, network) {
  panel.draw({ values: [-0.05, 1.05], label: "wavelength (scaled)" }, {
    values: [-0.3, 1.3],
    label: "transmittance (scaled)",
  });
  const xs = Array.from({ length: DRAWN + 1 }, (_, k) => -0.05 + 1.1 * k / DRAWN);
  const answers = network.forward(asNumbers([xs])).prediction;
  const { weights, biases } = network.layer(1), bottom = panel.y.places[0];
  const turns = Array.from(
    { length: weights.rows },
    (_, i) => -Number(biases.at(i, 0)) / Number(weights.at(i, 0)),
  );
  panel.below.replaceChildren(
    svg("path", {
      class: "nnx-turns",
      d: turns.filter((turn) => turn > -0.05 && turn < 1.05).map((turn) =>
        `M${panel.x.place(turn).toFixed(1)} ${bottom}v-12`
      ).join(""),
    }),
  );
  panel.above.replaceChildren(
    line(panel, xs.map((x, k) => [x, Number(answers.entries[k])]), 0),
    ...[training, validation].flatMap(({ x, y }, part) =>
      Array.from(x.entries, (at, k) =>
        svg("path", {
          class: part ? "nnx-held-out" : "nnx-best",
          d: shape(part ? 2 : 0),
          transform: `translate(${panel.x.place(Number(at))} ${
            panel.y.place(Number(y.entries[k]))
          })`,
        }))
    ),
  );
}

/** Return into how many cells the plane is divided in each direction: while a large network trains, into fewer. @param {Network} network @param {boolean} isRunning */
export function cellsOf({ layers }, isRunning) {
  const products = layers.reduce((sum, { weights }) => sum + weights.rows * weights.columns, 0);
  const affordable = Math.floor(Math.sqrt(AFFORDED / products));
  return isRunning ? Math.min(SHADES, Math.max(FEWEST, affordable)) : SHADES;
}

/** Paint the plane by the class that the network sees, with the lines of its first layer. @param {Panel} panel @param {Problem} problem @param {Network} network @param {boolean} isRunning */
export function showPlane(panel, { training }, network, isRunning) {
  panel.draw({ values: [-EDGE, EDGE], label: "x\u2081" }, {
    values: [-EDGE, EDGE],
    label: "x\u2082",
  });
  const side = cellsOf(network, isRunning);
  const at = (/** @type {number} */ k) => EDGE * (2 * (k + 0.5) / side - 1);
  const cells = Array.from({ length: side * side }, (_, k) => k);
  const outputs = network.forward(
    asNumbers([cells.map((k) => at(k % side)), cells.map((k) => -at(Math.floor(k / side)))]),
  ).prediction;
  const [left, right] = panel.x.places, [bottom, top] = panel.y.places;
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  // Two masks, one for each class: so the colors are those of the page, light or dark.
  const painted = [0, 1].flatMap((k) => {
    const id = `${panel.svg.querySelector("clipPath")?.id}-mask-${k}`;
    const href = imageOf(side, side, (place) => {
      const p = 1 / (1 + Math.exp(-Number(outputs.entries[place])));
      return Math.max(0, 2 * (k ? p : 1 - p) - 1) * 0.5;
    });
    return [
      svg("mask", { id }, svg("image", { ...box, href, preserveAspectRatio: "none" })),
      svg("rect", { ...box, style: `fill:var(--nnx-c${k})`, mask: `url(#${id})` }),
    ];
  });
  const { weights, biases } = network.layer(1);
  const lines = Array.from({ length: weights.rows }, (_, i) => {
    const [a, b, c] = [weights.at(i, 0), weights.at(i, 1), biases.at(i, 0)].map(Number);
    const size = Math.hypot(a, b) || 1, [x, y] = [-a * c / size ** 2, -b * c / size ** 2];
    const [dx, dy] = [-4 * b / size, 4 * a / size];
    return `M${panel.x.place(x - dx).toFixed(1)} ${panel.y.place(y - dy).toFixed(1)}L${
      panel.x.place(x + dx).toFixed(1)
    } ${panel.y.place(y + dy).toFixed(1)}`;
  });
  panel.below.replaceChildren(...painted, svg("path", { class: "nnx-turns", d: lines.join("") }));
  panel.above.replaceChildren(...Array.from(training.y.entries, (target, k) =>
    svg("path", {
      class: "nnx-mark",
      style: `color:var(--nnx-c${Number(target)})`,
      d: shape(Number(target)),
      transform: `translate(${panel.x.place(Number(training.x.at(0, k))).toFixed(1)} ${
        panel.y.place(Number(training.x.at(1, k))).toFixed(1)
      }) scale(.8)`,
    })));
}

/** Show the weights of the first layer as pictures: dark where they are negative, light where positive. @param {HTMLElement} place @param {Network} network @param {number} most how many */
export function showWeights(place, network, most) {
  const { weights } = network.layer(1), side = Math.sqrt(weights.columns);
  const shown = Math.min(most, weights.rows);
  while (place.children.length > shown) place.lastElementChild?.remove();
  while (place.children.length < shown) {
    place.append(html("canvas", { width: side, height: side, class: "nnx-weights" }));
  }
  [...place.children].forEach((canvas, i) => {
    const own = Array.from({ length: side * side }, (_, k) => Number(weights.at(i, k)));
    const largest = Math.max(...own.map(Math.abs)) || 1;
    paint(
      /** @type {HTMLCanvasElement} */ (canvas),
      (k) => gray((1 + own[k] / largest) / 2),
    );
  });
}

/** Return a white image with an opacity for each cell, as an address. @param {number} width @param {number} height @param {(place: number) => number} opacity */
function imageOf(width, height, opacity) {
  const canvas = html("canvas", { width, height });
  paint(canvas, (k) => [255, 255, 255, Math.round(255 * opacity(k))]);
  return canvas.toDataURL();
}
