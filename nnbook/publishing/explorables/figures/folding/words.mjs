/**
 * What the folds make, in words.
 *
 * @typedef {import("./folds.mjs").Count} Count
 * @typedef {import("../../engine/fractions.mjs").Entry} Entry
 */
import { decimal, shown } from "../../drawing/numbers.mjs";
import { like, multiply } from "../../engine/fractions.mjs";
import { creaseOf, weightsOf } from "./folds.mjs";

/** Return the most pieces that one hidden layer makes with as many units. @param {number} layers of two units */
export const inOneLayer = (layers) => 2 * layers + 1;

/** Write the function of a layer of two ReLU units, and what it turns an input into. @param {import("./folds.mjs").Setting} setting @param {number} layer from 1 @param {Entry} x that arrives @param {Entry} y what it becomes */
export function written(setting, layer, x, y) {
  const crease = creaseOf(setting, layer), [up, down] = weightsOf(setting, crease);
  const size = Number(down) < 0 ? multiply(like(-1, down), down) : down;
  const unit = Number(up) === 1 ? "" : `${shown(up)}\u00a0`;
  return `Layer ${layer} is two ReLU units: T(x) = ${unit}ReLU(x) \u2212 ${
    shown(size)
  }\u00a0ReLU(x \u2212 ${shown(crease)}), which turns ${shown(x)} into ${shown(y)}.`;
}

/** @param {number} count @param {string} name */
const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

/** @param {readonly Count[]} counts after no layer, one, two and so on @param {number} layers @param {readonly Entry[]} way of a place of the strip */
export function told(counts, layers, way) {
  const { pieces, least, most } = counts[layers], x = `x = ${shown(way[0])}`;
  if (!layers) return `No layer folds yet: the strip is one straight piece, and ${x} stays there.`;
  const slopes = most - least < 1e-9 * most
    ? `of size ${decimal(most)}`
    : `of sizes from ${decimal(least)} to ${decimal(most)}`;
  const before = counts[layers - 1].pieces, bent = pieces - before; // each of them becomes two
  const last = bent === 0
    ? " The last layer bends nothing: the strip lies on one side of its crease."
    : bent < before
    ? ` The last layer bends ${bent} of ${before} pieces: the others lie on one side of its crease.`
    : "";
  const shallow = pieces > inOneLayer(layers)
    ? `One hidden layer with as many units makes at most ${
      inOneLayer(layers)
    } pieces; for ${pieces} it needs at least ${pieces - 1} units.`
    : `One hidden layer of ${many(pieces - 1, "unit")} can make as many.`;
  return `${many(layers, "hidden layer")} with ${2 * layers} units: ${
    many(pieces, "straight piece")
  }, with slopes ${slopes}.${last} ${shallow} ${x} becomes ${way.slice(1).map(shown).join(", ")}.`;
}
