/** What takes long is computed piece by piece, and left as soon as something else is asked for. */

const ROUND = 2e7; // products of two numbers in a go: some hundredths of a second

/**
 * A computation whose pieces each tell how many products they have cost.
 *
 * @template A, T
 */
export class Pieces {
  /** @param {(asked: A) => Generator<number, T>} compute @param {() => void} done is called when a result is there that had to be waited for @param {(next: () => void) => void} [later] */
  constructor(compute, done, later = (next) => setTimeout(next)) {
    this._compute = compute;
    this._done = done;
    this._later = later;
    this._key = "";
    /** @type {T | undefined} */
    this._result = undefined;
  }

  /** Return the result, if it is there or takes no longer than one go. @param {A} asked @returns {T | undefined} */
  of(asked) {
    const key = JSON.stringify(asked);
    if (key !== this._key) {
      this._key = key;
      this._result = undefined;
      this._go(key, this._compute(asked), false);
    }
    return this._result;
  }

  /** @param {string} key @param {Generator<number, T>} pieces @param {boolean} isAwaited */
  _go(key, pieces, isAwaited) {
    if (key !== this._key) return; // nobody asks for it any more
    for (let cost = 0; cost < ROUND;) {
      const { done, value } = pieces.next();
      if (done) {
        this._result = /** @type {T} */ (value);
        if (isAwaited) this._done();
        return;
      }
      cost += /** @type {number} */ (value);
    }
    this._later(() => this._go(key, pieces, true));
  }
}
