/**
 * The colors of the book's figures, as variables with a value for light and for dark pages, and the
 * dash and the mark that go with each: nothing is told by color alone.
 */

/** @param {number} k */
export const color = (k) => `var(--nnx-c${k % 7})`;

/** The same for text, which needs more contrast. @param {number} k */
export const textColor = (k) => `var(--nnx-t${k % 7})`;

/** @param {number} k */
export const dash = (k) =>
  ["", "6 2.5", "1.5 2.5", "7 2.5 1.5 2.5", "10 3", "4 2 1.5 2 1.5 2", "3 3"][k % 7];

/** Shapes around the origin, about 8 px across. */
const SHAPES = [
  "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0Z",
  "M-3.6 -3.6H3.6V3.6H-3.6Z",
  "M0 -4.8L4.4 3.4H-4.4Z",
  "M0 -5L5 0L0 5L-5 0Z",
  "M0 4.8L4.4 -3.4H-4.4Z",
  "M-1.5 -4.5H1.5V-1.5H4.5V1.5H1.5V4.5H-1.5V1.5H-4.5V-1.5H-1.5Z",
  "M-5 0L3.5 -4.2V4.2Z",
];

/** @param {number} k */
export const shape = (k) => SHAPES[k % SHAPES.length];
