/**
 * A drawing: strokes of points on a grid, each point two signs in presets and in the address.
 *
 * @typedef {readonly [number, number]} Point to the right and down, whole numbers below GRID
 * @typedef {readonly Point[]} Stroke at least one point; lines lead from each to the next
 * @typedef {readonly Stroke[]} Strokes
 */
import { Field } from "../../frame/fields.mjs";

/** Points to a side: two for each pixel of an image of MNIST. */
export const GRID = 56;

/** How many points a drawing may have. */
export const MOST = 300;

const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst", END = ".";

/** A drawing, written as two signs for each point and a period between strokes. */
export class StrokesField extends Field {
  /** @returns {Strokes} */
  get blank() {
    return [];
  }

  /** @param {string} text @param {Strokes} [instead] */
  read(text, instead = this.blank) {
    const written = text.split(END).filter(Boolean), signs = written.join("");
    const strange = [...signs].find((sign) => !SIGNS.includes(sign));
    let problem = "";
    if (strange !== undefined) problem = `no point has the sign \u201c${strange}\u201d`;
    else if (written.some((stroke) => stroke.length % 2)) problem = "a point lacks its second sign";
    else if (signs.length > 2 * MOST) problem = `expected at most ${MOST} points`;
    if (problem) {
      return { value: instead, problem: `${this.label}: ${problem}. It stays as it was.` };
    }
    return { value: written.map(pointsOf), problem };
  }

  /** @param {Strokes} value */
  write(value) {
    return value.map((stroke) => stroke.map(([x, y]) => SIGNS[x] + SIGNS[y]).join("")).join(END);
  }
}

/** @param {string} signs @returns {Stroke} */
const pointsOf = (signs) =>
  Array.from({ length: signs.length / 2 }, (_, k) => [
    SIGNS.indexOf(signs[2 * k]),
    SIGNS.indexOf(signs[2 * k + 1]),
  ]);

/** @param {Strokes} strokes */
export const countOf = (strokes) => strokes.reduce((sum, stroke) => sum + stroke.length, 0);

/** Begin a stroke with a point, or lead the last one on to it. @param {Strokes} strokes @param {Point} point @param {boolean} isOn @returns {Strokes} */
export function withPoint(strokes, point, isOn) {
  const last = strokes[strokes.length - 1];
  return isOn && last ? [...strokes.slice(0, -1), [...last, point]] : [...strokes, [point]];
}

/** Take the last point away. @param {Strokes} strokes @returns {Strokes} */
export function withoutPoint(strokes) {
  const rest = strokes.slice(0, -1), last = strokes[strokes.length - 1] ?? [];
  return last.length > 1 ? [...rest, last.slice(0, -1)] : rest;
}
