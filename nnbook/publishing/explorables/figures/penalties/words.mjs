/**
 * What the two penalties do, in words.
 *
 * @typedef {import("./quadratic.mjs").Quadratic} Quadratic
 * @typedef {import("./quadratic.mjs").Pair} Pair
 * @typedef {import("./quadratic.mjs").Interval} Interval
 */
import { decimal } from "../../drawing/numbers.mjs";
import { crossings, lasso, ridge, zeros } from "./quadratic.mjs";

export const NAMES = ["w\u2081", "w\u2082"];

/** Return a number with three digits; what is only rounding is 0. @param {number} value */
export const brief = (value) =>
  Math.abs(value) < 1e-9 ? "0" : decimal(Number(value.toPrecision(3)));

/** @param {Pair} w */
const pair = (w) => `(${w.map(brief).join(", ")})`;

/** The radius of the region on whose rim the solution lies. */
export const radius = {
  l2: (/** @type {Pair} */ w) => Math.hypot(...w),
  l1: (/** @type {Pair} */ w) => Math.abs(w[0]) + Math.abs(w[1]),
};

/** Return what holds at one weight of the penalty, for L2, for L1, and when weights become zero. @param {Quadratic} loss @param {number} lambda */
export function told(loss, lambda) {
  const [l2, l1] = [ridge(loss, lambda), lasso(loss, lambda)];
  const start = `\u03bb = ${brief(lambda)}.`;
  if (loss.star.every((value) => value === 0)) {
    return `${start} Both weights are 0 without a penalty, and no penalty moves them.`;
  }
  if (lambda === 0) return `${start} Without a penalty the weights are ${pair(loss.star)}.`;
  const circle = `L2: w = ${pair(l2)}, so this \u03bb picks the circle of radius ${
    brief(radius.l2(l2))
  }.`;
  const none = l1.every((value) => value === 0);
  const diamond = none
    ? "L1: both weights are exactly 0, and the diamond is a point."
    : `L1: w = ${pair(l1)}, on the diamond of radius ${brief(radius.l1(l1))}, ${placed(l1)}.`;
  return `${start} ${circle} ${diamond} ${ofL1(zeros(loss), lambda, l1)} ${ofL2(crossings(loss))}`;
}

/** @param {Pair} w */
function placed(w) {
  const zero = w.findIndex((value) => value === 0);
  return zero < 0 ? "on an edge" : `in a corner: ${NAMES[zero]} is exactly 0`;
}

/** Up to this lambda only: what a stronger penalty does may be asked. @param {[Interval[], Interval[]]} found @param {number} lambda @param {Pair} l1 what minimizes the loss here: a weight that it takes for 0 has reached its threshold, even if rounding puts that just above lambda */
function ofL1(found, lambda, l1) {
  const parts = found.map((intervals, i) => {
    const reached = l1[i] === 0 ? lambda + 1e-9 : lambda;
    const begun = intervals.filter(([from]) => from <= reached);
    return begun.length
      ? `${NAMES[i]} is exactly 0 ${ranges(begun, lambda)}`
      : `${NAMES[i]} is not 0 at any \u03bb up to this one`;
  });
  return `With L1, ${parts.join(", and ")}.`;
}

/** @param {Interval[]} intervals @param {number} lambda */
function ranges(intervals, lambda) {
  return intervals.map(([from, to]) => {
    if (to === Infinity) return from ? `from \u03bb = ${brief(from)} on` : "for every \u03bb";
    if (to > lambda) return from ? `since \u03bb = ${brief(from)}` : "up to this \u03bb";
    return `from ${from ? `\u03bb = ${brief(from)}` : "the start"} to ${brief(to)}`;
  }).join(" and ");
}

/** @param {Pair} found */
function ofL2(found) {
  const parts = found.map((lambda, i) =>
    lambda === 0
      ? `${NAMES[i]} is 0 for every \u03bb`
      : lambda < Infinity
      ? `${NAMES[i]} passes 0 at \u03bb = ${brief(lambda)}`
      : ""
  );
  const rest = parts[0] && parts[1]
    ? ""
    : parts[0] || parts[1]
    ? `${NAMES[parts[0] ? 1 : 0]} is never 0`
    : "neither weight is exactly 0, however large \u03bb is";
  return `With L2, ${[...parts, rest].filter(Boolean).join(", and ")}.`;
}
