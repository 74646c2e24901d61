/**
 * One step by hand: the network of exercise 2a, through which the numbers of one step of gradient
 * descent flow, one arrow at a time; below it the sheet on which they are written.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("../engine/arrays.mjs").Matrix} Matrix
 * @typedef {import("./one-step/walk.mjs").Moment} Moment
 * @typedef {import("./one-step/walk.mjs").Phase} Phase
 */
import { html, write } from "../drawing/elements.mjs";
import { formula, letter } from "../drawing/formulas.mjs";
import { ShownMatrix } from "../drawing/matrices.mjs";
import { DrawnNetwork } from "../drawing/networks.mjs";
import { Fraction, multiply, signOf } from "../engine/fractions.mjs";
import { button, ChoiceInput, MatrixInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, MatrixField, NumberField } from "../frame/fields.mjs";
import { shown } from "../drawing/numbers.mjs";
import { Clock, isStill } from "../frame/watching.mjs";
import { computed, outcome, PHASES, SIZES, walk } from "./one-step/walk.mjs";

const LAST = 45, PACE = 1200;  // moments of the walk; ms between two of them
const entry = new NumberField("number", { from: "-100", to: "100", step: "1" });

const fields = {
  eta: new NumberField("Learning rate", { from: "0", to: "1/2", step: "1/200", symbol: "\u03b7" }),
  loss: new ChoiceField("Loss", { half_sse: "\u00bd \u2211 (y\u0302 \u2212 y)\u00b2", sse: "\u2211 (y\u0302 \u2212 y)\u00b2" }),
  activation: new ChoiceField("Hidden units", {
    relu: "ReLU", leaky_relu: "leaky ReLU", identity: "identity", step: "step", sigmoid: "sigmoid", tanh: "tanh", softplus: "softplus",
  }),
  example: new ChoiceField("Example in the drawing", { 1: "1", 2: "2" }),
  at: new NumberField("Place in the calculation", { from: "0", to: String(LAST), step: "1", whole: true }),
  x: new MatrixField("inputs", 2, 2, entry),
  y: new MatrixField("targets", 1, 2, entry),
  W1: new MatrixField("weights of layer 1", 4, 2, entry),
  b1: new MatrixField("biases of layer 1", 4, 1, entry),
  W2: new MatrixField("weights of layer 2", 1, 4, entry),
  b2: new MatrixField("bias of layer 2", 1, 1, entry),
};

const LEGENDS = {
  forward: "In the units: activations; below them: the sums z. On the arrows: weights. Gray: contributes nothing.",
  backward: "In the units: error signals \u03b4; below them: the slope f\u2032. On the arrows: what goes back.",
  gradients: "In the units: error signals \u03b4. On the arrows: the gradient of each weight. Gray: 0.",
  step: "On the arrows: the weights, after the step where it has been made. Gray: unchanged.",
  check: "The network after the step: new weights, and what they make of the example.",
};

