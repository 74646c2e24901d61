/**
 * What the batches do, in words.
 *
 * @typedef {import("./pictures.mjs").Seen} Seen
 */
import { decimal } from "../../drawing/numbers.mjs";
import { noisySize } from "./batches.mjs";

const ROUNDING = 1e-12;

/** Return a number with three digits; what is only rounding is 0. @param {number} value */
export const brief = (value) =>
  Math.abs(value) < ROUNDING ? "0" : decimal(Number(value.toPrecision(3)));

/** @param {readonly number[]} values */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param {Seen} seen */
export function told(seen) {
  const { size, count, draws, rate, gradients, error, formula, before, changed, full } = seen;
  const { outside } = seen;
  const [length, down] = [Math.hypot(...gradients.mean), changed.filter((c) => c < 0).length];
  const equal = noisySize(gradients, draws), isWithout = draws === "without";
  const drawn = isWithout
    ? `Batches of ${size} of ${count} images, drawn without replacement.`
    : `Batches of ${size}, drawn with replacement from ${count} images.`;
  const noise = error < ROUNDING
    ? `Each holds every image once: its gradient is the full gradient, of length ${brief(length)}.`
    : `The full gradient has the length ${brief(length)}; the gradients of ${changed.length} ` +
      `batches miss it by ${brief(error)} (root mean square; by the formula ${brief(formula)}).`;
  const unseen = outside
    ? ` ${outside} of ${changed.length} ${
      outside === 1 ? "leads" : "lead"
    } to weights outside the plane.`
    : "";
  const updates =
    `${down} of ${changed.length} updates with \u03b7 = ${brief(rate)} go downhill.${unseen} ` +
    `From ${brief(before)} the loss goes to ${brief(before + mean(changed))} in the mean, ` +
    `and to ${brief(before + full)} with the full gradient.`;
  const level = length < ROUNDING
    ? "The full gradient is 0, so that all is noise."
    : `Batches would miss the full gradient by its own length, noise as large as signal, at a size of about B = ${
      brief(equal)
    }${equal > count ? ", more than there are images" : ""}.`;
  return `${drawn} ${noise} ${updates} ${level}`;
}
