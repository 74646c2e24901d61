/**
 * Exact fractions, as Python's `fractions`, and arithmetic with entries that are floats or fractions.
 *
 * @typedef {number | Fraction} Entry
 */

/** @param {bigint} a @param {bigint} b @returns {bigint} */
function greatestDivisor(a, b) {
  while (b) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

/** A fraction in lowest terms; the denominator is positive. */
export class Fraction {
  /** @param {bigint | number} numerator @param {bigint | number} [denominator] */
  constructor(numerator, denominator = 1n) {
    let [n, d] = [BigInt(numerator), BigInt(denominator)];
    if (d === 0n) throw new RangeError("a fraction: expected a denominator that is not 0");
    if (d < 0n) [n, d] = [-n, -d];
    const common = greatestDivisor(n, d);
    /** @readonly */
    this.numerator = n / common;
    /** @readonly */
    this.denominator = d / common;
  }

  /**
   * Return the fraction that a text such as "-3", "0.25", "1/10" or "1e-1" stands for.
   *
   * @param {string} text
   * @returns {Fraction}
   */
  static of(text) {
    const found = /^\s*([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?\s*(?:\/\s*([^/]+))?$/i.exec(text);
    if (!found || !(found[2] + found[3])) {
      throw new RangeError(`a fraction: expected a number, received ${text}`);
    }
    const [, minus, whole, decimals, exponent, below] = found;
    const power = Number(exponent ?? 0) - decimals.length;
    const digits = BigInt(minus + whole + decimals);
    const ten = 10n ** BigInt(Math.abs(power));
    const above = power < 0 ? new Fraction(digits, ten) : new Fraction(digits * ten);
    return below === undefined
      ? above
      : /** @type {Fraction} */ (divide(above, Fraction.of(below)));
  }

  /** The nearest float. */
  valueOf() {
    const [n, d] = [Number(this.numerator), Number(this.denominator)];
    return Number.isFinite(n) && Number.isFinite(d)
      ? n / d
      : quotient(this.numerator, this.denominator);
  }

  toString() {
    return this.denominator === 1n ? `${this.numerator}` : `${this.numerator}/${this.denominator}`;
  }
}

/** @param {bigint} n @param {bigint} d @returns {number} */
function quotient(n, d) {
  const digits = Math.max(n.toString().length, d.toString().length) - 300;
  const ten = 10n ** BigInt(Math.max(0, digits));
  return Number(n / ten) / Number(d / ten);
}

/** @param {Entry} a @param {Entry} b @returns {Entry} */
export function add(a, b) {
  if (typeof a === "number" || typeof b === "number") return Number(a) + Number(b);
  return new Fraction(
    a.numerator * b.denominator + b.numerator * a.denominator,
    a.denominator * b.denominator,
  );
}

/** @param {Entry} a @param {Entry} b @returns {Entry} */
export function subtract(a, b) {
  return add(a, negate(b));
}

/** @param {Entry} a @param {Entry} b @returns {Entry} */
export function multiply(a, b) {
  if (typeof a === "number" || typeof b === "number") return Number(a) * Number(b);
  return new Fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** @param {Entry} a @param {Entry} b @returns {Entry} */
export function divide(a, b) {
  if (typeof a === "number" || typeof b === "number") return Number(a) / Number(b);
  return new Fraction(a.numerator * b.denominator, a.denominator * b.numerator);
}

/** @param {Entry} a @returns {Entry} */
export function negate(a) {
  return typeof a === "number" ? -a : new Fraction(-a.numerator, a.denominator);
}

/** Return -1, 0 or 1. @param {Entry} a @returns {number} */
export function signOf(a) {
  if (typeof a === "number") return Math.sign(a);
  return a.numerator > 0n ? 1 : a.numerator < 0n ? -1 : 0;
}

/** Return an integer in the kind of number of another entry. @param {number} value @param {Entry} other @returns {Entry} */
export function like(value, other) {
  return typeof other === "number" ? value : new Fraction(value);
}
