/**
 * Matrices whose entries are floats or exact fractions, and what networks need of them.
 *
 * The mirror of `nnbook.theory.arrays`. A batch has one example per column.
 *
 * @typedef {import("./fractions.mjs").Entry} Entry
 */
import { add, divide, Fraction, like, multiply, negate, signOf, subtract } from "./fractions.mjs";

/** A matrix; nothing changes it. The entries stand row by row. */
export class Matrix {
  /** @param {number} rows @param {number} columns @param {ArrayLike<number> | readonly Entry[]} entries */
  constructor(rows, columns, entries) {
    if (entries.length !== rows * columns) {
      throw new RangeError(
        `a matrix: expected ${rows} x ${columns} entries, received ${entries.length}`,
      );
    }
    /** @readonly */
    this.rows = rows;
    /** @readonly */
    this.columns = columns;
    /** @readonly @type {Float64Array | readonly Entry[]} */
    this.entries = isFloats(entries) ? entries : typedOrExact(entries);
  }

  /** @param {number} row @param {number} column @returns {Entry} */
  at(row, column) {
    return this.entries[row * this.columns + column];
  }

  /** Return the rows as lists. @returns {Entry[][]} */
  toRows() {
    return Array.from(
      { length: this.rows },
      (_, i) => Array.from({ length: this.columns }, (_, j) => this.at(i, j)),
    );
  }
}

/** @param {ArrayLike<any>} entries @returns {entries is Float64Array} */
function isFloats(entries) {
  return entries instanceof Float64Array;
}

/** @param {ArrayLike<Entry>} entries @returns {Float64Array | readonly Entry[]} */
function typedOrExact(entries) {
  for (let k = 0; k < entries.length; k++) {
    if (typeof entries[k] === "number") return Float64Array.from(entries, Number);
  }
  return entries.length ? Array.from(entries) : new Float64Array(0);
}

/** Return rows of numbers as a matrix; one float among them makes all of them floats. @param {readonly (readonly Entry[])[]} rows */
export function asNumbers(rows) {
  return new Matrix(rows.length, rows[0]?.length ?? 0, rows.flat());
}

/** Return a matrix of exact fractions. @param {readonly (readonly (string | number)[])[]} rows */
export function exact(rows) {
  return asNumbers(rows.map((row) => row.map((entry) => Fraction.of(String(entry)))));
}

/** Return the same matrix in floats. @param {Matrix} a */
export function asFloats(a) {
  return isExact(a) ? new Matrix(a.rows, a.columns, Float64Array.from(a.entries, Number)) : a;
}

/** @param {Matrix} a @returns {boolean} */
export function isExact(a) {
  return !isFloats(a.entries);
}

/** @param {number} rows @param {number} columns @param {number} [value] */
export function filled(rows, columns, value = 0) {
  return new Matrix(rows, columns, new Float64Array(rows * columns).fill(value));
}

/** Return a matrix of zeros in the shape and kind of number of another. @param {Matrix} a */
export function zerosLike(a) {
  return map((entry) => like(0, entry), a);
}

/**
 * Apply a function entry by entry.
 *
 * @param {(...entries: any[]) => Entry} f
 * @param {Matrix} a
 * @param {...Matrix} others
 */
export function map(f, a, ...others) {
  for (const b of others) {
    if (b.rows !== a.rows || b.columns !== a.columns) {
      throw new RangeError(
        `expected a matrix of shape ${a.rows} x ${a.columns}, received ${b.rows} x ${b.columns}`,
      );
    }
  }
  const result = isExact(a) ? new Array(a.entries.length) : new Float64Array(a.entries.length);
  const b = others[0];
  for (let k = 0; k < result.length; k++) {
    result[k] = b === undefined
      ? f(a.entries[k])
      : others.length === 1
      ? f(a.entries[k], b.entries[k])
      : f(a.entries[k], ...others.map((other) => other.entries[k]));
  }
  return new Matrix(a.rows, a.columns, result);
}

/** @param {Matrix} a @param {Matrix} b */
export const plus = (a, b) => map(add, a, b);

/** @param {Matrix} a @param {Matrix} b */
export const minus = (a, b) => map(subtract, a, b);

/** The product entry by entry. @param {Matrix} a @param {Matrix} b */
export const times = (a, b) => map(multiply, a, b);

/** The quotient entry by entry. @param {Matrix} a @param {Matrix} b */
export const over = (a, b) => map(divide, a, b);

/** @param {Entry} c @param {Matrix} a */
export const scaled = (c, a) => map((entry) => multiply(c, entry), a);

