/**
 * One step by hand: the network of exercise 2a, through which the numbers of one step of gradient
 * descent flow, one arrow at a time; below it the sheet on which they are written.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./one-step/walk.mjs").Moment} Moment
 * @typedef {import("./one-step/walk.mjs").Phase} Phase
 */
import { html, write } from "../drawing/elements.mjs";
import { formula } from "../drawing/formulas.mjs";
import { DrawnNetwork } from "../drawing/networks.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, enable, MatrixInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, MatrixField, NumberField } from "../frame/fields.mjs";
import { Clock, isStill } from "../frame/watching.mjs";
import { knownAt } from "./one-step/known.mjs";
import { draw } from "./one-step/network.mjs";
import { Sheet } from "./one-step/sheet.mjs";
import { computed, PHASES, SIZES, walk } from "./one-step/walk.mjs";

const LAST = 45, PACE = 1200; // moments of the walk; ms between two of them
const entry = new NumberField("number", { from: "-100", to: "100", step: "1" });

const fields = {
  eta: new NumberField("Learning rate", { from: "0", to: "1/2", step: "1/200", symbol: "\u03b7" }),
  loss: new ChoiceField("Loss", {
    half_sse: "\u00bd \u2211 (y\u0302 \u2212 y)\u00b2",
    sse: "\u2211 (y\u0302 \u2212 y)\u00b2",
  }),
  activation: new ChoiceField("Hidden units", {
    relu: "ReLU",
    leaky_relu: "leaky ReLU",
    identity: "identity",
    step: "step",
    sigmoid: "sigmoid",
    tanh: "tanh",
    softplus: "softplus",
  }),
  example: new ChoiceField("Example in the drawing", { 1: "1", 2: "2" }),
  at: new NumberField("Place in the calculation", {
    from: "0",
    to: String(LAST),
    step: "1",
    whole: true,
  }),
  x: new MatrixField("inputs", 2, 2, entry),
  y: new MatrixField("targets", 1, 2, entry),
  W1: new MatrixField("weights of layer 1", 4, 2, entry),
  b1: new MatrixField("biases of layer 1", 4, 1, entry),
  W2: new MatrixField("weights of layer 2", 1, 4, entry),
  b2: new MatrixField("bias of layer 2", 1, 1, entry),
};

const LEGENDS = {
  forward:
    "In the units: activations; below them: the sums z. On the arrows: weights. Gray: contributes nothing.",
  backward:
    "In the units: error signals \u03b4; below them: the slope f\u2032. On the arrows: what goes back.",
  gradients:
    "In the units: error signals \u03b4. On the arrows: the gradient of each weight. Gray: 0.",
  step: "On the arrows: the weights, after the step where it has been made. Gray: unchanged.",
  check: "The network after the step: new weights, and what they make of the example.",
};

const BEFORE =
  "The network before the step: weights on the arrows, the example in the inputs. \u201cNext\u201d follows the first arrow.";

