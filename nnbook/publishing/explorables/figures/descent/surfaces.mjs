/**
 * Losses of two weights to descend on, with gradient and curvatures at a minimum.
 *
 * @typedef {object} Surface
 * @property {(x: number, y: number) => number} loss above that of the minimum
 * @property {(x: number, y: number) => [number, number]} gradient
 * @property {[number, number]} curvatures the smaller and the larger one at a minimum
 * @property {[number, number][]} minima
 * @property {{x: [number, number], y: [number, number]}} range
 *
 * @typedef {object} Cut see cut.py
 * @property {number[]} x @property {number[]} y @property {number[]} rest
 * @property {number} outgoing @property {number} scale @property {[number, number]} minimum
 * @property {[number, number]} curvatures
 */

/** A bowl of curvature 1 along and `condition` across, turned by an angle in degrees. @param {number} condition @param {number} angle @returns {Surface} */
export function bowl(condition, angle) {
  const [c, s] = [Math.cos(angle * Math.PI / 180), Math.sin(angle * Math.PI / 180)];
  const turned = (
    /** @type {number} */ x,
    /** @type {number} */ y,
  ) => [c * x + s * y, c * y - s * x];
  return {
    loss: (x, y) => {
      const [along, across] = turned(x, y);
      return (along ** 2 + condition * across ** 2) / 2;
    },
    gradient: (x, y) => {
      const [along, across] = turned(x, y);
      return [c * along - s * condition * across, s * along + c * condition * across];
    },
    curvatures: [1, condition],
    minima: [[0, 0]],
    range: { x: [-4, 4], y: [-3, 3] },
  };
}

/** A saddle at the origin between two minima: x^2/2 - y^2/2 + y^4/16. @type {Surface} */
export const saddle = {
  loss: (x, y) => x ** 2 / 2 - y ** 2 / 2 + y ** 4 / 16 + 1,
  gradient: (x, y) => [x, y ** 3 / 4 - y],
  curvatures: [1, 2],
  minima: [[0, -2], [0, 2]],
  range: { x: [-4, 4], y: [-3, 3] },
};

/** The banana-shaped valley of Rosenbrock (1960): (1 - x)^2 + 100 (y - x^2)^2. @type {Surface} */
export const rosenbrock = {
  loss: (x, y) => (1 - x) ** 2 + 100 * (y - x ** 2) ** 2,
  gradient: (x, y) => [2 * (x - 1) - 400 * x * (y - x ** 2), 200 * (y - x ** 2)],
  curvatures: [501 - Math.sqrt(501 ** 2 - 400), 501 + Math.sqrt(501 ** 2 - 400)],
  minima: [[1, 1]],
  range: { x: [-2, 2], y: [-1, 3] },
};

/** A cut through the loss of a network: two weights of one of its tanh units change, the others rest. @param {Cut} facts @returns {Surface} */
export function cut({ x, y, rest, outgoing, scale, minimum, curvatures }) {
  /** @param {number} w @param {number} b @param {(error: number, activation: number, input: number) => void} each */
  const answer = (w, b, each) => {
    for (let n = 0; n < x.length; n++) {
      const a = Math.tanh(scale * (w * x[n] + b));
      each(rest[n] + outgoing * a - y[n], a, x[n]);
    }
  };
  const meanSquare = (/** @type {number} */ w, /** @type {number} */ b) => {
    let sum = 0;
    answer(w, b, (error) => sum += error ** 2);
    return sum / x.length;
  };
  const least = meanSquare(...minimum);
  return {
    loss: (w, b) => Math.max(0, meanSquare(w, b) - least),
    gradient: (w, b) => {
      let along = 0, across = 0;
      answer(w, b, (error, a, input) => {
        const signal = 2 * error * outgoing * (1 - a ** 2) * scale / x.length;
        along += signal * input;
        across += signal;
      });
      return [along, across];
    },
    curvatures,
    minima: [minimum],
    range: { x: [-4, 4], y: [-3, 3] },
  };
}

/** Return a surface by name. @param {string} name @param {number} condition @param {number} angle @param {Cut} facts @returns {Surface} */
export function surfaceOf(name, condition, angle, facts) {
  return name === "saddle"
    ? saddle
    : name === "rosenbrock"
    ? rosenbrock
    : name === "cut"
    ? cut(facts)
    : bowl(condition, angle);
}
