/**
 * The update rules that give each parameter a pace of its own.
 *
 * The mirror of `nnbook.theory.adaptive_rules`; symbols are those of `rules.mjs`. These rules take
 * square roots, so that they compute with floats only.
 *
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 * @typedef {import("./rules.mjs").State} State
 */
import { map, zerosLike } from "./arrays.mjs";
import { Optimizer } from "./rules.mjs";

/** Adagrad: s <- s + g g, w <- w - eta g / sqrt(s + epsilon). */
export class Adagrad extends Optimizer {
  /** @param {{initialSum?: number, epsilon?: number}} [options] */
  constructor({ initialSum = 0.1, epsilon = 1e-7 } = {}) {
    super("adagrad");
    this.initialSum = initialSum;
    this.epsilon = epsilon;
  }

  /** @param {Matrix} w @returns {State} */
  initialState(w) {
    return [map(() => this.initialSum, w)];
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {number} learningRate @returns {[Matrix, State]} */
  step(w, g, [s], learningRate) {
    const next = map((old, slope) => old + slope * slope, s, g);
    return [
      map(
        (x, slope, total) => x - learningRate * slope / Math.sqrt(total + this.epsilon),
        w,
        g,
        next,
      ),
      [next],
    ];
  }
}

/** RMSprop: v <- rho v + (1 - rho) g g, w <- w - eta g / sqrt(v + epsilon). */
export class RMSprop extends Optimizer {
  /** @param {{rho?: number, epsilon?: number}} [options] */
  constructor({ rho = 0.9, epsilon = 1e-7 } = {}) {
    super("rmsprop");
    this.rho = rho;
    this.epsilon = epsilon;
  }

  /** @param {Matrix} w @returns {State} */
  initialState(w) {
    return [zerosLike(w)];
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {number} learningRate @returns {[Matrix, State]} */
  step(w, g, [v], learningRate) {
    const next = meanOfSquares(this.rho, v, g);
    return [
      map(
        (x, slope, mean) => x - learningRate * slope / Math.sqrt(mean + this.epsilon),
        w,
        g,
        next,
      ),
      [next],
    ];
  }
}

/** Adadelta: past changes over past gradients set the size of a step. */
export class Adadelta extends Optimizer {
  /** @param {{rho?: number, epsilon?: number}} [options] */
  constructor({ rho = 0.95, epsilon = 1e-7 } = {}) {
    super("adadelta");
    this.rho = rho;
    this.epsilon = epsilon;
  }

  /** @param {Matrix} w @returns {State} */
  initialState(w) {
    return [zerosLike(w), zerosLike(w)];
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {number} learningRate @returns {[Matrix, State]} */
  step(w, g, [v, d], learningRate) {
    const next = meanOfSquares(this.rho, v, g);
    const change = map(
      (past, slope, mean) =>
        -Math.sqrt(past + this.epsilon) * slope / Math.sqrt(mean + this.epsilon),
      d,
      g,
      next,
    );
    return [map((x, delta) => x + learningRate * delta, w, change), [
      next,
      meanOfSquares(this.rho, d, change),
    ]];
  }
}

/** Adam: RMSprop with momentum, both corrected for their start at 0. */
export class Adam extends Optimizer {
  /** @param {{beta1?: number, beta2?: number, epsilon?: number}} [options] */
  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = {}) {
    super("adam");
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  /** @param {Matrix} w @returns {State} */
  initialState(w) {
    return [zerosLike(w), zerosLike(w), 0];
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {number} learningRate @returns {[Matrix, State]} */
  step(w, g, [m, v, updates], learningRate) {
    const t = updates + 1;
    const first = mean(this.beta1, m, g), second = meanOfSquares(this.beta2, v, g);
    const rate = learningRate * Math.sqrt(1 - this.beta2 ** t) / (1 - this.beta1 ** t);
    const w1 = map((x, a, b) => x - rate * a / (Math.sqrt(b) + this.epsilon), w, first, second);
    return [w1, [first, second, t]];
  }
}

/** Nadam: Adam with Nesterov's momentum. */
export class Nadam extends Optimizer {
  /** @param {{beta1?: number, beta2?: number, epsilon?: number, decay?: number}} [options] */
  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, decay = 0.96 } = {}) {
    super("nadam");
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.decay = decay;
  }

  /** @param {Matrix} w @returns {State} */
  initialState(w) {
    return [zerosLike(w), zerosLike(w), 1, 0];
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {number} learningRate @returns {[Matrix, State]} */
  step(w, g, [m, v, past, updates], learningRate) {
    const t = updates + 1;
    const [mu, nextMu] = [t, t + 1].map((i) => this.beta1 * (1 - this.decay ** i / 2));
    const p = mu * past;
    const first = mean(this.beta1, m, g), second = meanOfSquares(this.beta2, v, g);
    const w1 = map(
      (x, slope, a, b) => {
        const mHat = nextMu * a / (1 - nextMu * p) + (1 - mu) * slope / (1 - p);
        return x - learningRate * mHat / (Math.sqrt(b / (1 - this.beta2 ** t)) + this.epsilon);
      },
      w,
      g,
      first,
      second,
    );
    return [w1, [first, second, p, t]];
  }
}

/** @param {number} kept @param {Matrix} m @param {Matrix} g */
const mean = (kept, m, g) => map((old, slope) => kept * old + (1 - kept) * slope, m, g);

/** @param {number} kept @param {Matrix} v @param {Matrix} g */
const meanOfSquares = (kept, v, g) =>
  map((old, slope) => kept * old + (1 - kept) * slope * slope, v, g);
