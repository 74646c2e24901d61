/**
 * One output: its prediction, its loss and its error signal, for any pair of activation and loss.
 *
 * @typedef {{output: string, loss: string, z: number, y: number}} Setting
 * @typedef {{prediction: number, loss: number, least: number, signal: number, difference: number}} Found `least` is the infimum of the loss over all predictions; numbers that are not defined are NaN
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

/** How near to its target an output counts as right. */
export const RIGHT = 0.05;

/** @param {Found} found */
export const isRight = ({ difference }) => Math.abs(difference) <= RIGHT;

/**
 * Go against the error signal, with learning rate 1, until the output becomes right or has no signal.
 *
 * @param {Setting} setting @param {number} most
 * @returns {{z: number, count: number}} the logit, and how many steps have led to it
 */
export function walk(setting, most) {
  let { z } = setting, found = passed(setting);
  const began = isRight(found);
  for (let count = 0; count < most; count++) {
    if (Number.isNaN(found.signal)) return { z, count };
    z -= found.signal;
    found = passed({ ...setting, z });
    if (!began && isRight(found)) return { z, count: count + 1 };
  }
  return { z, count: most };
}

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
    const shares = isSoftmax ? [...targets.entries].map(Number) : [y, 1 - y];
    return {
      prediction,
      difference,
      least: entropyOf(shares),
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
    least: 0,
    loss: count * Number(error.of(predictions, targets)),
    signal: count * Number(back.at(0, 0)),
  };
}

/** Return how probable the target is, compared with the best prediction: the ratio of the likelihoods. @param {Found} found */
export const likelihoodRatio = ({ loss, least }) => Math.exp(least - loss);

/** Return the entropy of targets, which no cross-entropy with them is below. @param {readonly number[]} shares */
const entropyOf = (shares) =>
  shares.filter((share) => share > 0).reduce((sum, share) => sum - share * Math.log(share), 0);

/** The cross-entropy of a linear output has a meaning between 0 and 1 only. @param {number} z @param {number} y @returns {Found} */
function ofLinear(z, y) {
  const entropy = getLoss("binary_cross_entropy"), p = asNumbers([[z]]), t = asNumbers([[y]]);
  const inside = z > 0 && z < 1;
  return {
    prediction: z,
    difference: z - y,
    least: entropyOf([y, 1 - y]),
    loss: inside ? Number(entropy.of(p, t)) : NaN,
    signal: inside ? Number(entropy.gradient(p, t).at(0, 0)) : NaN,
  };
}
