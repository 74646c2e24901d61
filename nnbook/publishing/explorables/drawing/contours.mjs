/**
 * Lines along which a function of two numbers has one value, by marching squares.
 *
 * @typedef {import("./axes.mjs").Panel} Panel
 */

/**
 * Return the lines of some levels as paths of an SVG.
 *
 * @param {Panel} panel
 * @param {(x: number, y: number) => number} f
 * @param {readonly number[]} levels
 * @param {number} [cells] in each direction
 * @returns {string[]} one path for each level
 */
export function contours(panel, f, levels, cells = 90) {
  const at = (/** @type {readonly number[]} */ places, /** @type {number} */ k) =>
    places[0] + (places[1] - places[0]) * k / cells;
  const [across, up] = [panel.x.places, panel.y.places];
  const values = Array.from(
    { length: cells + 1 },
    (_, j) =>
      Array.from(
        { length: cells + 1 },
        (_, i) => f(panel.x.value(at(across, i)), panel.y.value(at(up, j))),
      ),
  );
  return levels.map((level) => {
    let path = "";
    for (let j = 0; j < cells; j++) {
      for (let i = 0; i < cells; i++) {
        const crossed = crossings(values, i, j, level);
        for (let k = 0; k + 1 < crossed.length; k += 2) {
          path += `M${point(crossed[k])}L${point(crossed[k + 1])}`;
        }
      }
    }
    return path;
  });

  /** @param {readonly [number, number]} cell */
  function point([i, j]) {
    return `${at(across, i).toFixed(1)} ${at(up, j).toFixed(1)}`;
  }
}

/** Where a level crosses the sides of a cell. @param {readonly (readonly number[])[]} values @param {number} i @param {number} j @param {number} level */
function crossings(values, i, j, level) {
  /** @type {[number, number][]} */
  const found = [];
  const corners =
    /** @type {[number, number][]} */ ([[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]);
  corners.forEach(([x, y], k) => {
    const [x2, y2] = corners[(k + 1) % 4];
    const a = values[y][x] - level, b = values[y2][x2] - level;
    if (a < 0 === b < 0 || !Number.isFinite(a) || !Number.isFinite(b)) return;
    const share = a / (a - b);
    found.push([x + share * (x2 - x), y + share * (y2 - y)]);
  });
  return found;
}
