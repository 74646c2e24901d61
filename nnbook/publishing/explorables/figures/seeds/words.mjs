/**
 * What the samples show, in words.
 *
 * @typedef {import("./samples.mjs").Recorded} Recorded
 * @typedef {import("./samples.mjs").Sample} Sample
 */
import { deviationOf, meanOf } from "./samples.mjs";

/** Write numbers with as many decimals as their spread deserves. @param {Recorded} recorded @returns {(value: number) => string} */
export function writer({ values }) {
  const places = Math.max(0, 1 - Math.floor(Math.log10(deviationOf(values))));
  return (value) => value.toFixed(places).replace("-", "\u2212");
}

/** Return the share of intervals that cover the mean of all, in percent. @param {readonly Sample[]} samples */
export const coverageOf = (samples) =>
  100 * samples.filter(({ covers }) => covers).length / samples.length;

/** Return on which side of the mean of all the other intervals lie. @param {readonly Sample[]} samples @param {number} truth */
export function missesOf(samples, truth) {
  const share = (/** @type {(sample: Sample) => boolean} */ is) =>
    `${(100 * samples.filter(is).length / samples.length).toFixed(1)}\u00a0%`;
  const none = samples.every(({ low }) => Number.isFinite(low))
    ? ""
    : `, and ${share(({ low }) => !Number.isFinite(low))} of the samples make none`;
  return `${share(({ high }) => high < truth)} lie below it, ${
    share(({ low }) => low > truth)
  } above${none}`;
}

/** Return what the recorded runs are, what the last sample is, and all samples together. @param {Recorded} recorded @param {readonly Sample[]} samples @returns {[string, string]} */
export function told(recorded, samples) {
  const write = writer(recorded), { unit, spread, values, what } = recorded;
  const mean = meanOf(values), sd = deviationOf(values);
  const all =
    `Circles: all ${values.length} recorded runs, below them those of the newest sample. ` +
    `Vertical lines: mean (${what} ${write(mean)}${unit}) and standard deviation (${
      write(sd)
    }${spread}) of all. An interval that is longer than the axis is cut off.`;
  const last = samples[samples.length - 1];
  if (!last) return [all, "No sample has been drawn yet."];
  const interval = Number.isFinite(last.low)
    ? `The interval, ${write(last.low)} to ${write(last.high)}${unit}, ${
      last.covers ? "covers" : "misses"
    } the mean of all.`
    : "One run was drawn again and again, which makes no interval.";
  const one = `Sample ${samples.length}: mean ${write(last.mean)}${unit}, standard deviation ${
    write(last.sd)
  }${spread}. ${interval}`;
  if (samples.length === 1) return [all, one];
  const means = samples.map((sample) => sample.mean), sds = samples.map((sample) => sample.sd);
  return [
    all,
    `${one} So far ${coverageOf(samples).toFixed(1)}\u00a0% of the intervals cover it; ${
      missesOf(samples, mean)
    }. The means reach from ${write(Math.min(...means))} to ${
      write(Math.max(...means))
    }${unit}, the standard deviations from ${write(Math.min(...sds))} to ${
      write(Math.max(...sds))
    }${spread}.`,
  ];
}
