/**
 * What a reader can set: each field reads a text, says what is wrong with it, and writes its value.
 *
 * @typedef {import("../engine/fractions.mjs").Entry} Entry
 * @typedef {{value: any, problem: string}} Reading
 */
import { asNumbers, Matrix } from "../engine/arrays.mjs";
import { add, Fraction, multiply } from "../engine/fractions.mjs";
import { inWords, PLACES, readNumber, ungrouped, written } from "../drawing/numbers.mjs";

/** What all fields have in common. */
export class Field {
  /** @param {string} label in words */
  constructor(label) {
    this.label = label;
  }

  /** A possible value. @returns {any} */
  get blank() {
    return "";
  }

  /** Read a text; what is impossible becomes the nearest possible value, and is told. @param {string} _text @param {any} [_instead] @returns {Reading} */
  read(_text, _instead) {
    throw new Error("expected a kind of field");
  }

  /** @param {any} value @returns {string} */
  write(value) {
    return String(value);
  }
}

/** The activations of hidden units, and what they are called. */
export const ACTIVATIONS = {
  sigmoid: "sigmoid",
  tanh: "tanh",
  relu: "ReLU",
  leaky_relu: "leaky ReLU",
};

/** A number within bounds, kept exactly. */
export class NumberField extends Field {
  /** @param {string} label @param {{from: string, to: string, step: string, symbol?: string, whole?: boolean, log?: boolean}} options; on a logarithmic slider a step is a share of a power of ten */
  constructor(label, { from, to, step, symbol = "", whole = false, log = false }) {
    super(label);
    this.from = Fraction.of(from);
    this.to = Fraction.of(to);
    this.step = Fraction.of(step);
    this.symbol = symbol;
    this.whole = whole;
    this.log = log;
  }

  get blank() {
    return this.from;
  }

  /** Return the number that a text stands for, possible or not; a whole one may have commas between thousands. @param {string} text */
  number(text) {
    return readNumber(this.whole ? ungrouped(text) : text);
  }

  /** @param {string} text @param {Entry} [instead] @returns {Reading} */
  read(text, instead = this.blank) {
    const found = this.number(text);
    if (found === null) {
      return {
        value: instead,
        problem: `${this.label}: \u201c${text.slice(0, 20)}\u201d is not a number. It stays ${
          inWords(instead)
        }.`,
      };
    }
    const kept = this.within(found);
    if (kept !== found) {
      return {
        value: kept,
        problem: `${this.label}: ${this._reason(found)}. It is set to ${inWords(kept)}.`,
      };
    }
    return { value: found, problem: "" };
  }

  /** Why a number is not possible. @param {Fraction} found */
  _reason(found) {
    const isInside = Number(found) >= Number(this.from) && Number(found) <= Number(this.to);
    return isInside && !(this.whole && found.denominator !== 1n)
      ? `only ${PLACES} decimals are kept`
      : `only ${this.range}`;
  }

  /** The bounds in words. */
  get range() {
    return `${this.whole ? "whole numbers" : "numbers"} from ${inWords(this.from)} to ${
      inWords(this.to)
    }`;
  }

  /** Return the possible value nearest to a float, a whole number of steps from the first. @param {number} value @returns {Fraction} */
  nearest(value) {
    if (this.log) return this.within(Fraction.of(String(Number(value.toPrecision(2)))));
    const steps = Math.round((value - Number(this.from)) / Number(this.step));
    return this.within(
      /** @type {Fraction} */ (add(this.from, multiply(this.step, new Fraction(steps)))),
    );
  }

  /** Return the value so many steps further. @param {Entry} value @param {number} steps @returns {Fraction} */
  moved(value, steps) {
    if (this.log) return this.nearest(Number(value) * 10 ** (steps * Number(this.step)));
    return this.within(
      /** @type {Fraction} */ (add(value, multiply(this.step, new Fraction(steps)))),
    );
  }

