/**
 * Random numbers from a seed: the same in every browser.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, in the public domain), started from a number.
 */

/** A source of random numbers. */
export class Random {
  /** @param {number} seed a whole number */
  constructor(seed) {
    this._words = new Uint32Array([seed, Math.floor(seed / 2 ** 32), 0x9e3779b9, 1]);
    for (let k = 0; k < 15; k++) this.bits();
  }

  /** Return a whole number below 2 to the power 32. */
  bits() {
    const w = this._words;
    const result = (w[0] + w[1] + w[3]) >>> 0;
    w[3] += 1;
    w[0] = w[1] ^ (w[1] >>> 9);
    w[1] = w[2] + (w[2] << 3);
    w[2] = ((w[2] << 21) | (w[2] >>> 11)) + result;
    return result;
  }

  /** Return a number in [0, 1) with 53 bits. */
  uniform() {
    return ((this.bits() >>> 5) * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** Return a number of the standard normal distribution (Box & Muller 1958). */
  normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Return the numbers 0 to count - 1 in random order (Fisher & Yates). @param {number} count */
  permutation(count) {
    const order = Array.from({ length: count }, (_, k) => k);
    for (let k = count - 1; k > 0; k--) {
      const other = Math.floor(this.uniform() * (k + 1));
      [order[k], order[other]] = [order[other], order[k]];
    }
    return order;
  }
}
