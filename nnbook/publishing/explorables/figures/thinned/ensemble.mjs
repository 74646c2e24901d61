/**
 * The thinned networks that dropout leaves, and means of their predictions.
 *
 * The mirror of `nnbook.theory.ensembles`, for networks with one input and one output, and with
 * dropout behind each hidden layer.
 *
 * @typedef {{weights: number[][], biases: number[]}[]} Spec
 * @typedef {{network: Network, output: string, rate: number}} Setting
 * @typedef {Matrix[]} Masks a column for each hidden layer: 0, or what a kept unit is multiplied by
 * @typedef {{arithmetic: number[], geometric: number[], deviation: number[]}} Means at each input
 */
import { getActivation } from "../../engine/activations.mjs";
import { asNumbers, filled, Matrix, plusColumn, product } from "../../engine/arrays.mjs";
import { Dropout } from "../../engine/dropout.mjs";
import { Layer, Network } from "../../engine/network.mjs";
import { Random } from "../../engine/random.mjs";

/** Return a network of tanh units, with the sum of the last layer as its output. @param {Spec} spec */
export const networkOf = (spec) =>
  new Network(
    spec.map(({ weights, biases }, k) =>
      new Layer(
        asNumbers(weights),
        asNumbers(biases.map((bias) => [bias])),
        k < spec.length - 1 ? "tanh" : "identity",
      )
    ),
  );

/** Return how many units the hidden layers have. @param {Network} network */
export const sizesOf = (network) => network.layers.slice(0, -1).map(({ biases }) => biases.rows);

/** Return the masks under which all units take part. @param {Network} network @returns {Masks} */
export const wholeOf = (network) => sizesOf(network).map((units) => filled(units, 1, 1));

/** Return masks as dropout draws them. @param {Setting} setting @param {Random} random @returns {Masks} */
export const drawn = ({ network, rate }, random) =>
  wholeOf(network).map((ones) => new Dropout(rate).forward(ones, random)[0]);

/** Return how many units masks keep. @param {Masks} masks */
export const keptBy = (masks) =>
  masks.flatMap(({ entries }) => Array.from(entries, Number)).filter(Boolean).length;

/** Return what each layer passes on, the input first and the prediction last. @param {Setting} setting @param {Masks} masks @param {readonly number[]} x */
export function passed({ network, output }, masks, x) {
  const passing = [asNumbers([x])];
  network.layers.forEach((layer, k) => {
    const a = layer.forward(passing[k]).prediction;
    passing.push(k < masks.length ? masked(a, masks[k]) : getActivation(output).of(a));
  });
  return passing;
}

/** Return the sums of the output unit of a thinned network, before its activation. @param {Setting} setting @param {Masks} masks @param {readonly number[]} x */
export function logitsOf(setting, masks, x) {
  const passing = passed({ ...setting, output: "identity" }, masks, x);
  return Array.from(passing[passing.length - 1].entries, Number);
}

/** Return predictions for the sums of the output unit. @param {string} output @param {readonly number[]} logits */
export const predictionsOf = (output, logits) =>
  Array.from(getActivation(output).of(asNumbers([logits])).entries, Number);

/** Multiply each row by the entry of a column. @param {Matrix} a @param {Matrix} column */
function masked(a, column) {
  const { rows, columns, entries } = a;
  return new Matrix(
    rows,
    columns,
    Float64Array.from(
      entries,
      (entry, k) => Number(entry) * Number(column.entries[Math.floor(k / columns)]),
    ),
  );
}

/** Return all masks of so many units, one in each row: 0, or what a kept unit is multiplied by. @param {number} units @param {number} rate */
function everyMask(units, rate) {
  return asNumbers(
    Array.from(
      { length: 2 ** units },
      (_, k) => Array.from({ length: units }, (_, i) => (k >> i & 1 ? 1 / (1 - rate) : 0)),
    ),
  );
}

/** Return the means over all masks, each as often as it is drawn. @param {Setting} setting @param {readonly number[]} x @returns {Means} */
export function meansOf({ network, output, rate }, x) {
  const layers = network.layers, last = layers[layers.length - 1];
  const columns = x.length, activation = getActivation(output);
  const sums = { apart: zeros(columns), logit: zeros(columns), square: zeros(columns) };
  // Differences from a number near the mean are added up: so the deviation keeps its digits.
  const near = predictionsOf(output, logitsOf({ network, output, rate }, wholeOf(network), x));

  /** @param {Matrix} a of a hidden layer @param {number} k @param {number} chance */
  const visit = (a, k, chance) => {
    const masks = everyMask(a.rows, rate);
    const chances = masks.toRows().map((mask) =>
      mask.reduce((/** @type {number} */ all, one) => all * (one ? 1 - rate : rate), chance)
    );
    if (k < layers.length - 2) {
      masks.toRows().forEach((mask, m) => {
        if (!chances[m]) return;
        const passing = masked(a, asNumbers(mask.map((one) => [one])));
        visit(layers[k + 1].forward(passing).prediction, k + 1, chances[m]);
      });
      return;
    }
    // The output is linear in the units of the last hidden layer: one product is enough for all masks.
    const row = new Matrix(1, a.rows, last.weights.entries), bias = last.biases.at(0, 0);
    const weights = asNumbers(
      masks.toRows().map((mask) => mask.map((one, i) => Number(one) * Number(row.at(0, i)))),
    );
    const logits = plusColumn(product(weights, a), filled(masks.rows, 1, Number(bias)));
    const predictions = activation.of(logits);
    for (let m = 0; m < masks.rows; m++) {
      for (let j = 0; j < columns; j++) {
        const apart = Number(predictions.at(m, j)) - near[j];
        sums.apart[j] += chances[m] * apart;
        sums.logit[j] += chances[m] * Number(logits.at(m, j));
        sums.square[j] += chances[m] * apart ** 2;
      }
    }
  };
  visit(layers[0].forward(asNumbers([x])).prediction, 0, 1);
  return {
    arithmetic: near.map((value, j) => value + sums.apart[j]),
    // The logarithm of the odds of a geometric mean is the mean of the logits.
    geometric: predictionsOf(output, sums.logit),
    deviation: sums.square.map((square, j) => Math.sqrt(Math.max(0, square - sums.apart[j] ** 2))),
  };
}

/** @param {number} count @returns {number[]} */
const zeros = (count) => new Array(count).fill(0);

/** Return the mean of the first prediction, of the first two, and so on. @param {string} output @param {readonly number[]} logits */
export function runningOf(output, logits) {
  let total = 0, sum = 0;
  return {
    arithmetic: predictionsOf(output, logits).map((one, k) => (total += one) / (k + 1)),
    geometric: predictionsOf(output, logits.map((logit, k) => (sum += logit) / (k + 1))),
  };
}

/** Thinned networks in the order in which they are drawn, kept while nothing else changes. */
export class Sample {
  /** @param {Setting} setting @param {readonly number[]} x where curves are drawn @param {number} seed */
  constructor(setting, x, seed) {
    this.setting = setting;
    this.x = x;
    this.random = new Random(seed);
    /** @type {Masks[]} */
    this.masks = [];
    /** @type {number[][]} */
    this.curves = [];
  }

  /** Draw until there are so many. @param {number} count */
  drawTo(count) {
    while (this.masks.length < count) {
      const masks = drawn(this.setting, this.random);
      this.masks.push(masks);
      this.curves.push(predictionsOf(this.setting.output, logitsOf(this.setting, masks, this.x)));
    }
  }
}
