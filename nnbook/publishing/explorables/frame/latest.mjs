/** What is computed is kept while nothing else is asked for. */

/** Return a function that computes anew only when it gets other arguments than the last time. @template {any[]} A @template T @param {(...asked: A) => T} compute @returns {(...asked: A) => T} */
export function latest(compute) {
  let key = "";
  /** @type {T} */
  let value;
  return (...asked) => {
    const now = JSON.stringify(asked);
    if (now !== key) value = compute(...asked);
    key = now;
    return value;
  };
}