/** @param {Tools} tools */
function view(tools) {
  const { state, set, tell } = tools;
  const drawn = new DrawnNetwork("The network, with the numbers of this place in the calculation", SIZES, tools.id, (l, i, j) => (l === 1 ? inputs.W1 : inputs.W2).focus(i, j));
  const settings = {
    // The rate matters in the last part only: whoever moves it sees all of the calculation.
    eta: new SliderInput(fields.eta, (eta) => set({ eta, at: new Fraction(LAST) }), tell),
    loss: new ChoiceInput(fields.loss, (loss) => set({ loss })),
    activation: new ChoiceInput(fields.activation, (activation) => set({ activation })),
    example: new ChoiceInput(fields.example, (example) => set({ example })),
  };
  const named = (/** @type {string} */ what) => (/** @type {number} */ i, /** @type {number} */ j) => `${what}, row ${i + 1}, column ${j + 1}`;
  const matrix = (/** @type {"x" | "y" | "W1" | "b1" | "W2" | "b2"} */ name) =>
    new MatrixInput(fields[name], (value) => set({ [name]: value }), tell, named(fields[name].label));
  const inputs = { x: matrix("x"), y: matrix("y"), W1: matrix("W1"), b1: matrix("b1"), W2: matrix("W2"), b2: matrix("b2") };
  const sheet = new Sheet(inputs);

  const go = (/** @type {number} */ at) => set({ at: new Fraction(Math.min(LAST, Math.max(0, at))) });
  const at = () => Number(state().at);
  const move = (/** @type {number} */ to) => { clock.stop(); go(to); };
  const back = button("\u2039 Back", () => move(at() - 1)), next = button("Next \u203a", () => move(at() + 1));
  const start = button("Start", () => move(0)), end = button("End", () => move(LAST));
  const play = button("Play", () => (clock.wanted ? clock.stop() : (at() === LAST && go(0), clock.start())));
  const place = html("span", { class: "nnx-place" });
  /** @type {Record<string, HTMLButtonElement>} */
  const phases = Object.fromEntries(Object.entries(PHASES).map(([phase, name]) => [phase, button(name, () => move(firstOf(/** @type {Phase} */ (phase))))]));
  const controls = html("div", { class: "nnx-walk", role: "group", "aria-label": "The calculation, one arrow at a time" },
    html("div", { class: "nnx-buttons" }, start, back, next, end, isStill() ? null : play, place),
    html("div", { class: "nnx-buttons nnx-phases" }, ...Object.values(phases)));

  const rule = html("p", { class: "nnx-rule" }), numbers = html("p", { class: "nnx-numbers" });
  const happens = html("p", { class: "nnx-happens" }), legend = html("p", { class: "nnx-legend" });
  const panel = html("div", { class: "nnx-panel" }, controls, happens, rule, numbers);
  const canvas = html("div", { class: "nnx-canvas" }, drawn.element, legend);
  const element = html("div", { class: "nnx-one-step" },
    html("div", { class: "nnx-settings" }, ...Object.values(settings).map((one) => one.element)),
    html("div", { class: "nnx-stage" }, canvas, panel), sheet.element);
  const clock = new Clock(element, PACE, () => { go(at() + 1); if (at() === LAST) clock.stop(); },
    (runs) => write(play, runs ? "Pause" : "Play"));
  new ResizeObserver(() => drawn.resize(canvas.clientWidth)).observe(canvas);

  /** @type {Moment[]} */
  let moments = [];
  const firstOf = (/** @type {Phase} */ phase) => 1 + moments.findIndex((moment) => moment.phase === phase);

  /** @param {State} now */
  function show(now) {
    const found = computed(now), place_ = Number(now.at);
    moments = walk(now, found);
    const moment = place_ ? moments[place_ - 1] : null;
    const known = knownAt(moments, place_, Number(now.example) - 1);
    for (const [name, one] of [...Object.entries(settings), ...Object.entries(inputs)]) one.show(now[name]);
    draw(drawn, now, found, moment, known);
    sheet.element.dataset.example = now.example;
    sheet.show(found, moment, known);
    write(legend, LEGENDS[moment ? (moment.phase === "loss" ? "forward" : moment.phase) : "forward"]);
    rule.replaceChildren(...(moment ? [formula(...moment.rule)] : []));
    numbers.replaceChildren(...(moment ? [formula(...moment.numbers)] : []));
    write(happens, moment ? moment.words : "The network before the step: weights on the arrows, the example in the inputs. \u201cNext\u201d follows the first arrow.");
    write(place, `${place_} of ${LAST}`);
    for (const [phase, one] of Object.entries(phases)) one.setAttribute("aria-current", moment?.phase === phase ? "step" : "false");
    back.disabled = start.disabled = place_ === 0;
    next.disabled = end.disabled = place_ === LAST;
    return moment ? `${place_} of ${LAST}. ${moment.words}` : outcome(found.backward.loss, found.lossAfter);
  }
  return { element, show };
}

/** What has a column for each example, and the phase in which it is found. @type {Record<string, Phase>} */
const COLUMNS = { a1: "forward", prediction: "forward", delta2: "backward", delta1: "backward" };

/**
 * Return what is known at a place of the walk: of the example in the drawing what has been computed,
 * of the other one what whole phases have.
 *
 * @param {readonly Moment[]} moments @param {number} at @param {number} example
 */
function knownAt(moments, at, example) {
  const results = new Set(moments.slice(0, at).map((moment) => moment.result));
  const phase = at ? moments[at - 1].phase : "forward";
  const order = Object.keys(PHASES);
  const passed = (/** @type {string} */ name) => order.indexOf(phase) > order.indexOf(name) || at === LAST;
  return (/** @type {string} */ name, /** @type {number} */ i, /** @type {number} */ j) => {
    if (name.startsWith("new")) return results.has(`${name}.0.0`);
    if (name in COLUMNS && j !== example) return passed(COLUMNS[name]);
    return results.has(`${name}.${i}.${j}`);
  };
}

/** @typedef {ReturnType<typeof knownAt>} Known */
/** @typedef {ReturnType<typeof computed>} Found */

