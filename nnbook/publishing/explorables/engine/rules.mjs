/**
 * The update rules with one learning rate for all parameters.
 *
 * The mirror of `nnbook.theory.rules`: a rule is written for one matrix of parameters w and the
 * gradient g there. What it remembers is its state; `step` returns the next one and changes nothing.
 *
 * @typedef {import("./fractions.mjs").Entry} Entry
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 * @typedef {readonly any[]} State
 */
import { minus, plus, scaled, zerosLike } from "./arrays.mjs";
import { negate } from "./fractions.mjs";

/** An update rule with its hyperparameters; the learning rate is given step by step. */
export class Optimizer {
  /** @param {string} name */
  constructor(name) {
    /** @readonly */
    this.name = name;
  }

  /** Return the state before the first step. @param {Matrix} _w @returns {State} */
  initialState(_w) {
    return [];
  }

  /** Return the parameters after one step, and the state for the next. @param {Matrix} _w @param {Matrix} _g @param {State} _state @param {number} _learningRate @returns {[Matrix, State]} */
  step(_w, _g, _state, _learningRate) {
    throw new Error(`${this.name}: expected a rule`);
  }
}

/** Gradient descent: w <- w - eta g. */
export class SGD extends Optimizer {
  constructor() {
    super("sgd");
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {Entry} learningRate @returns {[Matrix, State]} */
  step(w, g, state, learningRate) {
    return [minus(w, scaled(learningRate, g)), state];
  }
}

/** The heavy ball of Polyak (1964): u <- beta u - eta g, w <- w + u. */
export class Momentum extends Optimizer {
  /** @param {Entry} [beta] */
  constructor(beta = 0.9, name = "momentum") {
    super(name);
    this.beta = beta;
  }

  /** @param {Matrix} w @returns {State} */
  initialState(w) {
    return [zerosLike(w)];
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {Entry} learningRate @returns {[Matrix, State]} */
  step(w, g, [u], learningRate) {
    const next = this._velocity(u, g, learningRate);
    return [plus(w, next), [next]];
  }

  /** @param {Matrix} u @param {Matrix} g @param {Entry} learningRate */
  _velocity(u, g, learningRate) {
    return plus(scaled(this.beta, u), scaled(negate(learningRate), g));
  }
}

/** Nesterov's momentum: u <- beta u - eta g, w <- w + beta u - eta g. */
export class Nesterov extends Momentum {
  /** @param {Entry} [beta] */
  constructor(beta = 0.9) {
    super(beta, "nesterov");
  }

  /** @param {Matrix} w @param {Matrix} g @param {State} state @param {Entry} learningRate @returns {[Matrix, State]} */
  step(w, g, [u], learningRate) {
    const next = this._velocity(u, g, learningRate);
    return [plus(w, this._velocity(next, g, learningRate)), [next]];
  }
}
