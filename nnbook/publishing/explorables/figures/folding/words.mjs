/**
 * What the folds make, in words.
 *
 * @typedef {import("./folds.mjs").Count} Count
 * @typedef {import("../../engine/fractions.mjs").Entry} Entry
 */
import { decimal, shown } from "../../drawing/numbers.mjs";

/** Return the most pieces that one hidden layer makes with as many units. @param {number} layers of two units */
export const inOneLayer = (layers) => 2 * layers + 1;

/** @param {number} count @param {string} name */
const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

/** @param {readonly Count[]} counts after no layer, one, two and so on @param {number} layers @param {readonly Entry[]} way of a place of the strip */
export function told(counts, layers, way) {
  const { pieces, least, most } = counts[layers], x = `x = ${shown(way[0])}`;
  if (!layers) return `No layer folds yet: the strip is one straight piece, and ${x} stays there.`;
  const slopes = most - least < 1e-9 * most
    ? `of size ${decimal(most)}`
    : `of sizes from ${decimal(least)} to ${decimal(most)}`;
  const idle = pieces === counts[layers - 1].pieces
    ? " The last layer bends nothing: the strip lies on one side of its crease."
    : "";
  const shallow = pieces > inOneLayer(layers)
    ? `One hidden layer with as many units makes at most ${
      inOneLayer(layers)
    } pieces; for ${pieces} it needs at least ${pieces - 1} units.`
    : `One hidden layer of ${many(pieces - 1, "unit")} can make as many.`;
  return `${many(layers, "hidden layer")} with ${2 * layers} units: ${
    many(pieces, "straight piece")
  }, with slopes ${slopes}.${idle} ${shallow} ${x} becomes ${way.slice(1).map(shown).join(", ")}.`;
}