/** @param {Matrix} a */
export const negative = (a) => map(negate, a);

/** The sign of each entry. @param {Matrix} a */
export const sign = (a) => map((entry) => like(signOf(entry), entry), a);

/** @param {Matrix} a */
export function transposed(a) {
  const result = isExact(a) ? new Array(a.entries.length) : new Float64Array(a.entries.length);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) result[j * a.rows + i] = a.entries[i * a.columns + j];
  }
  return new Matrix(a.columns, a.rows, result);
}

/** The product of two matrices. @param {Matrix} a @param {Matrix} b */
export function product(a, b) {
  if (a.columns !== b.rows) {
    throw new RangeError(`a product: expected ${a.columns} rows on the right, received ${b.rows}`);
  }
  if (isFloats(a.entries) && isFloats(b.entries)) {
    return productOfFloats(a, a.entries, b, b.entries);
  }
  const rows = Array.from(
    { length: a.rows },
    (_, i) =>
      Array.from({ length: b.columns }, (_, j) => {
        let sum = multiply(a.at(i, 0), b.at(0, j));
        for (let k = 1; k < a.columns; k++) sum = add(sum, multiply(a.at(i, k), b.at(k, j)));
        return sum;
      }),
  );
  return asNumbers(rows);
}

/** Four products and two rows at a time, in the order of one after the other: numbers are fetched less often, and the sums stay the same. @param {Matrix} a @param {Float64Array} left @param {Matrix} b @param {Float64Array} right */
function productOfFloats(a, left, b, right) {
  const { rows, columns: inner } = a, { columns } = b;
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 2) {
    const row = i * columns, isPair = i + 1 < rows;
    let k = 0;
    for (; isPair && k + 3 < inner; k += 4) {
      const at = i * inner + k, below = at + inner, other = k * columns;
      const [a0, a1, a2, a3] = [left[at], left[at + 1], left[at + 2], left[at + 3]];
      const [c0, c1, c2, c3] = [left[below], left[below + 1], left[below + 2], left[below + 3]];
      for (let j = 0; j < columns; j++) {
        const p = other + j, q = p + columns, r = q + columns, s = r + columns;
        const [b0, b1, b2, b3] = [right[p], right[q], right[r], right[s]];
        const here = row + j, next = here + columns;
        result[here] = result[here] + a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
        result[next] = result[next] + c0 * b0 + c1 * b1 + c2 * b2 + c3 * b3;
      }
    }
    for (let n = i; n <= (isPair ? i + 1 : i); n++) {
      for (let m = k; m < inner; m++) {
        const factor = left[n * inner + m], other = m * columns;
        for (let j = 0; j < columns; j++) result[n * columns + j] += factor * right[other + j];
      }
    }
  }
  return new Matrix(rows, columns, result);
}

/** Return a matrix with a column added to each of its columns. @param {Matrix} a @param {Matrix} column */
export function plusColumn(a, column) {
  const { rows, columns, entries } = a;
  if (isFloats(entries)) {
    const sums = entries.slice();
    for (let i = 0; i < rows; i++) {
      const entry = Number(column.at(i, 0));
      for (let k = i * columns; k < (i + 1) * columns; k++) sums[k] += entry;
    }
    return new Matrix(rows, columns, sums);
  }
  const result = entries.map((entry, k) => add(entry, column.at(Math.floor(k / columns), 0)));
  return new Matrix(rows, columns, result);
}

/** Return the sums of the rows, as a column. @param {Matrix} a */
export function rowSums(a) {
  const { rows, columns, entries } = a;
  const sums = Array.from({ length: rows }, (_, i) => {
    let sum = entries[i * columns];
    for (let k = i * columns + 1; k < (i + 1) * columns; k++) sum = add(sum, entries[k]);
    return sum;
  });
  return new Matrix(rows, 1, sums);
}

/** Return the sums of the columns, as a row. @param {Matrix} a */
export const columnSums = (a) => transposed(rowSums(transposed(a)));

/** Return the sum of all entries. @param {Matrix} a @returns {Entry} */
export function sum(a) {
  return /** @type {Entry[]} */ (Array.from(a.entries)).reduce(add);
}

/** Return y log p, with 0 log 0 = 0. @param {number} y @param {number} p */
export function timesLog(y, p) {
  return y === 0 ? 0 : y * Math.log(p);
}

/** Return y / p, with 0 / 0 = 0. @param {number} y @param {number} p */
export function dividedBy(y, p) {
  return y === 0 ? 0 : y / p;
}
