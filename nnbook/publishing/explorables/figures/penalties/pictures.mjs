/**
 * The pictures: the loss with the region that a penalty stands for, and both weights against lambda.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./quadratic.mjs").Quadratic} Quadratic
 * @typedef {import("./quadratic.mjs").Pair} Pair
 * @typedef {"l1" | "l2"} Penalty
 * @typedef {[number, Pair][]} Path
 * @typedef {{ l1: Path, l2: Path, kinks: number[][] }} Solutions for many lambdas, by penalty; and those where L1 makes each weight zero or frees it
 */
import { color, dash, shape } from "../../drawing/colors.mjs";
import { svg } from "../../drawing/elements.mjs";
import { endLabels, pathOf } from "../../drawing/lines.mjs";
import { ellipse, lasso, lossAt, ridge, zeros } from "./quadratic.mjs";
import { NAMES, radius } from "./words.mjs";

export const MOST = 4; // of lambda, that the panels show
const FARTHEST = 1.8; // of a weight
const LEVELS = Array.from({ length: 9 }, (_, k) => (0.25 * (k + 1)) ** 2);
const STEPS = 200; // of the curves

/** What minimizes the loss with each penalty. */
export const SOLVERS = { l1: lasso, l2: ridge };

/** Solve the loss with both penalties for many lambdas, the kinks of L1 among them. @param {Quadratic} loss @returns {Solutions} */
export function solutions(loss) {
  const kinks = zeros(loss).map((spans) => spans.flat().filter((one) => one > 0 && one < Infinity));
  const lambdas = Array.from({ length: STEPS + 1 }, (_, k) => MOST * k / STEPS);
  const path = (/** @type {Penalty} */ penalty, /** @type {number[]} */ at) =>
    at.map((lambda) => /** @type {[number, Pair]} */ ([lambda, SOLVERS[penalty](loss, lambda)]));
  const bends = kinks.flat().filter((one) => one < MOST);
  return {
    l1: path("l1", [...lambdas, ...bends].sort((a, b) => a - b)),
    l2: path("l2", lambdas),
    kinks,
  };
}

/** Draw contours, the region, the minimum of the loss and that with the penalty. @param {Panel} panel @param {Penalty} penalty @param {Quadratic} loss @param {number} lambda @param {Solutions} solved */
export function showGround(panel, penalty, loss, lambda, solved) {
  const axis = (/** @type {number} */ i) => /** @type {const} */ ({
    values: [-FARTHEST, FARTHEST],
    label: NAMES[i],
  });
  panel.draw(axis(0), axis(1));
  const solve = SOLVERS[penalty], w = solve(loss, lambda), touched = lossAt(loss, w);
  const place = (/** @type {Pair} */ [x, y]) =>
    `translate(${panel.x.place(x).toFixed(1)} ${panel.y.place(y).toFixed(1)})`;
  const curve = (/** @type {string} */ name, /** @type {Pair[]} */ points) =>
    svg("path", { class: name, d: pathOf(panel, points) });
  panel.below.replaceChildren(
    ...LEVELS.map((level) => curve("nnx-contour", ellipse(loss, level))),
    curve("nnx-region", rim(penalty, radius[penalty](w))),
    curve("nnx-zero", [[-FARTHEST, 0], [FARTHEST, 0]]),
    curve("nnx-zero", [[0, -FARTHEST], [0, FARTHEST]]),
  );
  panel.above.replaceChildren(
    curve("nnx-touching", ellipse(loss, touched)),
    curve("nnx-guess", solved[penalty].map(([, w]) => w)),
    svg("circle", { class: "nnx-point", r: 9, transform: place(loss.star) }),
    svg("path", { class: "nnx-minimum", d: "M-5 0h10m-5 -5v10", transform: place(loss.star) }),
    svg("path", { class: "nnx-best", d: shape(0), transform: `${place(w)} scale(1.4)` }),
  );
}

/** The rim of a circle or a diamond. @param {Penalty} penalty @param {number} r @returns {Pair[]} */
function rim(penalty, r) {
  if (penalty === "l1") return [[r, 0], [0, r], [-r, 0], [0, -r], [r, 0]];
  return Array.from({ length: 121 }, (_, k) => {
    const angle = k * Math.PI / 60;
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
}

/** Draw both weights against lambda; where L1 makes one zero is marked. @param {Panel} panel @param {Penalty} penalty @param {Quadratic} loss @param {number} lambda @param {Solutions} solved */
export function showPaths(panel, penalty, loss, lambda, solved) {
  const here = SOLVERS[penalty](loss, lambda);
  // Both penalties on the same axis, so that they can be compared.
  const all = [...solved.l1, ...solved.l2].flatMap(([, w]) => w);
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  const room = 0.08 * Math.max(0.2, high - low);
  panel.draw({ values: [0, MOST], label: "weight of the penalty, \u03bb" }, {
    values: [low - room, high + room],
    label: "weights",
    ticks: 4,
  });
  const at = (/** @type {number} */ x, /** @type {number} */ y) =>
    `translate(${panel.x.place(x).toFixed(1)} ${panel.y.place(y).toFixed(1)})`;
  const [bottom, top] = panel.y.places;
  panel.below.replaceChildren(
    svg("path", { class: "nnx-zero", d: pathOf(panel, [[0, 0], [MOST, 0]]) }),
    svg("path", { class: "nnx-guess", d: `M${panel.x.place(lambda)} ${bottom}V${top}` }),
  );
  const kinks = penalty === "l1" ? solved.kinks : [[], []];
  panel.above.replaceChildren(
    ...here.map((value, i) =>
      svg(
        "g",
        { style: `color:${color(i)}` },
        svg("path", {
          class: "nnx-line",
          d: pathOf(panel, solved[penalty].map(([x, w]) => [x, w[i]])),
          "stroke-dasharray": dash(i),
        }),
        ...kinks[i].map((x) => svg("circle", { class: "nnx-kink", r: 4.5, transform: at(x, 0) })),
        svg("path", { class: "nnx-mark", d: shape(i), transform: at(lambda, value) }),
      )
    ),
  );
  panel.labels.replaceChildren(
    ...endLabels(
      panel,
      here.map((value, i) => ({ text: NAMES[i], end: [lambda, value], k: i })),
    ),
  );
}
