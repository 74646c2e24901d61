/**
 * Inverted dropout (Srivastava et al. 2014): zero at random in training, nothing afterwards.
 *
 * The mirror of `nnbook.theory.dropout`.
 *
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 * @typedef {import("./parts.mjs").Training} Training
 */
import { filled, map, times } from "./arrays.mjs";
import { Random } from "./random.mjs";

/** A part that in training sets entries to zero, each with a probability, and enlarges the others. */
export class Dropout {
  /** @param {number} rate in [0, 1) */
  constructor(rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new RangeError(`dropout rate: expected at least 0 and below 1, received ${rate}`);
    }
    /** @readonly */
    this.rate = rate;
  }

  /** Return a with a mask of its own for each example; the way back needs the same mask. @param {Matrix} a @param {Training} [training] @returns {[Matrix, Matrix]} */
  forward(a, training = false) {
    if (training === true) {
      throw new RangeError("dropout: masks are drawn in training; expected a source of randomness");
    }
    const mask = map(
      training instanceof Random
        ? () => (training.uniform() >= this.rate ? 1 / (1 - this.rate) : 0)
        : () => 1,
      filled(a.rows, a.columns),
    );
    return [training ? times(mask, a) : a, mask];
  }

  /** Return the gradient with respect to a: what was dropped gets none. @param {Matrix} mask @param {Matrix} gradient @returns {Matrix} */
  pullBack(mask, gradient) {
    return times(mask, gradient);
  }

  /** A part without parameters is its own gradient. @returns {this} */
  gradients() {
    return this;
  }

  /** @returns {this} */
  map() {
    return this;
  }

  /** @returns {Matrix[]} */
  arrays() {
    return [];
  }
}
