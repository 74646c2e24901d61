/**
 * Gradient noise: the gradients of many batches around the full one, the weights they lead to, their error
 * against the size of the batch, and what one update does to the loss.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./gradient-noise/batches.mjs").Pair} Pair
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField } from "../frame/fields.mjs";
import { latest } from "../frame/latest.mjs";
import { Clock, isStill, onWidth } from "../frame/watching.mjs";
import {
  changes,
  clouds,
  drawn,
  expected,
  gradientsAt,
  leaving,
  lossAt,
  squaredError,
} from "./gradient-noise/batches.mjs";
import {
  showChanges,
  showErrors,
  showGradients,
  showWeights,
  stops,
} from "./gradient-noise/pictures.mjs";
import { brief, told } from "./gradient-noise/words.mjs";

const COUNT = 237, SEEDS = 9999, PAUSE = 600; // images; ms between two sizes
const RANGES = /** @type {[number, number][]} */ ([[-4, 3], [-2, 5]]);

const fields = {
  size: new NumberField("Batch size", {
    from: "1",
    to: String(COUNT),
    step: "0.2375", // ten steps, each to another whole number
    symbol: "B",
    whole: true,
    log: true,
  }),
  rate: new NumberField("Learning rate", {
    from: "0.1",
    to: "10",
    step: "0.05",
    symbol: "\u03b7",
    log: true,
  }),
  draws: new ChoiceField("Drawn", {
    without: "without replacement",
    with: "with replacement",
  }),
  x: new NumberField("Weight, w\u2081", { from: "-4", to: "3", step: "0.1" }),
  y: new NumberField("Weight, w\u2082", { from: "-2", to: "5", step: "0.1" }),
  seed: new NumberField("Seed", { from: "1", to: String(SEEDS), step: "1", whole: true }),
};

const LEGEND =
  "The network is one sigmoid unit with two weights. Dots: 400 batches; squares: those whose update raises the loss. Arrow: the full gradient, and its update. Circle: the error by the formula, s/\u221aB with replacement, and \u221a((N \u2212 B)/(N \u2212 1)) times that without; s is how far single images miss (root mean square). Gray half: gradients against the full one. Lower panels: the error at several sizes (rings: measured; lines: the formulas, with replacement dashed), and how much the updates change the loss, with their mean (solid) and the change by the full gradient (dotted); the last bar holds all larger changes; where all changes are small, the axis is narrower.";