/** @param {DrawnNetwork} drawn @param {State} now @param {Found} found @param {Moment | null} moment @param {Known} known */
function draw(drawn, now, found, moment, known) {
  const k = Number(now.example) - 1, phase = moment?.phase ?? "forward";
  const { network, forward, backward, after, again, slopes } = found;
  const lit = new Set(moment?.edges), zero = (/** @type {any} */ value) => signOf(value) === 0;
  const isForward = phase === "forward" || phase === "loss";
  /** @param {number} l @param {number} i @returns {import("../drawing/networks.mjs").UnitMark} */
  const unit = (l, i) => {
    const isLit = moment?.unit === `${l}.${i}`;
    if (l === 0) return { text: shown(now.x.at(i, k)) };
    if (phase === "check") return { text: shown(again.a[l].at(i, k)), lit: isLit, kind: "forward", below: l === 1 ? `z = ${shown(again.z[1].at(i, k))}` : `y = ${shown(now.y.at(0, k))}` };
    if (isForward || phase === "step") {
      const isKnown = l === 1 ? known("a1", i, k) : known("prediction", 0, k);
      const value = forward.a[l].at(i, k);
      const below = l === 2 ? `y = ${shown(now.y.at(0, k))}` : isKnown ? `z = ${shown(forward.z[1].at(i, k))}` : "";
      return { text: isKnown ? shown(value) : "", below, lit: isLit, dim: isKnown && zero(value), kind: "forward" };
    }
    const isKnown = known(`delta${l}`, i, k), value = backward.deltas[l].at(i, k);
    const below = l === 1 && (isKnown || phase === "gradients") ? `f\u2032 = ${shown(slopes.at(i, k))}` : "";
    return { text: isKnown ? shown(value) : "", below, lit: isLit, dim: isKnown && zero(value), kind: "backward" };
  };
  /** @param {number} l @param {number} i @param {number} j @returns {import("../drawing/networks.mjs").EdgeMark} */
  const edge = (l, i, j) => {
    const isLit = lit.has(`${l}.${i}.${j}`), weight = network.layer(l).weights.at(i, j);
    const title = `Weight ${j + 1} of ${l === 2 ? "the output" : `unit ${i + 1}`}: ${shown(weight)}`;
    if (isForward) {
      const isKnown = l === 1 || known("a1", j, k);
      return { text: shown(weight), lit: isLit, dim: isKnown && zero(multiply(weight, forward.a[l - 1].at(j, k))), direction: "forward", title };
    }
    if (phase === "backward") {
      if (l === 1) return { text: "", direction: "none", dim: true, title };
      const sent = multiply(weight, backward.deltas[2].at(0, k));
      return { text: known("delta1", j, k) ? shown(sent) : "", lit: isLit, dim: zero(sent) || !known("delta1", j, k), direction: "backward", title };
    }
    if (phase === "gradients") {
      const value = backward.gradients.layer(l).weights.at(i, j), isKnown = known(`dW${l}`, i, j);
      return { text: isKnown ? shown(value) : "", lit: isLit, dim: !isKnown || zero(value), direction: "none", title };
    }
    const isNew = known(`newW${l}`, 0, 0), now_ = isNew ? after.layer(l).weights.at(i, j) : weight;
    const isDim = phase === "check" ? zero(multiply(now_, again.a[l - 1].at(j, k))) : isNew && zero(backward.gradients.layer(l).weights.at(i, j));
    return { text: shown(now_), lit: isLit, dim: isDim, direction: "forward", title };
  };
  drawn.show(unit, edge);
}

