/**
 * What the networks answer, in words.
 *
 * @typedef {import("./networks.mjs").Recorded} Recorded
 * @typedef {import("./networks.mjs").Answer} Answer
 */
import { decimal } from "../../drawing/numbers.mjs";

/** Return a probability in percent, which is never said to be certain. @param {number} share */
export function percent(share) {
  if (share > 0.995) return "over 99\u00a0%";
  return `${(100 * share).toFixed(0)}\u00a0%`;
}

/** Return the steepest slope of the logit, upwards or downwards. @param {Answer} answer */
export const steepest = ({ slopes }) =>
  slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);

/** Return a title as it stands within a sentence. @param {string} title */
export const within = (title) => title[0].toLowerCase() + title.slice(1);

/** @param {readonly Recorded[]} networks @param {readonly Answer[]} answers @param {boolean} isBlank whether there is nothing to read */
export function told(networks, answers, isBlank) {
  const said = networks.map(({ title }, k) => `${title}: ${short(answers[k])}`);
  const steep = networks.map(({ title }, k) =>
    `${decimal(Number(steepest(answers[k]).toPrecision(2)))} (${within(title)})`
  );
  const start = isBlank ? "There is nothing on the image, and each network still answers. " : "";
  return `${start}${
    said.join(". ")
  }. Steepest slope of the logit of the answer, per unit of ink at one pixel: ${steep.join(", ")}.`;
}

/** Return an answer in few words. @param {Answer} answer */
export const short = ({ digit, probabilities }) => `${digit} (${percent(probabilities[digit])})`;
