/**
 * A quadratic loss of two weights, L(w) = (w - w*)^T H (w - w*), and its minima with a penalty.
 *
 * What `nnbook.theory.penalties` finds for features with H = Phi Phi^T, here exactly: L2 by its closed
 * form, L1 by the conditions for a minimum, for each choice of weights that are zero.
 *
 * @typedef {[number, number]} Pair
 * @typedef {{x: number, y: number, condition: number, angle: number}} Setting the minimum; how many times as steep across the valley as along it; its angle in degrees
 * @typedef {{star: Pair, along: Pair, flat: number, matrix: [Pair, Pair], pull: Pair}} Quadratic `pull` is H w*
 * @typedef {[from: number, to: number]} Interval
 */

const STEEP = 1; // curvature across the valley; along it, the condition number divides it
const ROUNDING = 1e-12;
const SIGNS = /** @type {Pair[]} */ ([[1, 1], [1, -1], [-1, 1], [-1, -1]]);

/** @param {Setting} setting @returns {Quadratic} */
export function quadratic({ x, y, condition, angle }) {
  const [c, s] = [Math.cos(angle * Math.PI / 180), Math.sin(angle * Math.PI / 180)];
  const flat = STEEP / condition, mixed = (flat - STEEP) * c * s;
  /** @type {[Pair, Pair]} */
  const matrix = [[STEEP * s * s + flat * c * c, mixed], [mixed, STEEP * c * c + flat * s * s]];
  return { star: [x, y], along: [c, s], flat, matrix, pull: times(matrix, [x, y]) };
}

/** @param {[Pair, Pair]} matrix @param {Pair} w @returns {Pair} */
const times = ([[a, b], [c, d]], [x, y]) => [a * x + b * y, c * x + d * y];

/** @param {[Pair, Pair]} matrix @param {Pair} w @returns {Pair} */
function solved([[a, b], [c, d]], [x, y]) {
  const determinant = a * d - b * c;
  return [(d * x - b * y) / determinant, (a * y - c * x) / determinant];
}

/** @param {Quadratic} loss @param {Pair} w */
export function lossAt({ star, matrix }, w) {
  /** @type {Pair} */
  const far = [w[0] - star[0], w[1] - star[1]], [x, y] = times(matrix, far);
  return far[0] * x + far[1] * y;
}

/** Return the points of the ellipse on which the loss has a value. @param {Quadratic} loss @param {number} level @returns {Pair[]} */
export function ellipse({ star, along: [c, s], flat }, level) {
  const [long, short] = [Math.sqrt(level / flat), Math.sqrt(level / STEEP)];
  return Array.from({ length: 121 }, (_, k) => {
    const [u, v] = [long * Math.cos(k * Math.PI / 60), short * Math.sin(k * Math.PI / 60)];
    return [star[0] + c * u - s * v, star[1] + s * u + c * v];
  });
}

/** Return the minimum with the sum of squares, w* - lambda (H + lambda I)^-1 w*. @param {Quadratic} loss @param {number} lambda @returns {Pair} */
export function ridge({ star, matrix: [[a, b], [c, d]] }, lambda) {
  const [x, y] = solved([[a + lambda, b], [c, d + lambda]], star);
  return [star[0] - lambda * x, star[1] - lambda * y];
}

/** Return the minimum with the sum of sizes; what is zero is exactly zero. @param {Quadratic} loss @param {number} lambda @returns {Pair} */
export function lasso(loss, lambda) {
  const { star, matrix, pull } = loss;
  const alone = (/** @type {0 | 1} */ i) =>
    Math.sign(pull[i]) * Math.max(0, Math.abs(pull[i]) - lambda / 2) / matrix[i][i];
  /** @type {Pair[]} */
  const sparse = [[0, 0], [alone(0), 0], [0, alone(1)]];
  const isMinimum = (/** @type {Pair} */ w) => {
    const slopes = times(matrix, w).map((value, i) => 2 * (value - pull[i]));
    return slopes.every((slope, i) =>
      w[i] !== 0
        ? Math.abs(slope + lambda * Math.sign(w[i])) <= ROUNDING
        : Math.abs(slope) <= lambda + ROUNDING
    );
  };
  const both = SIGNS.map((signs) => {
    const [x, y] = solved(matrix, signs);
    return { signs, w: /** @type {Pair} */ ([star[0] - lambda / 2 * x, star[1] - lambda / 2 * y]) };
  }).filter(({ signs, w }) => w.every((value, i) => Math.sign(value) === signs[i]));
  return sparse.find(isMinimum) ?? both[0].w;
}

/**
 * Return for each weight at which lambda L1 makes it exactly zero.
 *
 * Which weights are zero can only change where one of them alone reaches zero, or one of two.
 *
 * @param {Quadratic} loss
 * @returns {[Interval[], Interval[]]}
 */
export function zeros(loss) {
  const { star, matrix, pull } = loss;
  const ends = SIGNS.flatMap((signs) => solved(matrix, signs).map((x, i) => 2 * star[i] / x));
  const kinks = [...ends, 2 * Math.abs(pull[0]), 2 * Math.abs(pull[1])]
    .filter((lambda) => lambda > ROUNDING && lambda < Infinity)
    .sort((a, b) => a - b);
  const bounds = [0, ...kinks, Infinity];
  /** @type {[Interval[], Interval[]]} */
  const found = [[], []];
  for (let k = 0; k + 1 < bounds.length; k++) {
    const [from, to] = [bounds[k], bounds[k + 1]];
    if (to - from < ROUNDING) continue;
    lasso(loss, to === Infinity ? 2 * from + 1 : (from + to) / 2).forEach((value, i) => {
      if (value !== 0) return;
      const last = found[i][found[i].length - 1];
      if (last && from - last[1] < ROUNDING) last[1] = to;
      else found[i].push([from, to]);
    });
  }
  return found;
}

/** Return for each weight at which lambda above 0 L2 takes it through zero: 0 if it is zero always, infinity if never. @param {Quadratic} loss @returns {Pair} */
export function crossings({ matrix: [[a, b], [, d]], pull: [x, y] }) {
  const at = (
    /** @type {number} */ own,
    /** @type {number} */ other,
    /** @type {number} */ side,
  ) => {
    if (Math.abs(own) < ROUNDING) return Math.abs(b * other) < ROUNDING ? 0 : Infinity;
    const lambda = b * other / own - side;
    return lambda > ROUNDING ? lambda : Infinity;
  };
  return [at(x, y, d), at(y, x, a)];
}
