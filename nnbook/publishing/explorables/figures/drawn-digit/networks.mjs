/**
 * The recorded networks, and what they make of an image.
 *
 * @typedef {{units: number, unit: number, weights: string, biases: number[], activation: string}} PackedLayer weights in base 64, one signed byte each, in that unit
 * @typedef {{title: string, accuracy: number, layers: PackedLayer[]}} Packed
 * @typedef {{title: string, accuracy: number, network: Network}} Recorded `network` gives logits
 * @typedef {{probabilities: number[], digit: number, slopes: Float64Array}} Answer `slopes`: of the logit of the digit, with respect to each pixel
 */
import { softmax } from "../../engine/activations.mjs";
import { asFloats, filled, Matrix } from "../../engine/arrays.mjs";
import { Layer, Network } from "../../engine/network.mjs";

const CLASSES = 10;

/** @param {Packed} packed @returns {Recorded} */
export function networkOf({ title, accuracy, layers }) {
  const network = new Network(layers.map(({ units, unit, weights, biases, activation }) => {
    const signs = atob(weights), bytes = new Int8Array(signs.length);
    for (let k = 0; k < signs.length; k++) bytes[k] = signs.charCodeAt(k);
    return new Layer(
      new Matrix(units, bytes.length / units, Float64Array.from(bytes, (byte) => unit * byte)),
      new Matrix(units, 1, biases),
      activation,
    );
  }));
  return { title, accuracy, network };
}

/** Send an image through a network, and the slope of the largest logit back to the pixels. @param {Network} network @param {Float64Array} image @returns {Answer} */
export function answerOf(network, image) {
  const forward = network.forward(new Matrix(image.length, 1, image));
  const probabilities = Array.from(softmax.of(forward.prediction).entries, Number);
  const digit = probabilities.indexOf(Math.max(...probabilities));
  const chosen = filled(CLASSES, 1);
  const entries = Float64Array.from(chosen.entries, (_, k) => Number(k === digit));
  const signals = network.wayBack(forward, new Matrix(CLASSES, 1, entries));
  const slopes = asFloats(network.parts[0].pullBack(forward.kept[0], signals[0]));
  return { probabilities, digit, slopes: Float64Array.from(slopes.entries, Number) };
}
