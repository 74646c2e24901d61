/**
 * What is known at a place of the walk.
 *
 * @typedef {import("./walk.mjs").Moment} Moment
 * @typedef {import("./walk.mjs").Phase} Phase
 */
import { PHASES } from "./walk.mjs";

/** What has a column for each example, and the phase in which it is found. @type {Record<string, Phase>} */
const COLUMNS = { a1: "forward", prediction: "forward", delta2: "backward", delta1: "backward" };

/**
 * Return what is known at a place of the walk: of the example in the drawing what has been computed,
 * of the other one what whole phases have.
 *
 * @param {readonly Moment[]} moments @param {number} at @param {number} example
 */
export function knownAt(moments, at, example) {
  const results = new Set(moments.slice(0, at).map((moment) => moment.result));
  const phase = at ? moments[at - 1].phase : "forward";
  const order = Object.keys(PHASES);
  const passed = (/** @type {string} */ name) =>
    order.indexOf(phase) > order.indexOf(name) || at === moments.length;
  return (/** @type {string} */ name, /** @type {number} */ i, /** @type {number} */ j) => {
    if (name.startsWith("new")) return results.has(`${name}.0.0`);
    if (name in COLUMNS && j !== example) return passed(COLUMNS[name]);
    return results.has(`${name}.${i}.${j}`);
  };
}

/** @typedef {ReturnType<typeof knownAt>} Known */
