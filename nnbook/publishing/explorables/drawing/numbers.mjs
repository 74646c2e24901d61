/**
 * Numbers as people write them, and as they are shown.
 *
 * @typedef {import("../engine/fractions.mjs").Entry} Entry
 */
import { Fraction } from "../engine/fractions.mjs";

const MINUS = "\u2212";
const LONGEST = 6; // characters of a fraction that is shown as one

/**
 * Return the number that a text stands for: 0.1, 0,1, 1/10 and 1e-1 are the same.
 *
 * @param {string} text
 * @returns {Fraction | null} null if it is none
 */
export function readNumber(text) {
  const plain = text.trim().replace(/[\u2212\u2013]/g, "-").replace(/\s*\/\s*/, "/").replace(
    /(^|\/)([+-]?\d*),(?=\d)/g,
    "$1$2.",
  );
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i;
  const parts = plain.split("/");
  if (plain.length > 30 || parts.length > 2 || !parts.every((part) => number.test(part))) {
    return null;
  }
  try {
    return Fraction.of(plain);
  } catch {
    return null;
  }
}

/** Return a number as it is shown: a short fraction as it is, another number with a few digits. @param {Entry} value @returns {string} */
export function shown(value) {
  const exact = typeof value === "number" ? "" : String(value);
  if (exact && exact.replace("-", "").length <= LONGEST) return exact.replace("-", MINUS);
  return decimal(Number(value));
}

/** Return a number as it is shown in a drawing, where there is little room: a decimal has three digits. @param {Entry} value @returns {string} */
export function brief(value) {
  const text = shown(value), size = Math.abs(Number(value));
  if (text.includes("/") || text.length <= 5 || !Number.isFinite(size)) return text;
  const short = size < 1e-2 || size >= 1e4
    ? Number(value).toExponential(0).replace("e+", "e")
    : String(Number(Number(value).toPrecision(3)));
  return short.replaceAll("-", MINUS);
}

/** Return a float with about five digits. @param {number} value @returns {string} */
export function decimal(value) {
  if (!Number.isFinite(value)) return "too large";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 5e-5) return value.toExponential(1).replaceAll("-", MINUS);
  if (size >= 1e5) return value.toExponential(1).replace("e+", "e").replace("-", MINUS);
  const digits = Math.max(0, 4 - Math.max(0, Math.floor(Math.log10(size))));
  return String(Number(value.toFixed(digits))).replace("-", MINUS);
}

/** Return a number as it is written into a field or an address. @param {Entry} value @returns {string} */
export function written(value) {
  if (typeof value === "number") return String(value);
  const { numerator, denominator } = value;
  for (let places = 0, ten = 1n; places <= 6; places++, ten *= 10n) {
    if (ten % denominator === 0n) return Number(value).toFixed(places).replace(/^-0(\.0*)?$/, "0");
  }
  return `${numerator}/${denominator}`;
}