/** The sheet: what the forward and the backward pass give, and what the step makes of the parameters. */
class Sheet {
  /** @param {Record<string, MatrixInput>} inputs */
  constructor(inputs) {
    this.inputs = inputs;
    const shownMatrix = (/** @type {string} */ name, /** @type {number} */ rows, /** @type {number} */ columns) => new ShownMatrix(name, rows, columns);
    this.pass = {
      z1: shownMatrix("sums of layer 1", 4, 2), a1: shownMatrix("activations of layer 1", 4, 2),
      prediction: shownMatrix("predictions", 1, 2), delta2: shownMatrix("error signals of layer 2", 1, 2), delta1: shownMatrix("error signals of layer 1", 4, 2),
    };
    const term = (/** @type {import("../drawing/formulas.mjs").Part[]} */ symbol, /** @type {{element: HTMLElement}} */ one) =>
      html("div", { class: "nnx-term nnx-by-example" }, formula(...symbol, " ="), one.element);
    this.loss = html("output");
    this.after = html("output");
    this.predicted = shownMatrix("predictions after the step", 1, 2);
    /** @type {Record<string, HTMLElement>} */
    this.rows = {
      forward: html("div", { class: "nnx-row" }, term([letter("a", "0")], inputs.x), term([letter("z", "1")], this.pass.z1), term([letter("a", "1")], this.pass.a1),
        term([letter("y\u0302")], this.pass.prediction), term([letter("y")], inputs.y), html("div", { class: "nnx-term" }, formula(letter("L"), " ="), this.loss)),
      backward: html("div", { class: "nnx-row" }, term([letter("\u03b4", "2")], this.pass.delta2), term([letter("\u03b4", "1")], this.pass.delta1)),
    };
    /** @type {Record<string, {gradient: ShownMatrix, next: ShownMatrix}>} */
    this.steps = {};
    for (const [name, rows, columns] of /** @type {[string, number, number][]} */ ([["W1", 4, 2], ["b1", 4, 1], ["W2", 1, 4], ["b2", 1, 1]])) {
      const words = inputs[name].element.caption?.textContent ?? "";
      const gradient = shownMatrix(`gradient of the ${words}`, rows, columns), next = shownMatrix(`${words} after the step`, rows, columns);
      this.steps[name] = { gradient, next };
      const part = (/** @type {import("../drawing/formulas.mjs").Part[]} */ sign, /** @type {HTMLElement} */ element) => html("div", { class: "nnx-term" }, formula(...sign), element);
      this.rows[name] = html("div", { class: "nnx-row" },
        part([letter(name[0], name[1]), " ="], inputs[name].element),
        part(["\u2202", letter("L"), "/\u2202", letter(name[0], name[1]), " ="], gradient.element),
        part([letter(name[0], name[1]), "(", letter("t"), "=1) ="], next.element));
    }
    this.rows.check = html("div", { class: "nnx-row" },
      html("div", { class: "nnx-term" }, formula(letter("y\u0302"), "(", letter("t"), "=1) ="), this.predicted.element),
      html("div", { class: "nnx-term" }, formula(letter("L"), "(", letter("t"), "=1) ="), this.after));
    const title = (/** @type {string} */ text) => html("p", { class: "nnx-heading" }, text);
    const { forward, backward, check, ...parameters } = this.rows;
    this.element = html("div", { class: "nnx-sheet", role: "group", "aria-label": "The sheet" },
      title("Forward, one column for each example"), forward, title("Backward"), backward,
      title("The step: each parameter, its gradient, and the parameter after the step"), ...Object.values(parameters), title("After the step"), check);
  }

  /** @param {Found} found @param {Moment | null} moment @param {Known} known */
  show({ forward, backward, after, again, lossAfter }, moment, known) {
    const [name, i, j] = (moment?.result ?? "..").split(".");
    const lit = (/** @type {string} */ one) => (/** @type {number} */ row, /** @type {number} */ column) =>
      one === name && (name.startsWith("new") || (row === Number(i) && column === Number(j)));
    const knows = (/** @type {string} */ one) => (/** @type {number} */ row, /** @type {number} */ column) => known(one, row, column);
    this.pass.z1.show(forward.z[1], knows("a1"), lit("a1"));
    this.pass.a1.show(forward.a[1], knows("a1"), lit("a1"));
    this.pass.prediction.show(forward.prediction, knows("prediction"), lit("prediction"));
    this.pass.delta2.show(backward.deltas[2], knows("delta2"), lit("delta2"));
    this.pass.delta1.show(backward.deltas[1], knows("delta1"), lit("delta1"));
    for (const [parameter, { gradient, next }] of Object.entries(this.steps)) {
      const l = Number(parameter[1]), kind = parameter[0] === "W" ? "weights" : "biases";
      gradient.show(backward.gradients.layer(l)[kind], knows(`d${parameter}`), lit(`d${parameter}`));
      next.show(after.layer(l)[kind], knows(`new${parameter}`), lit(`new${parameter}`));
    }
    const used = new Set(moment?.edges);
    for (const l of [1, 2]) this.inputs[`W${l}`].light((row, column) => used.has(`${l}.${row}.${column}`));
    for (const [row, element] of Object.entries(this.rows)) element.classList.toggle("nnx-lit-row", moment?.row === row);
    this._outcome(backward.loss, again.prediction, lossAfter, known);
  }

  /** @param {any} before @param {Matrix} predicted @param {any} lossAfter @param {Known} known */
  _outcome(before, predicted, lossAfter, known) {
    write(this.loss, known("loss", 0, 0) ? shown(before) : "\u00b7");
    write(this.after, known("after", 0, 0) ? shown(lossAfter) : "\u00b7");
    this.predicted.show(predicted, () => known("after", 0, 0));
  }
}

register("one-step", { fields, view });
