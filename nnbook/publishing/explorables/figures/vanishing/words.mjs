/**
 * What the signals show, in words.
 *
 * @typedef {import("./signals.mjs").Setting} Setting
 * @typedef {import("./signals.mjs").Signals} Signals
 */
import { decimal } from "../../drawing/numbers.mjs";
import { deviationOf } from "./signals.mjs";

/** The geometric mean of the ratios between neighbors, on the way back. @param {readonly number[]} values */
export const ratioBack = (values) =>
  (values[0] / values[values.length - 1]) ** (1 / (values.length - 1));

/** @param {number} value */
const brief = (value) => decimal(Number(value.toPrecision(3)));

/** Return how large the gradient of the first layer is, in that of the output layer. @param {Signals} signals */
const shareOf = ({ gradient }) => gradient[0] / gradient[gradient.length - 1];

/** @param {Setting} setting @param {Signals} signals @param {Signals} withGlorot of the same network with Glorot's weights @param {boolean} recorded */
export function told(setting, signals, withGlorot, recorded) {
  const { depth, width } = setting, { gradient, error, activation, steepness } = signals;
  const share = shareOf(signals), plain = shareOf(withGlorot);
  // Where nothing vanishes with Glorot's weights, less of it is no loss.
  const compared = share === plain || !plain
    ? ""
    : plain < 1
    ? `: ${brief(share / plain)} times as much as with Glorot\u2019s weights, where it is ${
      brief(plain)
    }`
    : `; with Glorot\u2019s weights it has ${brief(plain)} times`;
  const first = gradient[0] === 0
    ? "No gradient reaches the first layer: its norm is exactly 0."
    : `The gradient of the first layer has ${
      brief(share)
    } times the norm of that of the output layer${compared}. The norms of all layers lie between ${
      brief(Math.min(...gradient))
    } and ${brief(Math.max(...gradient))}.`;
  const back = errorRatio(error, depth),
    predicted = Math.sqrt(width) * deviationOf(setting) * middle(steepness);
  const factors = gradient[0] === 0
    ? "Draw other weights, or change the settings."
    : depth < 3
    ? "Three hidden layers or more show what changes from layer to layer."
    : `From hidden layer ${depth} back to 2 the error signal changes by the factor ${
      brief(back)
    } per layer; \u221a(width \u00d7 variance of the weights) \u00d7 slope predicts ${
      brief(predicted)
    }. For one image the gradient is this signal times the activation of the layer before, for these averages over images at best roughly: the activation changes by the factor ${
      brief(ratioBack(activation.slice(0, depth - 1)))
    } and the gradient by ${brief(ratioBack(gradient.slice(1, depth)))} per layer.`;
  const behind = recorded
    ? "The bands show the range of five recorded networks with this configuration, before training; other draws of weights may leave them."
    : "No networks with this configuration are on record, so there are no bands.";
  return [first, factors, behind];
}

/** @param {readonly number[]} error @param {number} depth */
const errorRatio = (error, depth) => ratioBack(error.slice(1, depth));

/** The geometric mean over all layers but the first and the last. @param {readonly number[]} values */
function middle(values) {
  const inner = values.slice(1, -1);
  return Math.exp(inner.reduce((total, value) => total + Math.log(value), 0) / inner.length);
}
