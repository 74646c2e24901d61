/**
 * Activation functions a = f(z), their derivatives, and how gradients pass through them.
 *
 * The mirror of `nnbook.theory.activations`. The identity, the step and the ReLUs keep fractions
 * exact; the others turn them into floats.
 *
 * @typedef {import("./fractions.mjs").Entry} Entry
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 */
import { asFloats, asNumbers, map, times, transposed } from "./arrays.mjs";
import { Fraction, like, multiply, signOf } from "./fractions.mjs";

/** A function that is applied to each pre-activation, with its derivative; a part of a network. */
export class Activation {
  /**
   * @param {string} name
   * @param {(z: any) => Entry} value
   * @param {(z: any) => Entry} slope
   * @param {boolean} [keepsExact]
   */
  constructor(name, value, slope, keepsExact = false) {
    /** @readonly */
    this.name = name;
    /** @readonly */
    this.keepsExact = keepsExact;
    this._value = value;
    this._slope = slope;
  }

  /** Return a = f(z), of the shape of z. @param {Matrix} z @returns {Matrix} */
  of(z) {
    return map(this._value, this._numbers(z));
  }

  /** Return f'(z), of the shape of z. @param {Matrix} z @returns {Matrix} */
  derivative(z) {
    return map(this._slope, this._numbers(z));
  }

  /** Return a = f(z), and z, which the way back needs. @param {Matrix} z @returns {[Matrix, Matrix]} */
  forward(z) {
    return [this.of(z), z];
  }

  /** Return dL/dz from dL/da. @param {Matrix} z @param {Matrix} gradient @returns {Matrix} */
  pullBack(z, gradient) {
    return times(this.derivative(z), gradient);
  }

  /** A part without parameters is its own gradient. @returns {this} */
  gradients() {
    return this;
  }

  /** @returns {Matrix[]} */
  arrays() {
    return [];
  }

  /** @returns {this} */
  map() {
    return this;
  }

  /** @param {Matrix} z */
  _numbers(z) {
    return this.keepsExact ? z : asFloats(z);
  }
}

/** Softmax over the units of a layer: each column adds up to 1 (Bridle 1990). */
class Softmax extends Activation {
  constructor() {
    super("softmax", Number, Number);
  }

  /** @param {Matrix} z @returns {Matrix} */
  of(z) {
    const columns = transposed(asFloats(z)).toRows().map((column) => column.map(Number));
    return transposed(asNumbers(columns.map((column) => {
      const largest = Math.max(...column); // a constant shift keeps exp from overflowing
      const weights = column.map((entry) => Math.exp(entry - largest));
      const total = weights.reduce((a, b) => a + b);
      return weights.map((weight) => weight / total);
    })));
  }

  /** @param {Matrix} _z @returns {Matrix} */
  derivative(_z) {
    throw new RangeError("softmax: its derivative is a matrix for each example; use pullBack");
  }

  /** The product of the transposed Jacobian with the gradient. @param {Matrix} z @param {Matrix} gradient @returns {Matrix} */
  pullBack(z, gradient) {
    const a = transposed(this.of(z)).toRows(), g = transposed(gradient).toRows();
    return transposed(asNumbers(a.map((column, b) => {
      const along = column.reduce(
        (/** @type {number} */ total, entry, i) => total + Number(entry) * Number(g[b][i]),
        0,
      );
      return column.map((entry, i) => Number(entry) * (Number(g[b][i]) - along));
    })));
  }
}

/** @param {number} z @returns {number} */
function logistic(z) {
  const decay = Math.exp(-Math.abs(z)); // only exp of something negative is taken
  return (z < 0 ? decay : 1) / (1 + decay);
}

/** @param {number} z */
const logisticSlope = (z) => logistic(z) * logistic(-z);

const SLOPE = new Fraction(1, 100);

/** The slope of the leaky ReLU below 0, exact for fractions. @param {Entry} z @returns {Entry} */
const leak = (z) => (typeof z === "number" ? 0.01 : SLOPE);

export const identity = new Activation("identity", (z) => z, (z) => like(1, z), true);
export const step = new Activation(
  "step",
  (z) => like(signOf(z) < 0 ? 0 : 1, z),
  (z) => like(0, z),
  true,
);
export const sigmoid = new Activation("sigmoid", logistic, logisticSlope);
export const tanh = new Activation("tanh", Math.tanh, (z) => 4 * logisticSlope(2 * z));
export const relu = new Activation(
  "relu",
  (z) => (signOf(z) > 0 ? z : like(0, z)),
  (z) => like(signOf(z) > 0 ? 1 : 0, z),
  true,
);
export const leakyRelu = new Activation(
  "leaky_relu",
  (z) => (signOf(z) > 0 ? z : multiply(leak(z), z)),
  (z) => (signOf(z) > 0 ? like(1, z) : leak(z)),
  true,
);
export const softplus = new Activation(
  "softplus",
  (z) => Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z))),
  logistic,
);
export const softmax = new Softmax();

/** @type {Record<string, Activation>} */
export const ACTIVATIONS = Object.fromEntries(
  [identity, step, sigmoid, tanh, relu, leakyRelu, softplus, softmax].map((one) => [one.name, one]),
);

/** @param {string | Activation} name @returns {Activation} */
export function getActivation(name) {
  if (name instanceof Activation) return name;
  if (!Object.hasOwn(ACTIVATIONS, name)) {
    throw new RangeError(
      `unknown activation "${name}": expected one of ${Object.keys(ACTIVATIONS).join(", ")}`,
    );
  }
  return ACTIVATIONS[name];
}
