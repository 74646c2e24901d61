/**
 * What goes through a random network and back: slopes, activations, error signals and gradients.
 *
 * @typedef {import("../../engine/initializers.mjs").Initializer} Initializer
 * @typedef {{inputs: number, images: number, labels: string, unit: number, entries: string}} Facts
 * @typedef {{inputs: number, x: Matrix, y: Matrix}} Batch
 * @typedef {{depth: number, width: number, activation: string, initializer: string, scale: number, deviation: number, seed: number}} Setting
 * @typedef {{slope: number[], steepness: number[], activation: number[], error: number[], gradient: number[]}} Signals
 */
import { Matrix, times } from "../../engine/arrays.mjs";
import { INITIALIZERS, initialWeights, randomNormal } from "../../engine/initializers.mjs";
import { getLoss, oneHot } from "../../engine/losses.mjs";
import { Layer, Network } from "../../engine/network.mjs";
import { Dense } from "../../engine/parts.mjs";
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
export const networkOf = (setting, batch) => new Network([...layersOf(setting, batch)]);

/** The same, one layer after the other. @param {Setting} setting @param {Batch} batch @returns {Generator<Layer>} */
function* layersOf(setting, batch) {
  const { depth, width, activation, seed } = setting;
  const initializer = initializerOf(setting), random = new Random(seed);
  const widths = [batch.inputs, ...new Array(depth).fill(width), CLASSES];
  for (const [k, units] of widths.slice(1).entries()) {
    const deviation = factorOf(setting) * initializer.deviationOf(widths[k], units);
    const sizes = { ...initializer, deviationOf: () => deviation };
    const inputs = k ? widths[k] : batch.x.rows;
    yield new Layer(
      initialWeights(sizes, units, inputs, random),
      new Matrix(units, 1, new Float64Array(units)),
      k < depth ? activation : "identity",
    );
  }
}

/** Return what is measured in each layer: slopes (mean and root mean square) and activations of hidden ones, error signals and gradients of all. @param {Setting} setting @param {Batch} batch @returns {Signals} */
export function signalsOf(setting, batch) {
  const pieces = signalsIn(setting, batch);
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/**
 * The same layer by layer, there and back; each tells how many products it has cost.
 *
 * @param {Setting} setting @param {Batch} batch
 * @param {boolean} [isShare] whether only the gradients of the first and of the last layer are wanted
 * @returns {Generator<number, Signals>}
 */
export function* signalsIn(setting, batch, isShare = false) {
  const examples = batch.x.columns, layers = [], inputs = [batch.x], slopes = [];
  for (const layer of layersOf(setting, batch)) {
    const { weights, biases, activation } = layer, dense = new Dense(weights, biases);
    const [z] = dense.forward(inputs[inputs.length - 1]);
    layers.push(dense);
    inputs.push(activation.of(z));
    slopes.push(activation.derivative(z));
    yield weights.entries.length * examples;
  }
  const prediction = /** @type {Matrix} */ (inputs.pop());
  slopes.pop(); // outputs are the sums themselves
  // With softmax, whatever size the sums have.
  let delta = getLoss("categorical_cross_entropy_on_logits").gradient(prediction, batch.y);
  const error = [], gradient = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    let cost = 0;
    // The loss is a mean over the images; an error signal is that of one of them.
    if (!isShare) error.unshift(examples * rootMeanSquare(delta));
    if (!isShare || l === 0 || l === layers.length - 1) {
      const { weights } = layers[l].gradients(inputs[l], delta);
      gradient.unshift(rootMeanSquare(weights) * Math.sqrt(weights.entries.length));
      cost += weights.entries.length * examples;
    }
    if (l) {
      delta = times(layers[l].pullBack(inputs[l], delta), slopes[l - 1]);
      cost += layers[l].weights.entries.length * examples;
    }
    yield cost;
  }
  return {
    slope: isShare ? [] : slopes.map(meanSize),
    steepness: isShare ? [] : slopes.map(rootMeanSquare),
    activation: isShare ? [] : inputs.slice(1).map(rootMeanSquare),
    error,
    gradient,
  };
}

/** @param {Matrix} a */
function meanSize({ entries }) {
  let total = 0;
  for (const entry of entries) total += Math.abs(Number(entry));
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
