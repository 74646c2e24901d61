/**
 * What the thinned networks and their means show, in words.
 *
 * @typedef {import("./ensemble.mjs").Means} Means
 * @typedef {object} Seen
 * @property {number} layers that are dropped
 * @property {string} output
 * @property {number} units that may be dropped
 * @property {number} rate
 * @property {number} x
 * @property {number} drawn how many masks
 * @property {number} kept units, by the last one
 * @property {number} prediction of the last one
 * @property {boolean} isOutside whether the panel does not reach to it
 * @property {{arithmetic: number, geometric: number}} running means
 * @property {{arithmetic: number, geometric: number, deviation: number}} all masks
 * @property {number} scaled the prediction with dropout off
 * @property {{arithmetic: number, geometric: number}} gaps the largest ones for any x
 * @property {number} miss of the prediction with dropout off, on the data: root mean square
 */
import { decimal, grouped, powerOfTen } from "../../drawing/numbers.mjs";

const ROUNDING = 1e-9; // what is less may be an error of rounding

/** Return a number with three decimals; what is only rounding is 0. @param {number} value */
export const brief = (value) => decimal(Number(value.toFixed(3)));

/** A difference, with two digits; of one that rounding may make, only that it is small. @param {number} value */
const gap = (value) =>
  value < ROUNDING
    ? `less than ${powerOfTen(-9)}`
    : `up to ${decimal(Number(value.toPrecision(2)))}`;

/** @param {Seen} seen */
export function told(seen) {
  const fit = `Weight scaling misses the data by ${brief(seen.miss)} (root mean square).`;
  return `${sampled(seen)} ${compared(seen)} ${fit}`;
}

/** What has been drawn, at one input. @param {Seen} seen */
function sampled({ units, x, drawn, kept, prediction, isOutside, running, all, scaled, output }) {
  const at = `at x = ${brief(x)}`;
  const whole = `Weight scaling, all ${units} units at once, predicts ${brief(scaled)} ${at}.`;
  const every = `The mean over all ${
    grouped(2 ** units)
  } masks, each weighted by its probability, is ${brief(all.arithmetic)}, the standard deviation ${
    brief(all.deviation)
  }.`;
  if (!drawn) return `${whole} ${every} No mask has been drawn yet.`;
  const mean = output === "sigmoid"
    ? `${brief(running.arithmetic)}, their normalized geometric mean ${brief(running.geometric)}`
    : brief(running.arithmetic);
  return `Mask ${drawn} keeps ${kept} of ${units} units and predicts ${brief(prediction)} ${at}${
    isOutside ? ", outside the panel" : ""
  }. The mean of ${drawn} is ${mean}. ${every} ${whole}`;
}

/** What holds for every input. @param {Seen} seen */
function compared({ rate, layers, output, gaps }) {
  if (!rate) return "At p = 0 nothing is dropped: all masks are the same.";
  const isSigmoid = output === "sigmoid";
  // What is exact follows from the network: at a small rate all differences are small.
  if (layers === 1 && !isSigmoid) {
    return "For every x, weight scaling is exactly the mean over all masks: one layer is dropped, and the output is linear in it.";
  }
  const apart = `weight scaling and the mean over all masks are ${gap(gaps.arithmetic)} apart`;
  if (!isSigmoid) {
    return `Over all x, ${apart}: behind the first dropped layer is a layer of tanh units, and the mean of tanh is not the tanh of the mean.`;
  }
  return layers === 1
    ? `Over all x, ${apart}; weight scaling is exactly the normalized geometric mean, because one layer is dropped, and the logit is linear in it.`
    : `Over all x, ${apart}, and ${
      gap(gaps.geometric)
    } from the normalized geometric mean: over ${layers} dropped layers, weight scaling is neither.`;
}
