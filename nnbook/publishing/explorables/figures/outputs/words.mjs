/**
 * What an output sends back, in words.
 *
 * @typedef {import("./pairs.mjs").Setting} Setting
 * @typedef {import("./pairs.mjs").Found} Found
 */
import { decimal } from "../../drawing/numbers.mjs";
import { isRight, matched, NOISES, RIGHT } from "./pairs.mjs";

/** @param {Setting} setting @param {Found} found @param {number} [count] steps since the last change by hand */
export function told(setting, found, count = 0) {
  const walked = count ? ` ${stepsTold(count, isRight(found))}` : "";
  return `${passedTold(setting, found)}${walked}`;
}

/** @param {number} count @param {boolean} right */
const stepsTold = (count, right) =>
  `After ${count} step${count === 1 ? "" : "s"} the output is ${
    right ? "right" : "not yet right"
  }: ${right ? "" : "not "}within ${RIGHT} of the target.`;

/** @param {Setting} setting @param {Found} found */
function passedTold(setting, { prediction, loss, least, signal, difference }) {
  const noise = NOISES[/** @type {keyof typeof NOISES} */ (setting.loss)];
  const start = `Prediction ${decimal(prediction)}, target ${decimal(setting.y)}.`;
  if (Number.isNaN(loss)) {
    return `${start} A cross-entropy takes probabilities, and a linear output of ${
      decimal(prediction)
    } is none: loss and error signal are not defined here.`;
  }
  const limit = least ? `; with these targets never below ${decimal(least)}` : "";
  const sent = `The loss is ${decimal(loss)} (${noise}${limit}), and the error signal ${
    decimal(signal)
  }.`;
  if (matched(setting)) {
    return `${start} ${sent} This pair matches: the error signal is prediction minus target, so that the solid curve covers the dashed one.`;
  }
  if (Math.abs(difference) < 1e-12) return `${start} ${sent} Prediction and target are the same.`;
  const times = setting.loss === "mae" && setting.output === "identity"
    ? "has the size 1, however large that is"
    : `is ${decimal(signal / difference)} times that`;
  return `${start} ${sent} Prediction minus target is ${decimal(difference)}; the signal ${times}.`;
}
