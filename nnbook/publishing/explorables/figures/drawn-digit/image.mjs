/**
 * A drawing as the images of MNIST are: fitted, centred, and moved as augmentation moves them.
 *
 * The mirror of `nnbook.publishing.explorables.drawn` and of `nnbook.training.augmentation`.
 *
 * @typedef {import("./strokes.mjs").Strokes} Strokes
 * @typedef {{right: number, down: number, turn: number, size: number, warp: number, seed: number}} Movement pixels and degrees
 */
import { asNumbers, Matrix, product, transposed } from "../../engine/arrays.mjs";
import { Random } from "../../engine/random.mjs";

/** Pixels to a side. */
export const SIDE = 28;

const BOX = 20; // pixels that the longer side of a digit takes
const PEN = 1.2; // half the width of a line, in pixels
const EDGE = 0.5; // pixels around a line that are gray
const CENTRE = 14; // row and column of the centre of mass
const SMOOTHNESS = 4; // pixels, of the warp

/** Return the gray values of a drawing, row by row: 0 is paper, 1 is ink. @param {Strokes} strokes */
export function imageOf(strokes) {
  const lines = fitted(strokes), ink = inked(lines), [x, y] = centreOfMass(ink);
  return inked(lines.map((line) => line.map(([a, b]) => [a + CENTRE - x, b + CENTRE - y])));
}

/** Return a drawing in pixels, as large as digits are. @param {Strokes} strokes @returns {number[][][]} */
function fitted(strokes) {
  const points = strokes.flat();
  if (!points.length) return [];
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const longer = Math.max(Math.max(...xs) - left, Math.max(...ys) - top);
  const scale = longer ? (BOX - 2 * (PEN + EDGE)) / longer : 1;
  const margin = (SIDE - BOX) / 2 + PEN + EDGE;
  return strokes.map((stroke) =>
    stroke.map(([x, y]) => [(x - left) * scale + margin, (y - top) * scale + margin])
  );
}

/** Return the middle of the ink, to the right and down. @param {Float64Array} image */
function centreOfMass(image) {
  let [sum, x, y] = [0, 0, 0];
  image.forEach((ink, k) => {
    sum += ink;
    x += ink * (k % SIDE);
    y += ink * Math.floor(k / SIDE);
  });
  return sum ? [x / sum, y / sum] : [CENTRE, CENTRE];
}

/** Draw lines: a pixel is the darker, the nearer it is to one of them. @param {number[][][]} lines */
function inked(lines) {
  const reach = PEN + EDGE, nearest = new Float64Array(SIDE * SIDE).fill(reach ** 2); // squares
  const pixels = (/** @type {number} */ a, /** @type {number} */ b) => [
    Math.max(0, Math.ceil(Math.min(a, b) - reach)),
    Math.min(SIDE - 1, Math.floor(Math.max(a, b) + reach)),
  ];
  for (const line of lines) {
    for (let k = Math.min(1, line.length - 1); k < line.length; k++) {
      const [ax, ay] = line[Math.max(0, k - 1)], [bx, by] = line[k];
      const dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
      const [left, right] = pixels(ax, bx), [top, bottom] = pixels(ay, by);
      for (let i = top; i <= bottom; i++) {
        for (let j = left; j <= right; j++) {
          const x = j - ax, y = i - ay;
          const share = square ? Math.min(1, Math.max(0, (x * dx + y * dy) / square)) : 0;
          const distance = (x - share * dx) ** 2 + (y - share * dy) ** 2;
          if (distance < nearest[i * SIDE + j]) nearest[i * SIDE + j] = distance;
        }
      }
    }
  }
  return nearest.map((distance) => Math.min(1, reach - Math.sqrt(distance)));
}

/** Return a moved image: resized, turned clockwise, shifted, and warped a little. @param {Float64Array} image @param {Movement} movement */
export function moved(image, { right, down, turn, size, warp, seed }) {
  const middle = (SIDE - 1) / 2, angle = turn * Math.PI / 180;
  const cos = Math.cos(angle) / size, sin = Math.sin(angle) / size;
  const random = new Random(seed);
  const [downwards, sideways] = [0, 1].map(() =>
    smoothed(Float64Array.from(image, () => warp && random.normal()))
  );
  return image.map((_, k) => {
    const y = Math.floor(k / SIDE) - middle - down, x = k % SIDE - middle - right;
    return between(
      image,
      middle + cos * y - sin * x + warp * downwards[k],
      middle + sin * y + cos * x + warp * sideways[k],
    );
  });
}

/** Return independent normal numbers smoothed along columns and rows: neighbors hardly differ, and the deviation stays 1. @param {Float64Array} noise */
export function smoothed(noise) {
  const weights = asNumbers(Array.from({ length: SIDE }, (_, i) => {
    const row = Array.from(
      { length: SIDE },
      (_, j) => Math.exp(-(((i - j) / SMOOTHNESS) ** 2) / 2),
    );
    const length = Math.hypot(...row);
    return row.map((weight) => weight / length);
  }));
  const along = product(weights, new Matrix(SIDE, SIDE, noise));
  return Float64Array.from(product(along, transposed(weights)).entries, Number);
}

/** Return the gray value at a place between pixels; outside is paper. @param {Float64Array} image @param {number} row @param {number} column */
function between(image, row, column) {
  const top = Math.floor(row), left = Math.floor(column);
  const at = (/** @type {number} */ i, /** @type {number} */ j) =>
    i >= 0 && i < SIDE && j >= 0 && j < SIDE ? image[i * SIDE + j] : 0;
  const [y, x] = [row - top, column - left];
  return (1 - y) * ((1 - x) * at(top, left) + x * at(top, left + 1)) +
    y * ((1 - x) * at(top + 1, left) + x * at(top + 1, left + 1));
}
