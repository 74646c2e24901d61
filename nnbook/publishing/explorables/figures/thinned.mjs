/**
 * Dropout: masks on a small trained network, and the mean of the thinned networks forming beside the
 * single prediction of the whole one.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./thinned/ensemble.mjs").Setting} Setting
 * @typedef {import("./thinned/ensemble.mjs").Means} Means
 */
import { across, Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { DrawnNetwork } from "../drawing/networks.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, enable, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField } from "../frame/fields.mjs";
import { latest } from "../frame/latest.mjs";
import { Clock, isStill, onWidth } from "../frame/watching.mjs";
import {
  keptBy,
  logitsOf,
  meansOf,
  networkOf,
  passed,
  predictionsOf,
  runningOf,
  Sample,
  sizesOf,
  wholeOf,
} from "./thinned/ensemble.mjs";
import { GRID, isOutside, showMeans, showNetwork, showPredictions } from "./thinned/pictures.mjs";
import { brief, told } from "./thinned/words.mjs";

const MASKS = 500, SEEDS = 9999, PAUSE = 150; // ms between two masks
const UNITS = { radius: 20, apart: 47 }; // px
const LABELS = 112; // px, beside the means
const TALL = 1.15, LOW = 0.75, NARROW = 544; // height over width of the predictions, and px below which it is low

const fields = {
  problem: new ChoiceField("Network for", {
    eckerle4: "Eckerle4, linear output",
    iris: "irises, sigmoid output",
  }),
  layers: new ChoiceField("Hidden layers", { one: "one", two: "two" }),
  trained: new ChoiceField("Trained", { without: "without dropout", with: "with dropout" }),
  rate: new NumberField("Dropout rate", { from: "0", to: "0.8", step: "0.05", symbol: "p" }),
  x: new NumberField("Input x", { from: "0", to: "1", step: "0.01" }),
  at: new NumberField("Masks", { from: "0", to: String(MASKS), step: "1", whole: true }),
  seed: new NumberField("Seed", { from: "1", to: String(SEEDS), step: "1", whole: true }),
};

const LEGEND =
  "Weight scaling: all units take part, each 1 \u2212 p times as strongly as where a mask keeps it. Normalized geometric mean: the sigmoid of the mean logit. p: of the masks here, whatever it was in training. Predictions: small circles are the data, thin lines the last thinned networks, the thicker one among them the newest. Means: level lines are weight scaling and, dotted, the means over all masks; the others are running means. The numbers in the network are what its units pass on at x.";

/** @param {Tools} tools */
function view({ id, state, set, tell, facts }) {
  const settings = {
    problem: new ChoiceInput(fields.problem, (problem) => set({ problem })),
    layers: new ChoiceInput(fields.layers, (layers) => set({ layers })),
    trained: new ChoiceInput(fields.trained, (trained) => set({ trained })),
    rate: new SliderInput(fields.rate, (rate) => set({ rate }), tell),
    x: new SliderInput(fields.x, (x) => set({ x }), tell),
    at: new SliderInput(fields.at, (at) => set({ at }), tell),
    seed: new SliderInput(fields.seed, (seed) => set({ seed }), tell),
  };
  /** @type {Record<string, DrawnNetwork>} */
  const drawings = Object.fromEntries(
    Object.keys(fields.layers.options).map((layers) => {
      const { network } = settingOf({ problem: "iris", layers, trained: "with", rate: 0 }, facts);
      const drawing = new DrawnNetwork(
        "The network: kept units with what they pass on, dropped ones crossed out",
        [1, ...sizesOf(network), 1],
        `${id}-${layers}`,
        () => {},
        UNITS,
      );
      return [layers, drawing];
    }),
  );
  const canvas = html(
    "div",
    { class: "nnx-canvas" },
    ...Object.values(drawings).map(({ element }) => element),
  );
  const curves = new Panel("Predictions against the input", TALL);
  const means = new Panel("Running means at x against masks", 0.36, LABELS);
  curves.onDrag((x) => set({ x: fields.x.nearest(x) }), "x");
  explain(curves, (x) => {
    const setting = settingOf(state(), facts), at = Number(fields.x.nearest(x));
    const [scaled] = scaledAt(setting, [at]), { arithmetic } = meansOf(setting, [at]);
    return `x = ${brief(at)}\nweight scaling ${brief(scaled)}\nmean over all masks ${
      brief(arithmetic[0])
    }`;
  });
  const at = () => Number(state().at);
  const go = (/** @type {number} */ count) => set({ at: new Fraction(Math.min(MASKS, count)) });
  const steps = [1, 100].map((step) =>
    button(step === 1 ? "Draw one" : `Draw ${step}`, () => {
      clock.stop();
      go(at() + step);
    })
  );
  const play = button("Keep drawing", () => {
    if (clock.wanted) return clock.stop();
    if (at() === MASKS) go(0);
    return clock.start();
  });
  const words = html("p", { class: "nnx-happens" });
  const element = html(
    "div",
    { class: "nnx-thinned" },
    html(
      "div",
      { class: "nnx-settings" },
      settings.problem.element,
      settings.layers.element,
      settings.trained.element,
    ),
    html("div", { class: "nnx-settings" }, settings.rate.element, settings.x.element),
    html(
      "div",
      { class: "nnx-settings nnx-walk" },
      html("div", { class: "nnx-buttons" }, steps[0], isStill() ? null : play, steps[1]),
      settings.at.element,
    ),
    html("div", { class: "nnx-plots" }, canvas, curves.element, across(means)),
    words,
    html("p", { class: "nnx-legend" }, `${LEGEND} Irises: ${facts.source}.`),
    html("details", { class: "nnx-more" }, html("summary", {}, "Seed"), settings.seed.element),
  );
  const clock = new Clock(element, PAUSE, () => {
    go(at() + 1);
    if (at() === MASKS) clock.stop();
  }, (runs) => write(play, runs ? "Stop" : "Keep drawing"));

  /** What stays while masks are drawn and the input moves. */
  const drawnFrom = latest((/** @type {State} */ chosen, /** @type {number} */ seed) => {
    const setting = settingOf(chosen, facts), data = facts.data[chosen.problem];
    return {
      sample: new Sample(setting, GRID, seed),
      all: meansOf(setting, GRID),
      scaled: scaledAt(setting, GRID),
      miss: distance(scaledAt(setting, data.x), data.y),
    };
  });
  onWidth(element, () => show(state()));

  /** @param {State} now */
  function show(now) {
    for (const [name, one] of Object.entries(settings)) one.show(now[name]);
    const setting = settingOf(now, facts), { network, output, rate } = setting;
    const x = Number(now.x), count = Number(now.at);
    const { problem, layers, trained } = now;
    const { sample, all, scaled, miss } = drawnFrom(
      { problem, layers, trained, rate },
      Number(now.seed),
    );
    sample.drawTo(count);
    const masks = sample.masks.slice(0, count), drawn = sample.curves.slice(0, count);
    const logits = masks.map((mask) => logitsOf(setting, mask, [x])[0]);
    const predictions = predictionsOf(output, logits), running = runningOf(output, logits);
    const [here] = scaledAt(setting, [x]);
    const { arithmetic, geometric, deviation } = meansOf(setting, [x]);
    const allHere = { arithmetic: arithmetic[0], geometric: geometric[0] };
    const last = masks[count - 1] ?? wholeOf(network);
    const text = told({
      layers: sizesOf(network).length,
      output,
      units: sizesOf(network).reduce((a, b) => a + b),
      rate,
      x,
      drawn: count,
      kept: keptBy(last),
      prediction: predictions[count - 1] ?? here,
      isOutside: count > 0 && isOutside(now.problem, predictions[count - 1]),
      running: {
        arithmetic: running.arithmetic[count - 1] ?? 0,
        geometric: running.geometric[count - 1] ?? 0,
      },
      all: { ...allHere, deviation: deviation[0] },
      scaled: here,
      gaps: {
        arithmetic: largestGap(all.arithmetic, scaled),
        geometric: largestGap(all.geometric, scaled),
      },
      miss,
    });
    write(words, text);
    for (const one of steps) enable(one, count < MASKS);
    for (const [layers, { element: shown }] of Object.entries(drawings)) {
      shown.toggleAttribute("hidden", layers !== now.layers);
    }
    if (element.clientWidth) {
      const drawing = drawings[now.layers];
      drawing.resize(canvas.clientWidth);
      curves.ratio = element.clientWidth > NARROW ? TALL : LOW;
      showNetwork(drawing, network, passed(setting, last, [x]), last);
      const mean = GRID.map((_, k) => drawn.reduce((sum, one) => sum + one[k], 0) / count);
      const lines = { scaled, mean };
      showPredictions(
        curves,
        now.problem,
        facts.data[now.problem],
        drawn,
        lines,
        x,
        predictions[count - 1] ?? here,
      );
      showMeans(means, running, allHere, here, output === "sigmoid");
    }
    return text;
  }
  return { element, show };
}

/** Return the predictions with dropout off. @param {Setting} setting @param {readonly number[]} x */
const scaledAt = (setting, x) =>
  predictionsOf(setting.output, logitsOf(setting, wholeOf(setting.network), x));

/** @param {readonly number[]} a @param {readonly number[]} b */
const largestGap = (a, b) => Math.max(...a.map((value, k) => Math.abs(value - b[k])));

/** The root of the mean square of the differences. @param {readonly number[]} a @param {readonly number[]} b */
const distance = (a, b) =>
  Math.sqrt(a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0) / a.length);

/** @param {State} now @param {any} facts @returns {Setting} */
const settingOf = ({ problem, layers, trained, rate }, facts) => ({
  network: networkOf(facts.networks[[problem, layers, trained].join(" ")]),
  output: problem === "iris" ? "sigmoid" : "identity",
  rate: Number(rate),
});

register("thinned", { fields, view });
