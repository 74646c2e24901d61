/**
 * What the records of a configuration say, in words.
 *
 * @typedef {import("./runs.mjs").Facts} Facts
 * @typedef {import("./runs.mjs").Range} Range
 */
import { grouped, inWords } from "../../drawing/numbers.mjs";
import { Fraction } from "../../engine/fractions.mjs";
import { ACTIVATIONS } from "../../frame/fields.mjs";
import { BASELINE, chosenOf, endOf } from "./runs.mjs";

/** The factors, as they are called on the axes. @type {Record<string, string>} */
export const FACTORS = {
  rate: "learning rate",
  images: "training images",
  units: "hidden units",
  layers: "hidden layers",
  activation: "activation",
  solver: "solver",
  batch: "batch size",
  proportion: "batch and rate",
  momentum: "momentum",
  pace: "momentum and rate",
  schedule: "schedule",
  l1: "L1 weight",
  l2: "L2 weight",
  dropout: "dropout rate",
};

/** What else holds for the settings of a factor; a comma or "here" is followed by the rate of its own. @type {Record<string, string>} */
const APART = {
  images: "all sizes make the same number of updates, these images are seen",
  activation: "each at its best learning rate,",
  solver: "each at its best learning rate,",
  batch: "all at the learning rate 0.03; larger batches make fewer updates in the same epochs",
  proportion:
    "larger batches make fewer updates in the same epochs, at a learning rate in proportion to the batch, here",
  momentum: "all at the learning rate 0.01",
  pace:
    "with more momentum \u03b2 a smaller learning rate \u03b7, so that \u03b7/(1 \u2212 \u03b2) = 0.3 for all; \u03b7 is here",
  schedule: "all from the learning rate 0.1, to a hundredth where it falls",
};

/** Return what the curves of a factor are drawn against. @param {string} factor */
export const passingOf = (factor) => factor === "images" ? "twelfths of the training" : "epochs";

/** @param {number} value in percent */
const percent = (value) => `${value.toFixed(2)}\u00a0%`;

/** @param {Range} range */
const spread = ({ mean, low, high }) =>
  `${percent(mean)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

/** Return what network the baseline is. @param {Facts} facts */
export function baselineOf({ baseline, factors }) {
  const { hidden_layers: [units, ...deeper], activation, batch_size, epochs } = baseline;
  const [images] = factors.images.find(([, run]) => run === BASELINE) ?? [""];
  if (deeper.length) throw new Error("one hidden layer is told");
  return `Baseline: ${images} training images of MNIST, one hidden layer of ${units} ${
    ACTIVATIONS[/** @type {keyof typeof ACTIVATIONS} */ (activation)]
  } units, learning rate ${baseline.learning_rate}, momentum ${baseline.momentum}, batches of ${batch_size}, ${epochs} epochs; each row changes what it names.`;
}

/** @param {Facts} facts @param {string} factor @param {number} setting */
export function told(facts, factor, setting) {
  const { label, run } = chosenOf(facts, factor, setting), apart = APART[factor];
  const { validation, training } = endOf(facts.runs[run]), base = endOf(facts.runs[BASELINE]);
  const { rate, epochs } = facts.runs[run];
  const own = /(,|here)$/.test(apart ?? "")
    ? ` ${inWords(Fraction.of(String(rate)))}`
    : factor === "images"
    ? ` ${grouped(epochs)} times; the axis counts twelfths of the training`
    : "";
  const name = `${FACTORS[factor][0].toUpperCase()}${FACTORS[factor].slice(1)}: ${label}`;
  const start = `${name}${apart ? ` (${apart}${own})` : ""}.`;
  const errors = `Validation error in the end ${spread(validation)}, mean and range of ${
    facts.runs[run].error.length
  } seeds; training error ${spread(training)}.`;
  if (run === BASELINE) return `${start} This is the baseline. ${errors}`;
  const isApart = validation.low > base.validation.high || validation.high < base.validation.low;
  return `${start} ${errors} Baseline: ${spread(base.validation)} and ${
    spread(base.training)
  }. The ranges of the validation error ${isApart ? "do not overlap" : "overlap"}.`;
}
