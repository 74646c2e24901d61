/** Scales between numbers and places on the screen, and where their ticks are. */

/** A linear or logarithmic scale. */
export class Scale {
  /** @param {"linear" | "log"} kind @param {readonly [number, number]} values @param {readonly [number, number]} places in px */
  constructor(kind, values, places) {
    this.kind = kind;
    this.values = values;
    this.places = places;
    this._f = kind === "log" ? Math.log10 : (/** @type {number} */ x) => x;
    this._back = kind === "log"
      ? (/** @type {number} */ x) => 10 ** x
      : (/** @type {number} */ x) => x;
    this._ends = values.map(this._f);
  }

  /** Return the place of a number. @param {number} value */
  place(value) {
    const [from, to] = this._ends, [start, end] = this.places;
    return start + (this._f(value) - from) / (to - from) * (end - start);
  }

  /** Return the number at a place. @param {number} place */
  value(place) {
    const [from, to] = this._ends, [start, end] = this.places;
    return this._back(from + (place - start) / (end - start) * (to - from));
  }

  /** Return about so many round numbers of the scale, or none. @param {number} count @returns {number[]} */
  ticks(count) {
    if (!count) return [];
    return this.kind === "log" ? this._powers(count) : this._steps(count);
  }

  /** @param {number} count */
  _steps(count) {
    const [from, to] = this.values;
    const rough = Math.abs(to - from) / count, ten = 10 ** Math.floor(Math.log10(rough));
    const step = ten * ([1, 2, 5].find((one) => one * ten >= rough) ?? 10);
    const first = Math.ceil(Math.min(from, to) / step - 1e-9),
      last = Math.floor(Math.max(from, to) / step + 1e-9);
    return Array.from(
      { length: last - first + 1 },
      (_, k) => Number(((first + k) * step).toPrecision(12)),
    );
  }

  /** @param {number} count */
  _powers(count) {
    const [first, last] = [
      Math.ceil(this._f(this.values[0]) - 1e-9),
      Math.floor(this._f(this.values[1]) + 1e-9),
    ];
    if (last - first < 2) {
      const found = this._multiples(first - 1, last, count < 4 ? [1, 3] : [1, 2, 5]);
      return found.length > 1 ? found : this._steps(count);
    }
    const every = Math.max(1, Math.ceil((last - first + 1) / count));
    return Array.from(
      { length: Math.floor((last - first) / every) + 1 },
      (_, k) => 10 ** (first + k * every),
    );
  }

  /** One power of ten or two do not say how far the scale reaches: multiples of powers do. @param {number} first @param {number} last @param {readonly number[]} factors */
  _multiples(first, last, factors) {
    const powers = Array.from({ length: last - first + 1 }, (_, k) => first + k);
    const [low, high] = this.values;
    return powers.flatMap((power) => factors.map((one) => Number(`${one}e${power}`)))
      .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  }
}
