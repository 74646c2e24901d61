/**
 * Penalties on weights: l1 times the sum of their sizes, l2 times the sum of their squares.
 *
 * The mirror of `nnbook.training.regularizers.l1_l2`; biases are free.
 *
 * @typedef {import("./network.mjs").Network} Network
 */
import { map } from "./arrays.mjs";
import { Network as Parts } from "./network.mjs";
import { Dense } from "./parts.mjs";

/** Return the penalty of a network. @param {Network} network @param {number} l1 @param {number} l2 */
export function penaltyOf(network, l1, l2) {
  let total = 0;
  for (const part of network.parts) {
    if (!(part instanceof Dense)) continue;
    for (const entry of part.weights.entries) {
      total += l1 * Math.abs(Number(entry)) + l2 * Number(entry) ** 2;
    }
  }
  return total;
}

/** Return gradients of a loss with those of the penalty. @param {Network} gradients @param {Network} network @param {number} l1 @param {number} l2 @returns {Network} */
export function penalized(gradients, network, l1, l2) {
  if (!l1 && !l2) return gradients;
  return new Parts(gradients.parts.map((part, k) => {
    const own = network.parts[k];
    if (!(part instanceof Dense && own instanceof Dense)) return part;
    const pulled = map((g, w) => g + 2 * l2 * w + l1 * Math.sign(w), part.weights, own.weights);
    return new Dense(pulled, part.biases);
  }));
}
