/**
 * What an output sends back, in words.
 *
 * @typedef {import("./pairs.mjs").Setting} Setting
 * @typedef {import("./pairs.mjs").Found} Found
 */
import { decimal } from "../../drawing/numbers.mjs";
import { matched, NOISES } from "./pairs.mjs";

/** @param {Setting} setting @param {Found} found */
export function told(setting, { prediction, loss, signal, difference }) {
  const noise = NOISES[/** @type {keyof typeof NOISES} */ (setting.loss)];
  const start = `Prediction ${decimal(prediction)}, target ${decimal(setting.y)}.`;
  if (Number.isNaN(loss)) {
    return `${start} A cross-entropy takes probabilities, and a linear output of ${
      decimal(prediction)
    } is none: loss and error signal are not defined here.`;
  }
  const sent = `The loss is ${decimal(loss)} (${noise}), and the error signal ${decimal(signal)}.`;
  if (matched(setting)) {
    return `${start} ${sent} This pair matches: the error signal is prediction minus target.`;
  }
  if (Math.abs(difference) < 1e-12) return `${start} ${sent} Prediction and target are the same.`;
  return `${start} ${sent} Prediction minus target is ${decimal(difference)}; the signal is ${
    decimal(signal / difference)
  } times that.`;
}
