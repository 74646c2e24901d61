/**
 * Networks: lists of parts, one behind the other, that keep every number of both passes.
 *
 * The mirror of `nnbook.theory.network`. Layers are numbered from 1: `forward.z[l]` is z^l, and
 * `forward.a[0]` the batch.
 *
 * @typedef {import("./fractions.mjs").Entry} Entry
 * @typedef {import("./arrays.mjs").Matrix} Matrix
 * @typedef {import("./parts.mjs").Part} Part
 * @typedef {import("./parts.mjs").Training} Training
 * @typedef {import("./losses.mjs").Loss} Loss
 */
import { Activation, getActivation, identity } from "./activations.mjs";
import { minus, scaled } from "./arrays.mjs";
import { getLoss } from "./losses.mjs";
import { Dense } from "./parts.mjs";

/** A list of parts; methods return new objects and change nothing. */
export class Network {
  /** @param {readonly (Part | Network)[]} parts */
  constructor(parts) {
    /** @readonly @type {readonly Part[]} */
    this.parts = parts.flatMap((part) => (part instanceof Network ? [...part.parts] : [part]));
    if (!this.parts.length) {
      throw new RangeError("a network: expected at least one layer, received none");
    }
  }

  /** The layers 1 to L: each from one Dense part to the next. @returns {Layer[]} */
  get layers() {
    /** @type {Part[][]} */
    const groups = [];
    for (const part of this.parts) {
      if (part instanceof Dense || !groups.length) groups.push([part]);
      else groups[groups.length - 1].push(part);
    }
    return groups.map((group) => Layer.from(group));
  }

  /** Return layer l, counted from 1. @param {number} l */
  layer(l) {
    return this.layers[l - 1];
  }

  /** Send a batch of shape (n_0, B) through all parts, as in training if asked. @param {Matrix} x @param {Training} [training] @returns {ForwardPass} */
  forward(x, training = false) {
    let a = x;
    const outputs = [], kept = [];
    for (const part of this.parts) {
      const [output, needed] = part.forward(a, training);
      outputs.push(a = output);
      kept.push(needed);
    }
    return new ForwardPass(this.parts, x, outputs, kept);
  }

  /** Send the gradient of the loss back to the first part. @param {ForwardPass} forward @param {Matrix} y @param {string | Loss} loss */
  backward(forward, y, loss) {
    const { prediction } = forward;
    const signals = this.wayBack(forward, getLoss(loss).gradient(prediction, y));
    return new BackwardPass(
      getLoss(loss).of(prediction, y),
      this.gradients(forward, signals),
      forward,
      signals,
    );
  }

  /** Return the gradient at the output of every part, given that at the last. @param {ForwardPass} forward @param {Matrix} gradient */
  wayBack(forward, gradient) {
    const signals = [gradient];
    for (let k = this.parts.length - 1; k > 0; k--) {
      signals.unshift(this.parts[k].pullBack(forward.kept[k], signals[0]));
    }
    return signals;
  }

  /** Return the derivatives of all parameters, each in the place of its parameter. @param {ForwardPass} forward @param {readonly Matrix[]} signals */
  gradients(forward, signals) {
    return new Network(this.parts.map((part, k) => part.gradients(forward.kept[k], signals[k])));
  }

  /** Return the loss of a batch. @param {Matrix} x @param {Matrix} y @param {string | Loss} loss @returns {Entry} */
  loss(x, y, loss) {
    return getLoss(loss).of(this.forward(x).prediction, y);
  }

  /** Return the network after one step: W - eta dL/dW, b - eta dL/db. @param {Network} gradients @param {Entry} learningRate */
  step(gradients, learningRate) {
    return this.map((w, g) => minus(w, scaled(learningRate, g)), gradients);
  }

  /** Return the network with a function applied to each array of parameters. @param {(...arrays: Matrix[]) => Matrix} f @param {...Network} others */
  map(f, ...others) {
    return new Network(
      this.parts.map((part, k) => part.map(f, ...others.map((other) => other.parts[k]))),
    );
  }

  /** The arrays of parameters, part by part. @returns {Matrix[]} */
  arrays() {
    return this.parts.flatMap((part) => part.arrays());
  }

  /** Return the network with other arrays in the order of `arrays`. @param {readonly Matrix[]} arrays */
  filled(arrays) {
    let position = 0;
    return this.map(() => arrays[position++]);
  }
}

/** A network of one layer: weighted sums, and what follows them. */
export class Layer extends Network {
  /** @param {Matrix} weights one row per unit @param {Matrix} biases a column @param {string | Activation} activation */
  constructor(weights, biases, activation) {
    super([new Dense(weights, biases), getActivation(activation)]);
  }

  /** Return the layer that consists of these parts. @param {readonly Part[]} parts @returns {Layer} */
  static from(parts) {
    return Object.assign(Object.create(Layer.prototype), { parts });
  }

  get weights() {
    return this._dense.weights;
  }

  get biases() {
    return this._dense.biases;
  }

  /** The activation; the identity if there is none. */
  get activation() {
    return this.parts.find((part) => part instanceof Activation) ?? identity;
  }

  get _dense() {
    const dense = this.parts.find((part) => part instanceof Dense);
    if (!dense) throw new RangeError("a layer: expected weights, received none");
    return dense;
  }
}

/** The record of a forward pass: for each part its output, and what the way back needs. */
export class ForwardPass {
  /** @param {readonly Part[]} parts @param {Matrix} x @param {readonly Matrix[]} outputs @param {readonly any[]} kept */
  constructor(parts, x, outputs, kept) {
    this.parts = parts;
    this.x = x;
    this.outputs = outputs;
    this.kept = kept;
    /** The pre-activations, which the activation receives: z[l] is z^l; z[0] is not used. @type {Matrix[]} */
    this.z = [x];
    /** The batch and the activations: a[l] is a^l. @type {Matrix[]} */
    this.a = [x];
    parts.forEach((part, k) => {
      if (part instanceof Dense) {
        this.z.push(outputs[k]);
        this.a.push(outputs[k]);
      } else if (part instanceof Activation && this.z.length > 1) {
        this.z[this.z.length - 1] = kept[k];
        this.a[this.a.length - 1] = outputs[k];
      }
    });
  }

  /** The output of the last part. */
  get prediction() {
    return this.outputs[this.outputs.length - 1];
  }
}

/** The loss, its gradients, and the gradient at the output of each part. */
export class BackwardPass {
  /** @param {Entry} loss @param {Network} gradients @param {ForwardPass} forward @param {readonly Matrix[]} signals */
  constructor(loss, gradients, forward, signals) {
    this.loss = loss;
    this.gradients = gradients;
    /** The error signals: deltas[l] = dL/dz^l; deltas[0] is not used. @type {Matrix[]} */
    this.deltas = [forward.x];
    forward.parts.forEach((part, k) => {
      if (part instanceof Dense) this.deltas.push(signals[k]);
      else if (part instanceof Activation && this.deltas.length > 1) {
        this.deltas[this.deltas.length - 1] = part.pullBack(forward.kept[k], signals[k]);
      }
    });
  }
}
