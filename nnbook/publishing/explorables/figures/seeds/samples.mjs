/**
 * Samples of recorded runs, and what each tells of the mean of all.
 *
 * @typedef {{values: readonly number[], label: string, unit: string, spread: string, what: string}} Recorded
 * @typedef {{values: number[], mean: number, sd: number, low: number, high: number, covers: boolean}} Sample
 */
import { Random } from "../../engine/random.mjs";

/** @param {readonly number[]} values */
export const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Return the standard deviation of a sample, with one degree of freedom less. @param {readonly number[]} values */
export function deviationOf(values) {
  const mean = meanOf(values);
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
  );
}

/** Return what a sample tells; values that are all alike make no interval. @param {number[]} values @param {number} factor of the standard error @param {number} truth the mean of all @returns {Sample} */
export function sampleOf(values, factor, truth) {
  const mean = meanOf(values);
  if (values.every((value) => value === values[0])) {
    return { values, mean: values[0], sd: 0, low: NaN, high: NaN, covers: false };
  }
  const sd = deviationOf(values), margin = factor * sd / Math.sqrt(values.length);
  const [low, high] = [mean - margin, mean + margin];
  return { values, mean, sd, low, high, covers: low <= truth && truth <= high };
}

/** Draw samples with replacement: the recorded runs stand for all that there could be. @param {readonly number[]} recorded @param {{size: number, factor: number, count: number, seed: number}} setting @returns {Sample[]} */
export function samplesOf(recorded, { size, factor, count, seed }) {
  const random = new Random(seed), truth = meanOf(recorded);
  return Array.from({ length: count }, () =>
    sampleOf(
      Array.from({ length: size }, () => recorded[Math.floor(random.uniform() * recorded.length)]),
      factor,
      truth,
    ));
}
