/**
 * The recorded runs of each configuration, and what all of its seeds say together.
 *
 * @typedef {"error" | "loss"} Metric
 * @typedef {{loss: number[][], error: number[][], training: number[], rate: number, epochs: number}} Run packed as `records.py` says
 * @typedef {{factors: Record<string, [string, number][]>, runs: Run[], baseline: Baseline}} Facts
 * @typedef {{hidden_layers: number[], activation: string, learning_rate: number, momentum: number, batch_size: number, epochs: number}} Baseline
 * @typedef {{mean: number, low: number, high: number}} Range of the seeds
 */

/** What stands for 1 in the packed numbers: of a loss, and of a percent. */
export const UNITS = { error: 100, loss: 1000 };

/** Of the runs, the one around which all factors are turned. */
export const BASELINE = 0;

/** @param {readonly number[]} values @returns {Range} */
export function rangeOf(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, low: Math.min(...values), high: Math.max(...values) };
}

/** Return the curve of each seed. @param {Run} run @param {Metric} metric @returns {number[][]} */
export const seedsOf = (run, metric) =>
  run[metric].map((values) => values.map((value) => value / UNITS[metric]));

/** Return mean and range of the seeds at each point of the training. @param {Run} run @param {Metric} metric @returns {Range[]} */
export function curveOf(run, metric) {
  const seeds = seedsOf(run, metric);
  return seeds[0].map((_, t) => rangeOf(seeds.map((values) => values[t])));
}

/** Return validation and training error in the end, in percent. @param {Run} run */
export function endOf(run) {
  const curve = curveOf(run, "error");
  return {
    validation: curve[curve.length - 1],
    training: rangeOf(run.training.map((value) => value / UNITS.error)),
  };
}

/** Return which run a setting of a factor is; beyond the last setting, the last one. @param {Facts} facts @param {string} factor @param {number} setting from 1 on */
export function chosenOf(facts, factor, setting) {
  const settings = facts.factors[factor], place = Math.min(setting, settings.length) - 1;
  const [label, run] = settings[place];
  return { place, label, run };
}
