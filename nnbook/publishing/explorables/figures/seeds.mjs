/**
 * What a few seeds can tell: samples of recorded runs, drawn again and again, with their intervals.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./seeds/samples.mjs").Recorded} Recorded
 * @typedef {import("./seeds/samples.mjs").Sample} Sample
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, enable, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField } from "../frame/fields.mjs";
import { Clock, isStill, onWidth } from "../frame/watching.mjs";
import { showCounts, showCoverage, SHOWN, showSamples } from "./seeds/pictures.mjs";
import { deviationOf, meanOf, samplesOf } from "./seeds/samples.mjs";
import { told, writer } from "./seeds/words.mjs";

const SAMPLES = 2000, SEEDS = 9999, PAUSE = 120; // ms between two samples
const NORMAL = 1.96;
const TALL = 2.35, LOW = 1.1, NARROW = 544; // height over width of the intervals, and px below which it is low

const fields = {
  runs: new ChoiceField("Recorded runs", {
    digits: "MNIST, accuracy",
    eckerle4: "Eckerle4, error",
  }),
  size: new NumberField("Runs in a sample (drawn with replacement)", {
    from: "2",
    to: "20",
    step: "1",
    whole: true,
  }),
  factor: new ChoiceField("Standard errors to each side", {
    student: "Student\u2019s t",
    normal: "1.96 always",
  }),
  at: new NumberField("Samples", { from: "0", to: String(SAMPLES), step: "1", whole: true }),
  seed: new NumberField("Seed", { from: "1", to: String(SEEDS), step: "1", whole: true }),
};

/** @param {Tools} tools */
function view({ state, set, tell, facts }) {
  const settings = {
    runs: new ChoiceInput(fields.runs, (runs) => set({ runs })),
    size: new SliderInput(fields.size, (size) => set({ size }), tell),
    factor: new ChoiceInput(fields.factor, (factor) => set({ factor })),
    at: new SliderInput(fields.at, (at) => set({ at }), tell),
    seed: new SliderInput(fields.seed, (seed) => set({ seed }), tell),
  };
  const ground = new Panel("The recorded runs, and the intervals of the last samples", TALL);
  const coverage = new Panel("Share of intervals that cover the mean of all runs", 0.42, 18);
  const means = new Panel("How often each mean came", 0.3);
  const sds = new Panel("How often each standard deviation came", 0.3);
  explain(ground, (_, row) => {
    const shown = samples.slice(-SHOWN), sample = shown[Math.round(row) + shown.length];
    if (!sample || row > -0.5) return "";
    const text = writer(facts.runs[state().runs]);
    return Number.isFinite(sample.low)
      ? `mean ${text(sample.mean)}, sd ${text(sample.sd)}\n${text(sample.low)} to ${
        text(sample.high)
      }`
      : `mean ${text(sample.mean)}, no interval`;
  });
  const go = (/** @type {number} */ at) => set({ at: new Fraction(Math.min(SAMPLES, at)) });
  const at = () => Number(state().at);
  const one = button("Draw one", () => {
    clock.stop();
    go(at() + 1);
  });
  const play = button("Keep drawing", () => {
    if (clock.wanted) return clock.stop();
    if (at() === SAMPLES) go(0);
    return clock.start();
  });
  const hundred = button("Draw 100", () => {
    clock.stop();
    go(at() + 100);
  });
  const others = button(
    "Other samples",
    () => set({ seed: new Fraction(Number(state().seed) % SEEDS + 1) }),
  );
  const all = html("p", { class: "nnx-legend" }), words = html("p", { class: "nnx-happens" });
  const element = html(
    "div",
    { class: "nnx-seeds" },
    html("div", { class: "nnx-settings" }, settings.runs.element, settings.factor.element),
    html("div", { class: "nnx-settings" }, settings.size.element),
    html(
      "div",
      { class: "nnx-settings nnx-walk" },
      html("div", { class: "nnx-buttons" }, one, isStill() ? null : play, hundred, others),
      settings.at.element,
    ),
    html(
      "div",
      { class: "nnx-plots" },
      ground.element,
      html("div", {}, coverage.element, means.element, sds.element),
    ),
    words,
    all,
    html("details", { class: "nnx-more" }, html("summary", {}, "Seed"), settings.seed.element),
  );
  const clock = new Clock(element, PAUSE, () => {
    go(at() + 1);
    if (at() === SAMPLES) clock.stop();
  }, (runs) => write(play, runs ? "Stop" : "Keep drawing"));

  /** @type {Sample[]} */
  let samples = [];
  onWidth(element, () => show(state()));

  /** @param {State} now */
  function show(now) {
    for (const [name, one_] of Object.entries(settings)) one_.show(now[name]);
    const size = Number(now.size);
    /** @type {Recorded} */
    const recorded = facts.runs[now.runs];
    samples = samplesOf(recorded.values, {
      size,
      factor: now.factor === "normal" ? NORMAL : facts.factors[size],
      count: Number(now.at),
      seed: Number(now.seed),
    });
    const [about, seen] = told(recorded, samples);
    write(all, about);
    write(words, seen);
    for (const step of [one, hundred]) enable(step, at() < SAMPLES);
    if (element.clientWidth) {
      const { values, label, spread } = recorded, sd = deviationOf(values);
      ground.ratio = element.clientWidth > NARROW ? TALL : LOW;
      showSamples(ground, recorded, samples);
      showCoverage(coverage, samples);
      const range = /** @type {const} */ ([Math.min(...values), Math.max(...values)]);
      showCounts(means, `mean: ${label}`, samples.map(({ mean }) => mean), meanOf(values), range);
      showCounts(
        sds,
        `standard deviation${spread && ` (${spread.trim()})`}`,
        samples.map((one_) => one_.sd),
        sd,
        [0, 2.5 * sd],
      );
    }
    return seen;
  }
  return { element, show };
}

register("seeds", { fields, view });
