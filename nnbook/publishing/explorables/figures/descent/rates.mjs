/**
 * How fast momentum converges in a bowl: the chapter's equations for learning rate and momentum.
 *
 * A step is a learning rate times a curvature. The distance from the minimum follows
 * e(t+1) = (1 + beta - step) e(t) - beta e(t-1), whose roots decide.
 */

/** Return by which factor an update multiplies the distance in the long run, in one direction. @param {number} beta @param {number} step */
export function factor(beta, step) {
  const half = (1 + beta - step) / 2, inside = half ** 2 - beta;
  return inside < 0 ? Math.sqrt(beta) : Math.abs(half) + Math.sqrt(inside);
}

/** Return what it is for Nesterov's momentum: e(t+1) = (1 - step) ((1 + beta) e(t) - beta e(t-1)). @param {number} beta @param {number} step */
export function nesterovFactor(beta, step) {
  const half = (1 + beta) * (1 - step) / 2, inside = half ** 2 - beta * (1 - step);
  return inside < 0 ? Math.sqrt(beta * (1 - step)) : Math.abs(half) + Math.sqrt(inside);
}

/** Return the factor of a rule of the race in its slower direction; none for those that adapt their steps. @param {string} name @param {number} beta @param {number} step of the larger curvature @param {number} condition */
export function factorOf(name, beta, step, condition) {
  if (name === "sgd") return slowest(0, step, condition);
  if (name === "momentum") return slowest(beta, step, condition);
  if (name !== "nesterov") return undefined;
  return Math.max(nesterovFactor(beta, step), nesterovFactor(beta, step / condition));
}

/** Return the factor of the slower of two directions. @param {number} beta @param {number} step of the larger curvature @param {number} condition how many times it is the smaller one */
export const slowest = (beta, step, condition) =>
  Math.max(factor(beta, step), factor(beta, step / condition));

/** Return the fastest pair of step and momentum, and its factor (Polyak 1964). @param {number} condition */
export function best(condition) {
  const root = Math.sqrt(condition);
  const ratio = (root - 1) / (root + 1);
  return { step: 4 * condition / (root + 1) ** 2, beta: ratio ** 2, factor: ratio };
}

/**
 * Return the border of the settings with which both directions swing, so that both shrink by the
 * root of beta: from momentum 1 down to the best pair, and up again.
 *
 * @param {number} condition
 * @param {number} count of places on each side
 * @returns {[number, number][]} steps of the larger curvature, and beta
 */
export function alike(condition, count) {
  const least = best(condition).factor;
  const roots = Array.from({ length: count + 1 }, (_, k) => 1 - (1 - least) * k / count);
  return [
    ...roots.map((r) => /** @type {[number, number]} */ ([condition * (1 - r) ** 2, r ** 2])),
    ...roots.slice(0, -1).reverse().map((
      r,
    ) => /** @type {[number, number]} */ ([(1 + r) ** 2, r ** 2])),
  ];
}

/** Return how many updates make the distance ten times smaller; infinitely many if it does not shrink. @param {number} factor */
export const updatesForTen = (
  factor,
) => (factor >= 1 ? Infinity : Math.log(0.1) / Math.log(factor));