/** @param {Tools} tools */
function view(tools) {
  const { state, set, tell } = tools;
  const drawn = new DrawnNetwork(
    "The network, with the numbers of this place in the calculation",
    SIZES,
    tools.id,
    (l, i, j) => (l === 1 ? inputs.W1 : inputs.W2).focus(i, j),
  );
  const settings = {
    // The rate matters in the last part only: whoever moves it sees all of the calculation.
    eta: new SliderInput(fields.eta, (eta) => set({ eta, at: new Fraction(LAST) }), tell),
    loss: new ChoiceInput(fields.loss, (loss) => set({ loss })),
    activation: new ChoiceInput(fields.activation, (activation) => set({ activation })),
    example: new ChoiceInput(fields.example, (example) => set({ example })),
  };
  const named =
    (/** @type {string} */ what) => (/** @type {number} */ i, /** @type {number} */ j) =>
      `${what}, row ${i + 1}, column ${j + 1}`;
  const matrix = (/** @type {"x" | "y" | "W1" | "b1" | "W2" | "b2"} */ name) =>
    new MatrixInput(
      fields[name],
      (value) => set({ [name]: value }),
      tell,
      named(fields[name].label),
    );
  const inputs = {
    x: matrix("x"),
    y: matrix("y"),
    W1: matrix("W1"),
    b1: matrix("b1"),
    W2: matrix("W2"),
    b2: matrix("b2"),
  };
  const sheet = new Sheet(inputs);

  const go = (/** @type {number} */ at) =>
    set({ at: new Fraction(Math.min(LAST, Math.max(0, at))) });
  const at = () => Number(state().at);
  const move = (/** @type {number} */ to) => {
    clock.stop();
    go(to);
  };
  const back = button("\u2039 Back", () => move(at() - 1)),
    next = button("Next \u203a", () => move(at() + 1));
  const start = button("Start", () => move(0)), end = button("End", () => move(LAST));
  const play = button(
    "Play",
    () => (clock.wanted ? clock.stop() : (at() === LAST && go(0), clock.start())),
  );
  const place = html("span", { class: "nnx-place" });
  /** @type {Record<string, HTMLButtonElement>} */
  const phases = Object.fromEntries(
    Object.entries(PHASES).map(([phase, name]) => [
      phase,
      button(name, () => move(firstOf(/** @type {Phase} */ (phase)))),
    ]),
  );
  const controls = html(
    "div",
    { class: "nnx-walk", role: "group", "aria-label": "The calculation, one arrow at a time" },
    html("div", { class: "nnx-buttons" }, start, back, next, end, isStill() ? null : play, place),
    html("div", { class: "nnx-buttons nnx-phases" }, ...Object.values(phases)),
  );

  const rule = html("p", { class: "nnx-rule" }), numbers = html("p", { class: "nnx-numbers" });
  const happens = html("p", { class: "nnx-happens" }), legend = html("p", { class: "nnx-legend" });
  const panel = html("div", { class: "nnx-panel" }, controls, happens, rule, numbers);
  const canvas = html("div", { class: "nnx-canvas" }, drawn.element, legend);
  const element = html(
    "div",
    { class: "nnx-one-step" },
    html("div", { class: "nnx-settings" }, ...Object.values(settings).map((one) => one.element)),
    html("div", { class: "nnx-stage" }, canvas, panel),
    sheet.element,
  );
  const clock = new Clock(element, PACE, () => {
    go(at() + 1);
    if (at() === LAST) clock.stop();
  }, (runs) => write(play, runs ? "Pause" : "Play"));
  new ResizeObserver(() => drawn.resize(canvas.clientWidth)).observe(canvas);

  /** @type {Moment[]} */
  let moments = [];
  const firstOf = (/** @type {Phase} */ phase) =>
    1 + moments.findIndex((moment) => moment.phase === phase);

  /** @param {State} now */
  function show(now) {
    const found = computed(now), place_ = Number(now.at);
    moments = walk(now, found);
    const moment = place_ ? moments[place_ - 1] : null;
    const known = knownAt(moments, place_, Number(now.example) - 1);
    for (const [name, one] of [...Object.entries(settings), ...Object.entries(inputs)]) {
      one.show(now[name]);
    }
    draw(drawn, now, found, moment, known);
    sheet.element.dataset.example = now.example;
    sheet.show(found, moment, known);
    write(
      legend,
      LEGENDS[moment ? (moment.phase === "loss" ? "forward" : moment.phase) : "forward"],
    );
    rule.replaceChildren(...(moment ? [formula(...moment.rule)] : []));
    numbers.replaceChildren(...(moment ? [formula(...moment.numbers)] : []));
    const words = moment ? moment.words : BEFORE;
    write(happens, words);
    write(place, `${place_} of ${LAST}`);
    for (const [phase, one] of Object.entries(phases)) {
      one.setAttribute("aria-current", moment?.phase === phase ? "step" : "false");
    }
    for (const one of [back, start]) enable(one, place_ > 0);
    for (const one of [next, end]) enable(one, place_ < LAST);
    return `${place_} of ${LAST}. ${words}`;
  }
  return { element, show };
}

register("one-step", { fields, view });
