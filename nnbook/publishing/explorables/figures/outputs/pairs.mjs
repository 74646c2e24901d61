/**
 * One output: its prediction, its loss and its error signal, for any pair of activation and loss.
 *
 * @typedef {{output: string, loss: string, z: number, y: number}} Setting
 * @typedef {{prediction: number, loss: number, signal: number, difference: number}} Found numbers that are not defined are NaN
 */
import { getActivation } from "../../engine/activations.mjs";
import { asNumbers } from "../../engine/arrays.mjs";
import { getLoss } from "../../engine/losses.mjs";

const OTHERS = 2; // classes of a softmax beside the first; their logits are 0

/** What each loss supposes about the noise of the target. */
export const NOISES = {
  half_sse: "normal noise",
  mae: "Laplace noise",
  cross_entropy: "a draw of yes or no, or of a class",
};

/** Whether the error signal of the pair is prediction minus target. @param {{output: string, loss: string}} pair */
export const matched = ({ output, loss }) =>
  (output === "identity") === (loss === "half_sse") && loss !== "mae";

/** Return what one output sends back; all from the functions of the engine. @param {Setting} setting @returns {Found} */
export function passed({ output, loss, z, y }) {
  const isSoftmax = output === "softmax";
  const others = new Array(isSoftmax ? OTHERS : 0).fill(0);
  const logits = asNumbers([[z], ...others.map((other) => [other])]);
  const targets = asNumbers([[y], ...others.map(() => [(1 - y) / OTHERS])]);
  const activation = getActivation(output), predictions = activation.of(logits);
  const prediction = Number(predictions.at(0, 0)), difference = prediction - y;
  if (loss === "cross_entropy") {
    if (output === "identity") return ofLinear(z, y);
    const kind = isSoftmax ? "categorical" : "binary";
    const onLogits = getLoss(`${kind}_cross_entropy_on_logits`);
    return {
      prediction,
      difference,
      loss: Number(onLogits.of(logits, targets)),
      signal: Number(onLogits.gradient(logits, targets).at(0, 0)),
    };
  }
  // The errors of several outputs are added.
  const count = loss === "mae" ? predictions.rows : 1, error = getLoss(loss);
  const back = activation.pullBack(logits, error.gradient(predictions, targets));
  return {
    prediction,
    difference,
    loss: count * Number(error.of(predictions, targets)),
    signal: count * Number(back.at(0, 0)),
  };
}

/** The cross-entropy of a linear output has a meaning between 0 and 1 only. @param {number} z @param {number} y @returns {Found} */
function ofLinear(z, y) {
  const entropy = getLoss("binary_cross_entropy"), p = asNumbers([[z]]), t = asNumbers([[y]]);
  const inside = z > 0 && z < 1;
  return {
    prediction: z,
    difference: z - y,
    loss: inside ? Number(entropy.of(p, t)) : NaN,
    signal: inside ? Number(entropy.gradient(p, t).at(0, 0)) : NaN,
  };
}
