/**
 * What reaches the layers of a random network: values before and behind the activations, slopes, gradients.
 *
 * @typedef {{x: Matrix, y: Matrix}} Sample
 * @typedef {import("../../engine/parts.mjs").Part} Part
 * @typedef {"none" | "batch" | "layer"} Over
 * @typedef {object} Setting
 * @property {Over} over @property {string} activation @property {number} depth
 * @property {number} scale of the hidden weights @property {number} bias of all hidden units
 * @property {number} seed
 * @typedef {object} Measured in each hidden layer
 * @property {Matrix[]} sums what the activations receive @property {Matrix[]} activations
 * @property {Matrix[]} slopes
 * @property {number[]} gradients the norm for the weights of each layer, the output last
 */
import { getActivation } from "../../engine/activations.mjs";
import { filled, Matrix, scaled } from "../../engine/arrays.mjs";
import { INITIALIZERS, initialWeights } from "../../engine/initializers.mjs";
import { Network } from "../../engine/network.mjs";
import { BatchNorm, LayerNorm } from "../../engine/normalization.mjs";
import { Dense } from "../../engine/parts.mjs";
import { Random } from "../../engine/random.mjs";

export const UNITS = 30; // in each hidden layer
const FLAT = 0.1; // of the largest slope: a unit below it passes hardly any gradient on

/** Return random weights, the hidden layers first, before they are scaled. @param {{depth: number, seed: number}} setting @param {Sample} batch */
export function weightsOf({ depth, seed }, { x, y }) {
  const random = new Random(seed);
  const widths = [x.rows, ...new Array(depth).fill(UNITS), y.rows];
  return widths.slice(1).map((units, k) =>
    initialWeights(INITIALIZERS.lecun_normal, units, widths[k], random)
  );
}

/** Return the network: a normalization, if there is one, stands before the activation. @param {readonly Matrix[]} weights @param {Setting} setting */
export function networkOf(weights, { over, activation, scale, bias }) {
  const last = weights.length - 1;
  return new Network(
    weights.flatMap((w, k) =>
      k === last ? [new Dense(w, filled(w.rows, 1))] : [
        new Dense(scaled(scale, w), filled(w.rows, 1, bias)),
        ...normalization(over, w.rows),
        getActivation(activation),
      ]
    ),
  );
}

/** @param {Over} over @param {number} units @returns {Part[]} */
const normalization = (over, units) =>
  over === "none" ? [] : [(over === "batch" ? BatchNorm : LayerNorm).initial(units)];

/** Send a batch through a network as in training, and back. @param {Network} network @param {Sample} batch @returns {Measured} */
export function measured(network, { x, y }) {
  const forward = network.forward(x, true), { layers } = network;
  const loss = "categorical_cross_entropy_on_logits";
  const { gradients } = network.backward(forward, y, loss);
  const hidden = layers.slice(0, -1);
  return {
    sums: hidden.map((_, k) => forward.z[k + 1]),
    activations: hidden.map((_, k) => forward.a[k + 1]),
    slopes: hidden.map(({ activation }, k) => activation.derivative(forward.z[k + 1])),
    gradients: gradients.layers.map(({ weights }) => normOf([weights])),
  };
}

/** Return the length of matrices as one vector. @param {readonly Matrix[]} matrices */
export function normOf(matrices) {
  const entries = matrices.flatMap((one) => Array.from(one.entries, (w) => Math.abs(Number(w))));
  const largest = entries.reduce((most, one) => Math.max(most, one), 0);
  if (!largest || !Number.isFinite(largest)) return largest;
  return largest * Math.sqrt(entries.reduce((sum, one) => sum + (one / largest) ** 2, 0));
}

/** Return the share of the values in each of equal classes. @param {Matrix} values @param {readonly [number, number]} range @param {number} classes */
export function sharesOf({ entries }, [low, high], classes) {
  const counts = new Array(classes).fill(0);
  for (const entry of entries) {
    const place = Math.floor((Number(entry) - low) / (high - low) * classes);
    counts[Math.min(classes - 1, Math.max(0, place))] += 1;
  }
  return counts.map((count) => count / entries.length);
}

/** Return the mean, and the standard deviation around it. @param {Matrix} values */
export function momentsOf({ entries }) {
  const values = Array.from(entries, Number);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Return the share of slopes below a tenth of the largest one that the activation has. @param {Matrix} slopes @param {string} activation */
export function flatShareOf({ entries }, activation) {
  const most = activation === "sigmoid" ? 0.25 : 1;
  return Array.from(entries, Number).filter((one) => one < FLAT * most).length / entries.length;
}
