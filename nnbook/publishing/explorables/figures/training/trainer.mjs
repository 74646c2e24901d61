/**
 * Training, an update at a time, with what is measured after each epoch.
 *
 * @typedef {import("./problems.mjs").Problem} Problem
 * @typedef {import("../../engine/parts.mjs").Part} Part
 * @typedef {object} Setting
 * @property {number} layers @property {number} units @property {string} activation
 * @property {string} initializer @property {string} optimizer @property {number} rate
 * @property {number} batch @property {number} l1 @property {number} l2 @property {number} dropout
 * @property {string} normalization @property {number} patience epochs; 0 does not stop early
 * @property {number} seed
 * @typedef {{training: number, validation: number, accuracy: number, gradients: number[]}} Measured
 */
import { Dropout } from "../../engine/dropout.mjs";
import { INITIALIZERS, initialWeights, randomNormal } from "../../engine/initializers.mjs";
import { Matrix } from "../../engine/arrays.mjs";
import { getActivation } from "../../engine/activations.mjs";
import { Network } from "../../engine/network.mjs";
import { BatchNorm } from "../../engine/normalization.mjs";
import { getOptimizer, stepOfNetwork } from "../../engine/optimizers.mjs";
import { Dense } from "../../engine/parts.mjs";
import { penalized } from "../../engine/penalties.mjs";
import { Random } from "../../engine/random.mjs";
import { accuracyOf, columnsOf } from "./problems.mjs";

const KEPT = 0.9; // of the stored statistics of a normalization, per update
const FAR = 1e6; // times the loss of a guess: who is so far away does not come back
const PROBED = 100; // examples whose gradient is measured

/** @param {Setting} setting */
const initializerOf = ({ initializer }) =>
  initializer === "wide" ? randomNormal(1) : INITIALIZERS[initializer];

/** Return the network before training: hidden layers, and outputs without an activation. @param {Setting} setting @param {number} inputs @param {number} outputs @param {Random} random */
export function initialNetwork(setting, inputs, outputs, random) {
  const widths = [inputs, ...new Array(setting.layers).fill(setting.units), outputs];
  return new Network(
    widths.slice(1).flatMap((units, k) => {
      const weights = initialWeights(initializerOf(setting), units, widths[k], random);
      const dense = new Dense(weights, new Matrix(units, 1, new Float64Array(units)));
      return k < setting.layers ? [dense, ...behind(setting, units)] : [dense];
    }),
  );
}

/** What follows the sums of a hidden layer. @param {Setting} setting @param {number} units @returns {Part[]} */
function behind({ activation, normalization, dropout }, units) {
  const parts = [getActivation(activation), ...(dropout ? [new Dropout(dropout)] : [])];
  const norm = BatchNorm.initial(units);
  if (normalization === "before") return [norm, ...parts];
  return normalization === "after" ? [parts[0], norm, ...parts.slice(1)] : parts;
}

/** A network in training. */
export class Trainer {
  /** @param {Setting} setting @param {Problem} problem */
  constructor(setting, problem) {
    this.setting = setting;
    this.problem = problem;
    this.random = new Random(setting.seed);
    const { x, y } = problem.training;
    this.network = initialNetwork(setting, x.rows, y.rows, this.random);
    this.rule = getOptimizer(setting.optimizer);
    /** @type {readonly import("../../engine/rules.mjs").State[] | null} */
    this.states = null;
    this.epoch = 0;
    /** @type {"trains" | "diverged" | "stopped"} */
    this.status = "trains";
    /** @type {Measured[]} one before training, and one after each epoch */
    this.history = [this._measured()];
    this.best = { epoch: 0, network: this.network };
    /** The network after the last epoch that went well, which can be drawn. */
    this.shown = this.network;
    /** @type {number[]} the order of the examples that are left of this epoch */
    this._left = [];
  }

  /** Make one update; the last one of an epoch is followed by measurements. Return whether an epoch has ended. */
  step() {
    if (this.status !== "trains") return true;
    const { batch, l1, l2, rate } = this.setting, { training, loss } = this.problem;
    if (!this._left.length) this._left = this.random.permutation(training.x.columns);
    const { x, y } = columnsOf(training, this._left.splice(0, batch));
    const forward = this.network.forward(x, this.random);
    const { gradients } = this.network.backward(forward, y, loss);
    const [moved, states] = stepOfNetwork(
      this.rule,
      this.network,
      penalized(gradients, this.network, l1, l2),
      this.states,
      rate,
    );
    this.states = states;
    this.network = withStatistics(moved, forward.kept);
    if (this._left.length) return false;
    this._endEpoch();
    return true;
  }

  _endEpoch() {
    this.epoch += 1;
    const measured = this._measured(), { guess } = this.problem;
    if (!(measured.training < FAR * guess)) {
      this.status = "diverged";
      return;
    }
    this.history.push(measured);
    this.shown = this.network;
    const { patience } = this.setting;
    if (measured.validation < this.history[this.best.epoch].validation) {
      this.best = { epoch: this.epoch, network: this.network };
    } else if (patience && this.epoch - this.best.epoch >= patience) {
      this.status = "stopped";
      this.shown = this.network = this.best.network;
    }
  }

  /** @returns {Measured} */
  _measured() {
    const { training, validation, loss } = this.problem;
    const outputs = this.network.forward(validation.x).prediction;
    const some = Array.from({ length: Math.min(PROBED, training.x.columns) }, (_, k) => k);
    const probe = columnsOf(training, some);
    const forward = this.network.forward(probe.x, probeOf(this.network));
    return {
      training: Number(this.network.loss(training.x, training.y, loss)),
      validation: Number(this.network.loss(validation.x, validation.y, loss)),
      accuracy: accuracyOf(outputs, validation.y),
      gradients: this.network.backward(forward, probe.y, loss).gradients.layers.map(({ weights }) =>
        Math.hypot(...Array.from(weights.entries, Number))
      ),
    };
  }
}

/** Normalizations use the statistics of the probed batch; dropout leaves nothing out. @param {Network} network */
const probeOf = (network) => !network.parts.some((part) => part instanceof Dropout);

/** Return the network whose normalizations have seen one more batch. @param {Network} network @param {readonly any[]} kept */
function withStatistics(network, kept) {
  if (!network.parts.some((part) => part instanceof BatchNorm)) return network;
  return new Network(
    network.parts.map((part, k) =>
      part instanceof BatchNorm ? part.following(kept[k], KEPT) : part
    ),
  );
}
