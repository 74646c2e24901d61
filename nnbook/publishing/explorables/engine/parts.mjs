/**
 * The part of a network that has weights; activations, dropout and normalization are parts, too.
 *
 * The mirror of `nnbook.theory.parts`. A part has forward, pullBack, gradients, map and arrays.
 *
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 * @typedef {import("./activations.mjs").Activation} Activation
 * @typedef {import("./dropout.mjs").Dropout} Dropout
 * @typedef {import("./normalization.mjs").BatchNorm} BatchNorm
 * @typedef {import("./normalization.mjs").LayerNorm} LayerNorm
 * @typedef {Dense | Activation | Dropout | BatchNorm | LayerNorm} Part
 * @typedef {boolean | import("./random.mjs").Random} Training whether a pass is one of training: no, yes, or yes with this source of randomness
 */
import { plusColumn, product, rowSums, transposed } from "./arrays.mjs";

/** The weighted sums of a layer: z = W a + b, with one row of W for each unit. */
export class Dense {
  /** @param {Matrix} weights @param {Matrix} biases a column */
  constructor(weights, biases) {
    if (biases.rows !== weights.rows || biases.columns !== 1) {
      throw new RangeError(
        `a layer: expected biases of shape ${weights.rows} x 1, received ${biases.rows} x ${biases.columns}`,
      );
    }
    /** @readonly */
    this.weights = weights;
    /** @readonly */
    this.biases = biases;
  }

  /** Return z = W a + b, and a, which the way back needs. @param {Matrix} a @returns {[Matrix, Matrix]} */
  forward(a) {
    return [plusColumn(product(this.weights, a), this.biases), a];
  }

  /** Return W^T delta. @param {Matrix} _a @param {Matrix} delta @returns {Matrix} */
  pullBack(_a, delta) {
    return product(transposed(this.weights), delta);
  }

  /** Return delta a^T for W, and the sum of delta over the examples for b. @param {Matrix} a @param {Matrix} delta */
  gradients(a, delta) {
    return new Dense(product(delta, transposed(a)), rowSums(delta));
  }

  /** Apply a function to each array of parameters. @param {(...arrays: Matrix[]) => Matrix} f @param {...Part} others @returns {Dense} */
  map(f, ...others) {
    const dense = others.map((other) => /** @type {Dense} */ (other));
    return new Dense(
      f(this.weights, ...dense.map((one) => one.weights)),
      f(this.biases, ...dense.map((one) => one.biases)),
    );
  }

  /** The arrays of parameters. */
  arrays() {
    return [this.weights, this.biases];
  }
}
