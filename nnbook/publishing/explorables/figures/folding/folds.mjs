/**
 * A strip folded by layers of two ReLU units, exactly: what `nnbook.theory.depth` finds for such networks.
 *
 * @typedef {import("../../engine/fractions.mjs").Entry} Entry
 * @typedef {{x: Entry, y: Entry}} Corner where on the strip it is, and where it lies
 * @typedef {{kind: string, crease: Entry}} Setting
 * @typedef {{pieces: number, least: number, most: number}} Count how many straight pieces, and the sizes of their slopes
 */
import { add, divide, Fraction, like, multiply, subtract } from "../../engine/fractions.mjs";

export const MOST_LAYERS = 8;

/** What becomes of the strip after each fold. */
export const KINDS = {
  stretch: "is stretched to its old length",
  left: "stays short; crease at same share",
  same: "stays short; crease at same place",
};

/** Return the crease of a layer: in what is left, each comes after so large a share of it. @param {Setting} setting @param {number} layer from 1 */
export function creaseOf({ kind, crease }, layer) {
  let place = crease;
  for (let l = 1; kind === "left" && l < layer; l++) place = multiply(place, crease);
  return place;
}

/** Return where a layer lays a place of the strip. @param {Setting} setting @param {Entry} crease of this layer @param {Entry} y @returns {Entry} */
function laid({ kind }, crease, y) {
  const isLeft = Number(subtract(y, crease)) <= 0, one = like(1, y);
  if (kind === "stretch") {
    return isLeft ? divide(y, crease) : divide(subtract(one, y), subtract(one, crease));
  }
  return isLeft ? y : subtract(add(crease, crease), y);
}

/** Return the weights of the two units ReLU(x) and ReLU(x - crease) in the next layer. @param {Setting} setting @param {Entry} crease of this layer @returns {[Entry, Entry]} */
export function weightsOf({ kind }, crease) {
  const one = like(1, crease);
  if (kind !== "stretch") return [one, subtract(like(0, crease), like(2, crease))];
  const up = divide(one, crease), down = divide(one, subtract(one, crease));
  return [up, subtract(like(0, crease), add(up, down))];
}

/** Return where a place of the strip lies at first, and after each layer. @param {Setting} setting @param {Entry} x @param {number} layers */
export function wayOf(setting, x, layers) {
  const way = [x];
  for (let l = 1; l <= layers; l++) way.push(laid(setting, creaseOf(setting, l), way[l - 1]));
  return way;
}

/** Return the corners of the strip after no layer, one, two and so on. @param {Setting} setting @returns {Corner[][]} */
export function stripsOf(setting) {
  const [zero, one] = [new Fraction(0), new Fraction(1)];
  /** @type {Corner[][]} */
  const strips = [[{ x: zero, y: zero }, { x: one, y: one }]];
  for (let l = 1; l <= MOST_LAYERS; l++) {
    const crease = creaseOf(setting, l);
    strips.push(
      creased(strips[l - 1], crease).map(({ x, y }) => ({ x, y: laid(setting, crease, y) })),
    );
  }
  return strips;
}

/** Return the corners with one more wherever the strip lies across a crease. @param {Corner[]} corners @param {Entry} crease @returns {Corner[]} */
function creased(corners, crease) {
  return corners.flatMap((end, k) => {
    const start = corners[k - 1];
    if (!start) return [end];
    const [before, after] = [subtract(start.y, crease), subtract(end.y, crease)];
    if (Number(before) * Number(after) >= 0) return [end];
    const share = divide(before, subtract(before, after));
    return [{ x: add(start.x, multiply(share, subtract(end.x, start.x))), y: crease }, end];
  });
}

/** Count the pieces of a strip. @param {Corner[]} corners @returns {Count} */
export function countOf(corners) {
  const slopes = corners.slice(1).map(({ x, y }, k) =>
    Math.abs(Number(divide(subtract(y, corners[k].y), subtract(x, corners[k].x))))
  );
  return { pieces: slopes.length, least: Math.min(...slopes), most: Math.max(...slopes) };
}
