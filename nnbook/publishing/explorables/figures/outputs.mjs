/**
 * Outputs and losses: from the logit to the prediction, to the loss, and back to the error signal.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./outputs/pairs.mjs").Setting} Setting
 * @typedef {import("./outputs/pairs.mjs").Found} Found
 */
import { Panel } from "../drawing/axes.mjs";
import { html, svg, write } from "../drawing/elements.mjs";
import { line } from "../drawing/lines.mjs";
import { decimal } from "../drawing/numbers.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, enable, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField } from "../frame/fields.mjs";
import { onWidth } from "../frame/watching.mjs";
import { likelihoodRatio, passed, RIGHT, walk } from "./outputs/pairs.mjs";
import { told } from "./outputs/words.mjs";

const POINTS = 321, HIGHEST = 6; // the largest loss that the panels show

const fields = {
  output: new ChoiceField("Output", {
    identity: "linear",
    sigmoid: "sigmoid",
    softmax: "softmax, others 0",
  }),
  loss: new ChoiceField("Loss", {
    half_sse: "half squared error (normal)",
    mae: "absolute error (Laplace)",
    cross_entropy: "cross-entropy (classes)",
  }),
  z: new NumberField("Logit z", { from: "-40", to: "40", step: "0.1" }),
  y: new NumberField("Target y", { from: "0", to: "1", step: "0.05" }),
};

/**
 * The panels: what is drawn, and against what.
 *
 * @typedef {{name: string, of: (found: Found) => number}} Curve solid the first one of a panel, dashed the second
 * @type {{across: string, curves: Curve[]}[]}
 */
const PANELS = [
  { across: "logit z", curves: [{ name: "prediction", of: (found) => found.prediction }] },
  {
    across: "prediction",
    curves: [
      { name: "loss", of: (found) => found.loss },
      { name: "likelihood ratio", of: likelihoodRatio },
    ],
  },
  { across: "logit z", curves: [{ name: "loss", of: (found) => found.loss }] },
  {
    across: "logit z",
    curves: [
      { name: "error signal \u03b4", of: (found) => found.signal },
      { name: "difference", of: (found) => found.difference },
    ],
  },
];

/** @param {Tools} tools */
function view({ state, set, tell }) {
  const settings = {
    output: new ChoiceInput(fields.output, (output) => set({ output })),
    loss: new ChoiceInput(fields.loss, (loss) => set({ loss })),
    z: new SliderInput(fields.z, (z) => set({ z }), tell),
    y: new SliderInput(fields.y, (y) => set({ y }), tell),
  };
  const panels = PANELS.map(({ across, curves }) => {
    const names = curves.map(({ name }) => name).join(" and ");
    const panel = new Panel(`${names} against the ${across}`, 0.6);
    const isByLogit = across === "logit z";
    if (isByLogit) panel.onDrag((z) => set({ z: fields.z.nearest(z) }), "x");
    explain(panel, (x) => isByLogit ? valuesAt(curves, { ...settingOf(state()), z: x }) : "");
    return panel;
  });
  const words = html("p", { class: "nnx-happens" });
  const buttons = [1, 100].map((count) =>
    button(count === 1 ? "Step" : `${count} steps`, () => {
      const made = walk(settingOf(state()), count);
      const z = fields.z.within(Fraction.of(made.z.toFixed(6)));
      steps += made.count;
      at = placeOf({ ...state(), z });
      set({ z });
    })
  );
  let steps = 0, at = ""; // since the last change by hand, and where they have led
  const element = html(
    "div",
    { class: "nnx-outputs" },
    html("div", { class: "nnx-settings" }, settings.output.element, settings.loss.element),
    html("div", { class: "nnx-settings" }, settings.z.element, settings.y.element),
    html("div", { class: "nnx-plots" }, ...panels.map((panel) => panel.element)),
    words,
    html(
      "p",
      { class: "nnx-legend" },
      `Error signal \u03b4: the slope of the loss against the logit z. Solid: the curve named first at the axis; dashed: the second. Difference: prediction minus target. Likelihood ratio: exp(least loss \u2212 loss), how probable the target is, compared with the best prediction. A ring at the edge of a panel stands for a value beyond it. A step goes against the error signal, with learning rate 1; an output within ${RIGHT} of its target counts as right, and 100 steps end there. A softmax has two more outputs, whose logits stay at 0.`,
    ),
    html("div", { class: "nnx-settings nnx-walk" }, ...buttons),
  );
  onWidth(element, () => show(state()));

  /** @param {State} now */
  function show(now) {
    for (const [name, one] of Object.entries(settings)) one.show(now[name]);
    const setting = settingOf(now), found = passed(setting);
    for (const one of buttons) enable(one, !Number.isNaN(found.signal));
    if (placeOf(now) !== at) steps = 0;
    at = placeOf(now);
    const text = told(setting, found, steps);
    write(words, text);
    if (element.clientWidth) {
      PANELS.forEach((what, k) => draw(panels[k], what, setting));
    }
    return text;
  }
  return { element, show };
}

