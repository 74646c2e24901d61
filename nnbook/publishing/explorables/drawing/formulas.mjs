/**
 * Small formulas in the text of an explorable: letters with upper and lower indices, and plain text.
 *
 * @typedef {{letter: string, above: string, below: string}} Letter
 * @typedef {string | Letter} Part
 */
import { html } from "./elements.mjs";

/** Return a letter of a formula, with indices. @param {string} letter @param {string} [above] @param {string} [below] @returns {Letter} */
export const letter = (letter, above = "", below = "") => ({ letter, above, below });

/** Return a formula, which is for the eyes: what it says is said in words elsewhere. @param {...Part} parts */
export function formula(...parts) {
  const drawn = parts.map((part) => (typeof part === "string" ? part : drawnLetter(part)));
  return html("span", { class: "nnx-formula", "aria-hidden": "true" }, ...drawn);
}

/** @param {Letter} letter */
function drawnLetter({ letter, above, below }) {
  const italic = html("i", {}, letter);
  if (!above && !below) return html("span", { class: "nnx-letter" }, italic);
  const indices = html(
    "span",
    { class: "nnx-indices" },
    html("sup", {}, above || "\u00a0"),
    html("sub", {}, below || "\u00a0"),
  );
  return html("span", { class: "nnx-letter" }, italic, indices);
}
