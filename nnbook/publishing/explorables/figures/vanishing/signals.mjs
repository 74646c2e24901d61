/**
 * What goes through a random network and back: slopes, activations, error signals and gradients.
 *
 * @typedef {import("../../engine/initializers.mjs").Initializer} Initializer
 * @typedef {{inputs: number, images: number, labels: string, unit: number, entries: string}} Facts
 * @typedef {{inputs: number, x: Matrix, y: Matrix}} Batch
 * @typedef {{depth: number, width: number, activation: string, initializer: string, scale: number, deviation: number, seed: number}} Setting
 * @typedef {{slope: number[], steepness: number[], activation: number[], error: number[], gradient: number[]}} Signals
 */
import { map, Matrix, scaled } from "../../engine/arrays.mjs";
import { INITIALIZERS, initialWeights, randomNormal } from "../../engine/initializers.mjs";
import { oneHot } from "../../engine/losses.mjs";
import { Layer, Network } from "../../engine/network.mjs";
import { Random } from "../../engine/random.mjs";

export const CLASSES = 10;

/** Return the batch that the build has packed: a triangle whose scalar products are those of images. @param {Facts} facts @returns {Batch} */
export function batchOf({ inputs, images, labels, unit, entries }) {
  const bytes = Int8Array.from(atob(entries), (sign) => sign.charCodeAt(0));
  const x = new Float64Array(images * images);
  for (let i = 0, k = 0; i < images; i++) {
    for (let j = i; j < images; j++, k++) x[i * images + j] = unit * bytes[k];
  }
  const classes = new Matrix(1, images, Float64Array.from(labels, Number));
  return { inputs, x: new Matrix(images, images, x), y: oneHot(classes, CLASSES) };
}

/** @param {Setting} setting @returns {Initializer} */
export const initializerOf = ({ initializer, deviation }) =>
  initializer === "random_normal" ? randomNormal(deviation) : INITIALIZERS[initializer];

/** Return the deviation of the weights from one hidden layer to the next. @param {Setting} setting */
export const deviationOf = (setting) =>
  factorOf(setting) * initializerOf(setting).deviationOf(setting.width, setting.width);

/** The deviation of normal weights is chosen itself. @param {Setting} setting */
export const factorOf = ({ initializer, scale }) => (initializer === "random_normal" ? 1 : scale);

/**
 * Return a network with random weights for the batch.
 *
 * A triangle stands for the images, so that the first layer has a weight for each of its rows; the
 * size of these weights is that for as many inputs as an image has pixels.
 *
 * @param {Setting} setting @param {Batch} batch @returns {Network}
 */
export function networkOf(setting, batch) {
  const { depth, width, activation, seed } = setting;
  const initializer = initializerOf(setting), random = new Random(seed);
  const widths = [batch.inputs, ...new Array(depth).fill(width), CLASSES];
  return new Network(
    widths.slice(1).map((units, k) => {
      const deviation = factorOf(setting) * initializer.deviationOf(widths[k], units);
      const sizes = { ...initializer, deviationOf: () => deviation };
      const inputs = k ? widths[k] : batch.x.rows;
      return new Layer(
        initialWeights(sizes, units, inputs, random),
        new Matrix(units, 1, new Float64Array(units)),
        k < depth ? activation : "identity",
      );
    }),
  );
}

/** Return what is measured in each layer: slopes (mean and root mean square) and activations of hidden ones, error signals and gradients of all. @param {Setting} setting @param {Batch} batch @returns {Signals} */
export function signalsOf(setting, batch) {
  const network = networkOf(setting, batch), forward = network.forward(batch.x);
  const loss = "categorical_cross_entropy_on_logits"; // with softmax, whatever size the sums have
  const { gradients, deltas } = network.backward(forward, batch.y, loss);
  const examples = batch.x.columns, layers = network.layers, hidden = layers.slice(0, -1);
  const slopes = hidden.map(({ activation }, k) => activation.derivative(forward.z[k + 1]));
  return {
    slope: slopes.map((one) => mean(map(Math.abs, one))),
    steepness: slopes.map(rootMeanSquare),
    activation: hidden.map((_, k) => rootMeanSquare(forward.a[k + 1])),
    // The loss is a mean over the images; an error signal is that of one of them.
    error: layers.map((_, k) => rootMeanSquare(scaled(examples, deltas[k + 1]))),
    gradient: gradients.layers.map(({ weights }) =>
      rootMeanSquare(weights) * Math.sqrt(weights.entries.length)
    ),
  };
}

/** @param {Matrix} a */
function mean({ entries }) {
  let total = 0;
  for (const entry of entries) total += Number(entry);
  return total / entries.length;
}

/** Return the root of the mean square; numbers far from 1 neither vanish nor overflow on the way. @param {Matrix} a */
function rootMeanSquare({ entries }) {
  let largest = 0, total = 0;
  for (const entry of entries) largest = Math.max(largest, Math.abs(Number(entry)));
  if (!largest || !Number.isFinite(largest)) return largest;
  for (const entry of entries) total += (Number(entry) / largest) ** 2;
  return largest * Math.sqrt(total / entries.length);
}