/** @param {Curve[]} curves @param {Setting} setting */
function valuesAt(curves, setting) {
  const found = passed(setting);
  const values = curves.map(({ name, of }) =>
    `${name}: ${Number.isFinite(of(found)) ? decimal(of(found)) : "not defined"}`
  );
  return [`z = ${decimal(Number(setting.z.toPrecision(3)))}`, ...values].join("\n");
}

/** @param {Panel} panel @param {typeof PANELS[number]} what @param {Setting} setting */
function draw(panel, { across, curves }, setting) {
  const reach = Math.abs(setting.z) > 8 ? 40 : 8;
  const isByLogit = across === "logit z", isLinear = setting.output === "identity";
  const found = Array.from({ length: POINTS }, (_, k) => {
    const z = reach * (2 * k / (POINTS - 1) - 1);
    return { z, ...passed({ ...setting, z }) };
  });
  const here = { z: setting.z, ...passed(setting) };
  const x = (/** @type {Found & {z: number}} */ one) => isByLogit ? one.z : one.prediction;
  const pointsOf = (/** @type {Curve} */ { of }) =>
    found.map((one) => /** @type {[number, number]} */ ([x(one), of(one)]))
      .filter(([, value]) => Number.isFinite(value));
  const lines = curves.map(pointsOf);
  panel.draw({ values: isByLogit || isLinear ? [-reach, reach] : [0, 1], label: across }, {
    values: boundsOf(
      lines.flat().map(([, value]) => value),
      curves[0].name === "loss" ? HIGHEST : reach,
    ),
    label: curves.map(({ name }) => name).join(" | "),
  });
  const value = curves[0].of(here);
  panel.above.replaceChildren(...lines.map((points, k) => line(panel, points, k)).reverse());
  // The ring is not cut off at the edges, as the curves are.
  panel.labels.replaceChildren(
    svg("circle", {
      class: "nnx-point",
      visibility: Number.isFinite(value) ? "visible" : "hidden",
      r: 6,
      cx: within(panel.x.places, panel.x.place(x(here))),
      cy: within(panel.y.places, panel.y.place(Number.isFinite(value) ? value : 0)),
    }),
  );
}

/** Return round bounds with some room; what is very high is cut off. @param {number[]} values @param {number} most @returns {[number, number]} */
function boundsOf(values, most) {
  const low = Math.max(-most, Math.min(0, ...values)),
    high = Math.min(most, Math.max(...values, 0.5));
  const room = 0.06 * (high - low);
  return [low - room, high + room];
}

/** Return the place nearest to another between two bounds. @param {readonly [number, number]} bounds @param {number} place */
const within = ([a, b], place) => Math.min(Math.max(a, b), Math.max(Math.min(a, b), place));

/** @param {State} now */
const placeOf = (now) => JSON.stringify(settingOf(now));

/** @param {State} now @returns {Setting} */
const settingOf = (now) => ({
  output: now.output,
  loss: now.loss,
  z: Number(now.z),
  y: Number(now.y),
});

register("outputs", { fields, view });
