/**
 * Numbers as people write them, and as they are shown.
 *
 * @typedef {import("../engine/fractions.mjs").Entry} Entry
 */
import { Fraction } from "../engine/fractions.mjs";

const MINUS = "\u2212";
const RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079",
  RAISED_MINUS = "\u207b";
export const PLACES = 9; // of a decimal that is kept exactly
const LONG = 10n ** 6n; // a denominator that nobody types
const LONGEST = 6; // characters of a fraction that is shown as one
const ROOM = 8, LITTLE_ROOM = 7; // characters of a float, and of one in a drawing

/**
 * Return the number that a text stands for: 0.1, 0,1, 1/10, 1e-1 and 10⁻¹ are the same.
 *
 * @param {string} text
 * @returns {Fraction | null} null if it is none
 */
export function readNumber(text) {
  const plain = withExponents(text.trim().replace(/[\u2212\u2013]/g, "-"))
    .replace(/\s*\/\s*/, "/").replace(/(^|\/)([+-]?\d*),(?=\d)/g, "$1$2.");
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

/** Return a text with 2.6e-6 for 2.6·10⁻⁶, 2.6 × 10^-6 and the like. @param {string} text @returns {string} */
function withExponents(text) {
  const raised = new RegExp(`${RAISED_MINUS}?[${RAISED}]+`, "g");
  return text
    .replace(
      raised,
      (digits) =>
        `^${[...digits].map((d) => d === RAISED_MINUS ? "-" : RAISED.indexOf(d)).join("")}`,
    )
    .replace(/(\d)\s*[\u00b7\u22c5\u00d7*]\s*10\^(?=[+-]?\d)/g, "$1e")
    .replace(/(^|\/\s*)([+-]?)10\^(?=[+-]?\d)/g, "$1$21e");
}

/** Return a power of ten, as 10⁻⁶. @param {number} exponent a whole number @returns {string} */
export function powerOfTen(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => RAISED[Number(digit)]);
  return `10${exponent < 0 ? RAISED_MINUS : ""}${digits.join("")}`;
}

/**
 * Return a float as 2.6·10⁻⁶; where there is no room for its digits, as 3·10⁻⁶, or as the nearest power of ten.
 *
 * @param {number} value not 0
 * @param {number} places behind the point
 * @param {number} room how many characters it may have
 * @returns {string}
 */
function scientific(value, places, room) {
  const sign = value < 0 ? MINUS : "", size = Math.abs(value);
  for (let kept = places; kept >= 0; kept--) {
    const [factor, exponent] = size.toExponential(kept).split("e");
    const text = sign + (factor === "1" ? "" : `${factor}\u00b7`) + powerOfTen(Number(exponent));
    if (text.length <= room) return text;
  }
  return sign + powerOfTen(Math.round(Math.log10(size)));
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
  if (size < 1e-2 || size >= 1e4) return scientific(Number(value), 0, LITTLE_ROOM);
  return String(Number(Number(value).toPrecision(3))).replace("-", MINUS);
}

/** Return a float with about five digits. @param {number} value @returns {string} */
export function decimal(value) {
  if (!Number.isFinite(value)) return "too large";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 5e-5 || size >= 1e5) return scientific(value, 1, ROOM);
  const digits = Math.max(0, 4 - Math.max(0, Math.floor(Math.log10(size))));
  return String(Number(value.toFixed(digits))).replace("-", MINUS);
}

/** Return a number as it is written in a sentence, with a sign for minus and no hyphen. @param {Entry} value @returns {string} */
export const inWords = (value) => written(value).replace("-", MINUS);

/** Return a whole number with commas between thousands. @param {number} count @returns {string} */
export const grouped = (count) => String(count).replace(/(?=(\d{3})+$)(?!^)/g, ",");

/** Return a text without the commas that stand between thousands. @param {string} text @returns {string} */
export const ungrouped = (text) =>
  /^[1-9]\d{0,2}(,\d{3})+$/.test(text.trim()) ? text.replaceAll(",", "") : text;

/** Return a number as it is written into a field or an address. @param {Entry} value @returns {string} */
export function written(value) {
  if (typeof value === "number") return String(value);
  const { numerator, denominator } = value;
  for (let places = 0, ten = 1n; places <= PLACES; places++, ten *= 10n) {
    if (ten % denominator === 0n && (places <= 6 || denominator >= LONG)) {
      return Number(value).toFixed(places).replace(/^-0(\.0*)?$/, "0");
    }
  }
  return `${numerator}/${denominator}`;
}