  /** Return the nearest possible value; a value that is possible comes back as it is. @param {Fraction} value @returns {Fraction} */
  within(value) {
    if (Number(value) < Number(this.from)) return this.from;
    if (Number(value) > Number(this.to)) return this.to;
    // More digits than anybody types would make the exact fractions long.
    const size = value.denominator.toString().length;
    if (this.whole && value.denominator !== 1n) return new Fraction(Math.round(Number(value)));
    return size > PLACES + 1 ? Fraction.of(Number(value).toFixed(PLACES)) : value;
  }

  /** @param {Entry} value */
  write(value) {
    return written(value);
  }
}

/** One of several. */
export class ChoiceField extends Field {
  /** @param {string} label @param {Record<string, string>} options what each is called, by its name */
  constructor(label, options) {
    super(label);
    this.options = options;
  }

  /** @returns {any} */
  get blank() {
    return Object.keys(this.options)[0];
  }

  /** @param {string} text @param {string} [instead] @returns {Reading} */
  read(text, instead = this.blank) {
    if (Object.hasOwn(this.options, text)) return { value: text, problem: "" };
    return {
      value: instead,
      problem: `${this.label}: \u201c${text.slice(0, 20)}\u201d is not one of ${
        Object.keys(this.options).join(", ")
      }. It stays ${instead}.`,
    };
  }
}

/** Some of several, at least one; written between commas. */
export class SetField extends ChoiceField {
  get blank() {
    return [Object.keys(this.options)[0]];
  }

  /** @param {string} text @param {any} [instead] @returns {Reading} */
  read(text, instead = this.blank) {
    const names = text.split(/\s*,\s*/).filter(Boolean);
    const strange = names.find((name) => !Object.hasOwn(this.options, name));
    if (strange !== undefined) {
      return { value: instead, problem: super.read(strange, instead.join(", ")).problem };
    }
    if (!names.length) {
      return {
        value: instead,
        problem: `${this.label}: choose at least one. It stays ${instead.join(", ")}.`,
      };
    }
    return { value: Object.keys(this.options).filter((name) => names.includes(name)), problem: "" };
  }

  /** @param {string[]} value */
  write(value) {
    return value.join(",");
  }
}

/** A matrix of numbers within the same bounds; its entries are written row by row, between commas. */
export class MatrixField extends Field {
  /** @param {string} label @param {number} rows @param {number} columns @param {NumberField} entry */
  constructor(label, rows, columns, entry) {
    super(label);
    this.rows = rows;
    this.columns = columns;
    this.entry = entry;
  }

  get blank() {
    return new Matrix(
      this.rows,
      this.columns,
      new Array(this.rows * this.columns).fill(this.entry.blank),
    );
  }

  /** @param {string} text @param {Matrix} [instead] @returns {Reading} */
  read(text, instead = this.blank) {
    const texts = text.split(/\s*[,;]\s*/);
    if (texts.length !== this.rows * this.columns) {
      return {
        value: instead,
        problem: `${this.label}: expected ${
          this.rows * this.columns
        } numbers, received ${texts.length}. It stays as it was.`,
      };
    }
    const readings = texts.map((one, k) => this.entry.read(one, instead.entries[k]));
    return {
      value: new Matrix(this.rows, this.columns, readings.map((reading) => reading.value)),
      problem: readings.map((reading) => reading.problem).find(Boolean)?.replace(
        this.entry.label,
        this.label,
      ) ?? "",
    };
  }

  /** @param {Matrix} value */
  write(value) {
    return Array.from(
      /** @type {ArrayLike<Entry>} */ (value.entries),
      (entry) => this.entry.write(entry),
    ).join(",");
  }

  /** Return a matrix with another entry. @param {Matrix} matrix @param {number} row @param {number} column @param {Entry} value */
  replaced(matrix, row, column, value) {
    return asNumbers(
      matrix.toRows().map((entries, i) =>
        entries.map((entry, j) => (i === row && j === column ? value : entry))
      ),
    );
  }
}
