/**
 * Loss functions and their gradients with respect to the predictions.
 *
 * The mirror of `nnbook.theory.losses`: predictions and targets have one row per output and one
 * column per example. Squared and absolute errors keep fractions exact.
 *
 * @typedef {import("./fractions.mjs").Entry} Entry
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 */
import { sigmoid, softmax, softplus } from "./activations.mjs";
import {
  asFloats,
  asNumbers,
  columnSums,
  dividedBy,
  filled,
  map,
  minus,
  negative,
  plus,
  product,
  scaled,
  sign,
  sum,
  times,
  timesLog,
  transposed,
} from "./arrays.mjs";
import { divide, like } from "./fractions.mjs";

/** A loss: its value for a batch, and its gradient with respect to the predictions. */
export class Loss {
  /**
   * @param {string} name
   * @param {(p: Matrix, y: Matrix) => Entry} value
   * @param {(p: Matrix, y: Matrix) => Matrix} gradient
   */
  constructor(name, value, gradient) {
    /** @readonly */
    this.name = name;
    this._value = value;
    this._gradient = gradient;
  }

  /** @param {Matrix} predictions @param {Matrix} targets @returns {Entry} */
  of(predictions, targets) {
    return this._value(predictions, targets);
  }

  /** @param {Matrix} predictions @param {Matrix} targets @returns {Matrix} */
  gradient(predictions, targets) {
    return this._gradient(predictions, targets);
  }
}

/** @param {Matrix} p @param {Matrix} y */
const squares = (p, y) => times(minus(p, y), minus(p, y));

/** @param {Matrix} a */
const size = (a) => like(a.rows * a.columns, a.at(0, 0));

/** @param {Matrix} a */
const examples = (a) => like(a.columns, a.at(0, 0));

/** @param {Matrix} a @param {Entry} c */
const dividedAll = (a, c) => map((entry) => divide(entry, c), a);

/** @param {Matrix} y @returns {Matrix} */
const opposite = (y) => map((entry) => 1 - entry, asFloats(y));

/** The logarithm of the sum of the exponentials of each column, in all rows. @param {Matrix} z @returns {Matrix} */
function logSumExp(z) {
  const columns = transposed(asFloats(z)).toRows().map((column) => column.map(Number));
  const row = columns.map((column) => {
    const largest = Math.max(...column);
    return largest +
      Math.log(column.reduce((total, entry) => total + Math.exp(entry - largest), 0));
  });
  return asNumbers(Array.from({ length: z.rows }, () => row));
}

export const sse = new Loss(
  "sse",
  (p, y) => sum(squares(p, y)),
  (p, y) => scaled(like(2, p.at(0, 0)), minus(p, y)),
);

export const halfSse = new Loss(
  "half_sse",
  (p, y) => divide(sum(squares(p, y)), like(2, p.at(0, 0))),
  minus,
);

export const mse = new Loss(
  "mse",
  (p, y) => divide(sum(squares(p, y)), size(p)),
  (p, y) => dividedAll(scaled(like(2, p.at(0, 0)), minus(p, y)), size(p)),
);

export const mae = new Loss(
  "mae",
  (p, y) => divide(sum(times(sign(minus(p, y)), minus(p, y))), size(p)),
  (p, y) => dividedAll(sign(minus(p, y)), size(p)),
);

export const binaryCrossEntropy = new Loss(
  "binary_cross_entropy",
  (p, y) =>
    -Number(sum(plus(map(timesLog, y, p), map(timesLog, opposite(y), opposite(p))))) /
    Number(size(p)),
  (p, y) =>
    dividedAll(
      minus(map(dividedBy, opposite(y), opposite(p)), map(dividedBy, y, p)),
      Number(size(p)),
    ),
);

export const binaryCrossEntropyOnLogits = new Loss(
  "binary_cross_entropy_on_logits",
  (p, y) =>
    Number(sum(plus(times(y, softplus.of(negative(p))), times(opposite(y), softplus.of(p))))) /
    Number(size(p)),
  (p, y) => dividedAll(minus(sigmoid.of(p), y), Number(size(p))),
);

export const categoricalCrossEntropy = new Loss(
  "categorical_cross_entropy",
  (p, y) => -Number(sum(map(timesLog, y, p))) / Number(examples(p)),
  (p, y) => negative(dividedAll(map(dividedBy, y, p), Number(examples(p)))),
);

export const categoricalCrossEntropyOnLogits = new Loss(
  "categorical_cross_entropy_on_logits",
  (p, y) => Number(sum(times(y, minus(logSumExp(p), p)))) / Number(examples(p)),
  (p, y) =>
    dividedAll(
      minus(times(softmax.of(p), product(filled(p.rows, 1, 1), columnSums(y))), y),
      Number(examples(p)),
    ),
);

/** Targets are a row of class indices. */
export const negativeLogLikelihood = new Loss(
  "negative_log_likelihood",
  (p, y) => categoricalCrossEntropy.of(p, oneHot(y, p.rows)),
  (p, y) => categoricalCrossEntropy.gradient(p, oneHot(y, p.rows)),
);

/** Return a row of class indices as one-hot columns. @param {Matrix} classes @param {number} count */
export function oneHot(classes, count) {
  const indices = classes.toRows()[0].map(Number);
  return asNumbers(
    Array.from({ length: count }, (_, i) => indices.map((index) => Number(index === i))),
  );
}

/** @type {Record<string, Loss>} */
export const LOSSES = Object.fromEntries(
  [
    sse,
    halfSse,
    mse,
    mae,
    binaryCrossEntropy,
    binaryCrossEntropyOnLogits,
    categoricalCrossEntropy,
    categoricalCrossEntropyOnLogits,
    negativeLogLikelihood,
  ].map((one) => [one.name, one]),
);

/** @param {string | Loss} name @returns {Loss} */
export function getLoss(name) {
  if (name instanceof Loss) return name;
  if (!Object.hasOwn(LOSSES, name)) {
    throw new RangeError(
      `unknown loss "${name}": expected one of ${Object.keys(LOSSES).join(", ")}`,
    );
  }
  return LOSSES[name];
}
