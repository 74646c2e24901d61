/**
 * L2 and L1 penalties: a loss of two weights whose minimum is dragged about, the circle and the diamond
 * on which the penalized minimum lies, and both weights against the weight of the penalty.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./penalties/pictures.mjs").Penalty} Penalty
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { NumberField } from "../frame/fields.mjs";
import { onWidth } from "../frame/watching.mjs";
import { MOST, showGround, showPaths, solutions, SOLVERS } from "./penalties/pictures.mjs";
import { lossAt, quadratic } from "./penalties/quadratic.mjs";
import { brief, NAMES, told } from "./penalties/words.mjs";

const fields = {
  lambda: new NumberField("Weight of the penalty", {
    from: "0",
    to: String(MOST),
    step: "0.05",
    symbol: "\u03bb",
  }),
  x: new NumberField("Minimum, w\u2081", { from: "-1.5", to: "1.5", step: "0.05" }),
  y: new NumberField("Minimum, w\u2082", { from: "-1.5", to: "1.5", step: "0.05" }),
  condition: new NumberField("Condition number", {
    from: "1",
    to: "20",
    step: "1",
    symbol: "\u03ba",
  }),
  angle: new NumberField("Angle of the valley", { from: "0", to: "180", step: "5" }),
};

const LEGEND =
  "Minimized: the loss plus \u03bb(w\u2081\u00b2 + w\u2082\u00b2) with L2, and plus \u03bb(|w\u2081| + |w\u2082|) with L1. Circled cross: the minimum of the loss, to be dragged. Dot: the minimum with the penalty, where the heavy contour touches the region, and its way as \u03bb grows (dotted). Ring: where L1 makes a weight 0. \u03ba: how many times the curvature across the valley is that along it. Angle: from the w\u2081 axis to the valley, counterclockwise.";

/** @type {[Penalty, string, string][]} */
const PENALTIES = [
  ["l2", "L2: a circle", "the circle of an L2 penalty"],
  ["l1", "L1: a diamond", "the diamond of an L1 penalty"],
];

/** @param {Tools} tools */
function view({ state, set, tell }) {
  const slider = (/** @type {keyof typeof fields} */ name) =>
    new SliderInput(fields[name], (value) => set({ [name]: value }), tell);
  const settings = {
    lambda: slider("lambda"),
    x: slider("x"),
    y: slider("y"),
    condition: slider("condition"),
    angle: slider("angle"),
  };
  const columns = PENALTIES.map(([penalty, title, region]) => {
    const ground = new Panel(`Contours of the loss, and ${region}`, 1);
    const paths = new Panel(`Both weights against \u03bb, with ${penalty.toUpperCase()}`, 0.55, 30);
    ground.onDrag((x, y) => set({ x: fields.x.nearest(x), y: fields.y.nearest(y) }));
    explain(
      ground,
      (x, y) => `w = (${brief(x)}, ${brief(y)})\nloss ${brief(lossAt(lossOf(state()), [x, y]))}`,
    );
    paths.onDrag((lambda) => set({ lambda: fields.lambda.nearest(lambda) }), "x");
    explain(paths, (lambda) => {
      const w = SOLVERS[penalty](lossOf(state()), lambda);
      return [`\u03bb = ${brief(lambda)}`, ...w.map((one, i) => `${NAMES[i]} = ${brief(one)}`)]
        .join("\n");
    });
    const element = html(
      "div",
      {},
      html("p", { class: "nnx-heading" }, title),
      ground.element,
      paths.element,
    );
    return { penalty, ground, paths, element };
  });
  const words = html("p", { class: "nnx-happens" });
  const element = html(
    "div",
    { class: "nnx-penalties" },
    html("div", { class: "nnx-settings" }, settings.lambda.element),
    html("div", { class: "nnx-settings" }, settings.x.element, settings.y.element),
    html("div", { class: "nnx-settings" }, settings.condition.element, settings.angle.element),
    html("div", { class: "nnx-plots" }, ...columns.map((column) => column.element)),
    words,
    html("p", { class: "nnx-legend" }, LEGEND),
  );
  onWidth(element, () => show(state()));

  /** @param {State} now */
  function show(now) {
    for (const [name, one] of Object.entries(settings)) one.show(now[name]);
    const loss = lossOf(now), lambda = Number(now.lambda), text = told(loss, lambda);
    write(words, text);
    if (element.clientWidth) {
      const solved = solutions(loss);
      for (const { penalty, ground, paths } of columns) {
        showGround(ground, penalty, loss, lambda, solved);
        showPaths(paths, penalty, loss, lambda, solved);
      }
    }
    return text;
  }
  return { element, show };
}

/** @param {State} now */
const lossOf = (now) =>
  quadratic({
    x: Number(now.x),
    y: Number(now.y),
    condition: Number(now.condition),
    angle: Number(now.angle),
  });

register("penalties", { fields, view });