/** @param {Tools} tools */
function view({ state, set, tell, facts }) {
  const settings = {
    size: new SliderInput(fields.size, (size) => set({ size }), tell),
    rate: new SliderInput(fields.rate, (rate) => set({ rate }), tell),
    draws: new ChoiceInput(fields.draws, (draws) => set({ draws })),
    x: new SliderInput(fields.x, (x) => set({ x }), tell),
    y: new SliderInput(fields.y, (y) => set({ y }), tell),
    seed: new SliderInput(fields.seed, (seed) => set({ seed }), tell),
  };
  const gradients = new Panel("Gradients of the batches around the full gradient", 1);
  const weights = new Panel("Contours of the loss, and the weights after one update", 1);
  const errors = new Panel("Error of the gradient against the size of the batch", 0.6);
  const losses = new Panel("How often an update changes the loss by how much", 0.6);
  weights.onDrag((x, y) => set({ x: fields.x.nearest(x), y: fields.y.nearest(y) }));
  errors.onDrag((size) => set({ size: fields.size.nearest(size) }), "x");
  explain(gradients, (x, y) => `gradient (${brief(x)}, ${brief(y)})`);
  explain(
    weights,
    (x, y) => `w = (${brief(x)}, ${brief(y)})\nloss ${brief(lossAt(facts, [x, y]))}`,
  );
  explain(errors, (x) => {
    const size = Math.min(COUNT, Math.max(1, Math.round(x)));
    const { formula, error } = of(size);
    return `B = ${size}\nmeasured ${brief(error)}\nby the formula ${brief(formula)}`;
  });
  const others = button(
    "Other batches",
    () => set({ seed: new Fraction(Number(state().seed) % SEEDS + 1) }),
  );
  const grow = button("Let the batch grow", () => {
    if (clock.wanted) return clock.stop();
    if (Number(state().size) === COUNT) set({ size: new Fraction(1) });
    return clock.start();
  });
  const words = html("p", { class: "nnx-happens" });
  const element = html(
    "div",
    { class: "nnx-noise" },
    html("div", { class: "nnx-settings" }, settings.size.element, settings.rate.element),
    html(
      "div",
      { class: "nnx-settings" },
      settings.draws.element,
      html("div", { class: "nnx-buttons nnx-walk" }, others, isStill() ? null : grow),
    ),
    html("div", { class: "nnx-settings" }, settings.x.element, settings.y.element),
    html(
      "div",
      { class: "nnx-plots" },
      gradients.element,
      weights.element,
      errors.element,
      losses.element,
    ),
    words,
    html("p", { class: "nnx-legend" }, LEGEND),
    html("details", { class: "nnx-more" }, html("summary", {}, "Seed"), settings.seed.element),
  );
  const clock = new Clock(element, PAUSE, () => {
    const next = stops(COUNT).find((size) => size > Number(state().size));
    if (next) set({ size: new Fraction(next) });
    if (!next || next === COUNT) clock.stop();
  }, (runs) => write(grow, runs ? "Stop" : "Let the batch grow"));

  // With the weights 0 each error signal has the size 1/2.
  const usual = Math.max(...facts.features.flat().map(Math.abs)) / 2;
  const batchesOf = latest((draws, seed) => drawn(COUNT, draws, seed));
  const gradientsOf = latest((w) => gradientsAt(facts, w));
  const measuredOf = latest((w, draws, seed) => {
    const { each, mean } = gradientsOf(w), sizes = stops(COUNT);
    return clouds(each, batchesOf(draws, seed), sizes).map((
      cloud,
      k,
    ) => /** @type {Pair} */ ([sizes[k], Math.sqrt(squaredError(cloud, mean))]));
  });
  const widestOf = latest((w, draws, seed, rate) => {
    const { each } = gradientsOf(w), [ones] = clouds(each, batchesOf(draws, seed), [1]);
    return changes(facts, w, rate, ones);
  });
  const now = () => {
    const { draws, ...numbers } = state();
    const [x, y, rate, seed] = ["x", "y", "rate", "seed"].map((name) => Number(numbers[name]));
    return { w: /** @type {Pair} */ ([x, y]), rate, seed, draws };
  };
  const of = (/** @type {number} */ size) => {
    const { w, draws, seed } = now(), { each, mean, spread } = gradientsOf(w);
    const [cloud] = clouds(each, batchesOf(draws, seed), [size]);
    return {
      cloud,
      error: Math.sqrt(squaredError(cloud, mean)),
      formula: Math.sqrt(expected(spread, size, COUNT, draws)),
    };
  };
  const seen = () => {
    const { w, rate, seed, draws } = now(), size = Number(state().size), found = of(size);
    const gradients = gradientsOf(w);
    return {
      w,
      rate,
      size,
      count: COUNT,
      draws,
      gradients,
      usual,
      measured: measuredOf(w, draws, seed),
      ...found,
      before: lossAt(facts, w),
      changed: changes(facts, w, rate, found.cloud),
      widest: widestOf(w, draws, seed, rate),
      full: changes(facts, w, rate, [gradients.mean])[0],
      outside: leaving(w, rate, found.cloud, RANGES),
    };
  };
  onWidth(element, () => show(state()));

  /** @param {State} state_ */
  function show(state_) {
    for (const [name, one] of Object.entries(settings)) one.show(state_[name]);
    const all = seen(), text = told(all);
    write(words, text);
    if (element.clientWidth) {
      showGradients(gradients, all);
      showWeights(weights, facts, all, RANGES);
      showErrors(errors, all);
      showChanges(losses, all);
    }
    return text;
  }
  return { element, show };
}

register("gradient-noise", { fields, view });
