/**
 * Gradients of batches, for a loss of two weights: logistic regression on two features of real images.
 *
 * What `nnbook.theory.network` finds for a layer of one unit without bias, and binary cross-entropy on
 * its logit, example by example.
 *
 * @typedef {[number, number]} Pair
 * @typedef {{features: readonly Pair[], targets: readonly number[]}} Examples
 * @typedef {"without" | "with"} Draws
 * @typedef {{each: Pair[], mean: Pair, spread: number}} Gradients `spread` is s^2, the mean squared deviation from their mean
 */
import { Random } from "../../engine/random.mjs";

export const BATCHES = 400; // that are drawn

/** @param {readonly Pair[]} pairs @returns {Pair} */
export function meanOf(pairs) {
  let x = 0, y = 0;
  for (const pair of pairs) {
    x += pair[0];
    y += pair[1];
  }
  return [x / pairs.length, y / pairs.length];
}

/** Return the mean squared distance from a point. @param {readonly Pair[]} pairs @param {Pair} point */
export function squaredError(pairs, [x, y]) {
  return pairs.reduce((sum, pair) => sum + (pair[0] - x) ** 2 + (pair[1] - y) ** 2, 0) /
    pairs.length;
}

/** @param {Examples} examples @param {Pair} w */
export function lossAt({ features, targets }, w) {
  let sum = 0;
  for (let i = 0; i < targets.length; i++) {
    const z = w[0] * features[i][0] + w[1] * features[i][1];
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - targets[i] * z;
  }
  return sum / targets.length;
}

/** Return the gradient of each example. @param {Examples} examples @param {Pair} w @returns {Gradients} */
export function gradientsAt({ features, targets }, w) {
  const each = features.map((x, i) => {
    const small = Math.exp(-Math.abs(w[0] * x[0] + w[1] * x[1]));
    const isPositive = w[0] * x[0] + w[1] * x[1] >= 0;
    const signal = (isPositive ? 1 / (1 + small) : small / (1 + small)) - targets[i];
    return /** @type {Pair} */ ([signal * x[0], signal * x[1]]);
  });
  const mean = meanOf(each);
  return { each, mean, spread: squaredError(each, mean) };
}

/** Return for each batch which examples it gets, one after the other: the first so many are a smaller batch. @param {number} count of examples @param {Draws} draws @param {number} seed @returns {number[][]} */
export function drawn(count, draws, seed) {
  const random = new Random(seed);
  return Array.from(
    { length: BATCHES },
    () =>
      draws === "without"
        ? random.permutation(count)
        : Array.from({ length: count }, () => Math.floor(random.uniform() * count)),
  );
}

/** Return the gradients of all batches, for each of some sizes, the smallest first. @param {readonly Pair[]} each @param {readonly (readonly number[])[]} batches @param {readonly number[]} sizes @returns {Pair[][]} */
export function clouds(each, batches, sizes) {
  /** @type {Pair[][]} */
  const found = sizes.map(() => []);
  for (const examples of batches) {
    for (let k = 0, s = 0, x = 0, y = 0; s < sizes.length; k++) {
      x += each[examples[k]][0];
      y += each[examples[k]][1];
      if (k + 1 === sizes[s]) found[s++].push([x / (k + 1), y / (k + 1)]);
    }
  }
  return found;
}

/** Return the expected squared error of a batch's gradient. @param {number} spread s^2 @param {number} size @param {number} count of examples @param {Draws} draws */
export const expected = (spread, size, count, draws) =>
  spread / size * (draws === "without" ? (count - size) / (count - 1) : 1);

/** Return the size at which the expected squared error is the squared length of the full gradient; it need not be whole, nor be among the sizes drawn with replacement. @param {Gradients} gradients @param {Draws} draws */
export function noisySize({ each: { length: count }, mean: [x, y], spread }, draws) {
  const signal = x * x + y * y;
  return draws === "without" ? spread * count / (signal * (count - 1) + spread) : spread / signal;
}

/** Return by how much one update with each gradient changes the loss. @param {Examples} examples @param {Pair} w @param {number} rate @param {readonly Pair[]} gradients @returns {number[]} */
export function changes(examples, w, rate, gradients) {
  const before = lossAt(examples, w);
  return gradients.map((g) => lossAt(examples, stepped(w, rate, g)) - before);
}

/** Return how many updates leave the plane that is shown. @param {Pair} w @param {number} rate @param {readonly Pair[]} gradients @param {readonly (readonly [number, number])[]} ranges of the two weights */
export const leaving = (w, rate, gradients, ranges) =>
  gradients.filter((g) => stepped(w, rate, g).some((x, k) => x < ranges[k][0] || x > ranges[k][1]))
    .length;

/** @param {Pair} w @param {number} rate @param {Pair} g @returns {Pair} */
export const stepped = (w, rate, g) => [w[0] - rate * g[0], w[1] - rate * g[1]];
