/**
 * Data as the book's build has packed them, see facts.py.
 *
 * @typedef {{pixels: string, labels: string}} Digits
 */
import { asNumbers, Matrix } from "../engine/arrays.mjs";
import { oneHot } from "../engine/losses.mjs";

const PIXELS = 64, GRAYS = 16, CLASSES = 10;

/** Return some of the small digits as columns, and their targets; pixels are digits to the base of 17. @param {Digits} digits @param {number} from @param {number} to */
export function digitsOf({ pixels, labels }, from, to) {
  const x = new Float64Array(PIXELS * (to - from));
  for (let n = from; n < to; n++) {
    for (let i = 0; i < PIXELS; i++) {
      x[i * (to - from) + n - from] = parseInt(pixels[n * PIXELS + i], GRAYS + 1) / GRAYS;
    }
  }
  const classes = asNumbers([Array.from(labels.slice(from, to), Number)]);
  return { x: new Matrix(PIXELS, to - from, x), y: oneHot(classes, CLASSES) };
}
