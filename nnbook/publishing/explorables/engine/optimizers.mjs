/**
 * Optimizers by name, and the descent they make.
 *
 * The mirror of `nnbook.theory.optimizers`.
 *
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 * @typedef {import("./network.mjs").Network} Network
 * @typedef {import("./rules.mjs").State} State
 */
import { Adadelta, Adagrad, Adam, Nadam, RMSprop } from "./adaptive_rules.mjs";
import { Momentum, Nesterov, Optimizer, SGD } from "./rules.mjs";

/** @type {Record<string, Optimizer>} */
export const OPTIMIZERS = Object.fromEntries(
  [
    new SGD(),
    new Momentum(),
    new Nesterov(),
    new Adagrad(),
    new Adadelta(),
    new RMSprop(),
    new Adam(),
    new Nadam(),
  ]
    .map((one) => [one.name, one]),
);

/** @param {string | Optimizer} name @returns {Optimizer} */
export function getOptimizer(name) {
  if (name instanceof Optimizer) return name;
  if (!Object.hasOwn(OPTIMIZERS, name)) {
    throw new RangeError(
      `unknown optimizer "${name}": expected one of ${Object.keys(OPTIMIZERS).join(", ")}`,
    );
  }
  return OPTIMIZERS[name];
}

/**
 * Return the path w(0), w(1), ..., w(steps) of an optimizer through the parameters of a function.
 *
 * @param {string | Optimizer} optimizer
 * @param {(w: Matrix, t: number) => Matrix} gradient
 * @param {Matrix} start
 * @param {number} learningRate
 * @param {number} steps
 * @returns {Matrix[]}
 */
export function descend(optimizer, gradient, start, learningRate, steps) {
  const rule = getOptimizer(optimizer);
  const path = [start];
  let w = start, state = rule.initialState(start);
  for (let t = 0; t < steps; t++) {
    [w, state] = rule.step(w, gradient(w, t), state, learningRate);
    path.push(w);
  }
  return path;
}

/**
 * Return a network after one step of an optimizer, and the states for the next, one for each array.
 *
 * @param {Optimizer} rule
 * @param {Network} network
 * @param {Network} gradients
 * @param {readonly State[] | null} states null before the first step
 * @param {number} learningRate
 * @returns {[Network, State[]]}
 */
export function stepOfNetwork(rule, network, gradients, states, learningRate) {
  const g = gradients.arrays();
  const moved = network.arrays().map((w, k) =>
    rule.step(w, g[k], states?.[k] ?? rule.initialState(w), learningRate)
  );
  return [network.filled(moved.map(([w]) => w)), moved.map(([, state]) => state)];
}
