/**
 * The network, drawn: each unit as a small map of what it computes, each weight as a line.
 *
 * @typedef {import("./problems.mjs").Problem} Problem
 * @typedef {{columns: number, shades: number[]}} UnitMap shades from 0, dark, to 1, light, row by row
 */
import { html, svg, write } from "../../drawing/elements.mjs";
import { gray, paint } from "../../drawing/rasters.mjs";
import { Activation, getActivation, softmax } from "../../engine/activations.mjs";
import { asNumbers, Matrix } from "../../engine/arrays.mjs";
import { Dropout } from "../../engine/dropout.mjs";
import { Network } from "../../engine/network.mjs";

/** How many units of a hidden layer are drawn. */
export const MOST = 8;

const OUTPUTS = 10; // all of them

const CELLS = 16; // of a map, in each direction
const EDGE = 1.25; // of the plane
const LARGEST = 40, GAP = 5; // px: a unit, and what is between two
const FAINTEST = 0.08; // of the largest weight of a layer; what is smaller is not drawn
const WIDTHS = [0.7, 1.6, 3]; // px
/** @type {Record<string, [number, number]>} */
const BOUNDS = { sigmoid: [0, 1], tanh: [-1, 1] };
/** Of the inputs. @type {Record<import("./problems.mjs").Kind, [number, number]>} */
const RANGES = { plane: [-EDGE, EDGE], curve: [0, 1], images: [0, 1] };
/** @type {Record<import("./problems.mjs").Kind, string>} */
const SEEN = {
  plane: "its answer at each place of the plane",
  curve: "its answer along the axis of wavelengths",
  images:
    "in the first layer its weights, and behind it ten cells, its mean answer to each digit from 0 to 9",
};

/** Return the inputs at which units are asked for their answers. @param {Problem} problem */
function probeOf({ kind, validation }) {
  const at = (/** @type {number} */ k) => EDGE * (2 * (k + 0.5) / CELLS - 1);
  const cells = Array.from({ length: CELLS ** 2 }, (_, k) => k);
  if (kind === "plane") {
    return asNumbers([
      cells.map((k) => at(k % CELLS)),
      cells.map((k) => -at(Math.floor(k / CELLS))),
    ]);
  }
  if (kind === "curve") return asNumbers([cells.slice(0, CELLS).map((k) => (k + 0.5) / CELLS)]);
  return validation.x;
}

/**
 * Return the maps of the first units of each layer; the inputs come first, unless they are pixels.
 *
 * @param {Network} network @param {Problem} problem @returns {UnitMap[][]}
 */
export function mapsOf(network, problem) {
  const { kind } = problem, isImages = kind === "images", x = probeOf(problem);
  const maps = isImages ? [] : [mapsIn(x, RANGES[kind], problem)];
  let a = x;
  network.layers.forEach((layer, l) => {
    const [last] = layer.parts.filter((part) => !(part instanceof Dropout)).slice(-1);
    a = layer.forward(a).prediction;
    const bounds = last instanceof Activation ? BOUNDS[last.name] : undefined;
    if (l === network.layers.length - 1) {
      maps.push(mapsIn(answersOf(a, kind), [0, 1], problem, OUTPUTS));
    } else if (isImages && l === 0) maps.push(weightsOf(layer.weights));
    else maps.push(mapsIn(a, bounds ?? null, problem));
  });
  return maps;
}

/** Return outputs as what they stand for. @param {Matrix} z @param {import("./problems.mjs").Kind} kind */
const answersOf = (z, kind) =>
  kind === "images" ? softmax.of(z) : kind === "plane" ? getActivation("sigmoid").of(z) : z;

/** @param {Matrix} answers @param {[number, number] | null} bounds what is dark and light; without bounds 0 is gray @param {Problem} problem @param {number} [most] @returns {UnitMap[]} */
function mapsIn(answers, bounds, { kind, validation }, most = MOST) {
  const shown = Array.from({ length: Math.min(most, answers.rows) }, (_, i) => {
    const row = Array.from({ length: answers.columns }, (_, n) => Number(answers.at(i, n)));
    return kind === "images" ? meansOf(row, validation.y) : row;
  });
  const largest = Math.max(...shown.flat().map(Math.abs)) || 1;
  const [low, high] = bounds ?? [-largest, largest];
  return shown.map((values) => ({
    columns: kind === "images" ? 10 : CELLS,
    shades: values.map((value) => Math.min(1, Math.max(0, (value - low) / (high - low)))),
  }));
}

/** Return the mean over the examples of each class. @param {readonly number[]} values @param {Matrix} y */
const meansOf = (values, y) =>
  Array.from({ length: y.rows }, (_, k) => {
    const own = values.filter((_, n) => y.at(k, n) === 1);
    return own.reduce((a, b) => a + b, 0) / own.length;
  });

/** @param {Matrix} weights @returns {UnitMap[]} */
const weightsOf = (weights) =>
  Array.from({ length: Math.min(MOST, weights.rows) }, (_, i) => {
    const own = Array.from({ length: weights.columns }, (_, k) => Number(weights.at(i, k)));
    const largest = Math.max(...own.map(Math.abs)) || 1;
    return {
      columns: Math.sqrt(weights.columns),
      shades: own.map((w) => (1 + w / largest) / 2),
    };
  });

/** The drawing, with a legend. */
export class DrawnUnits {
  constructor() {
    this._edges = svg("svg", { class: "nnx-unit-edges", "aria-hidden": "true" });
    this._maps = html("div", {});
    this._legend = html("p", { class: "nnx-legend" });
    this._drawing = html("div", { class: "nnx-units", role: "img" }, this._edges, this._maps);
    this.element = html("div", {}, this._drawing, this._legend);
  }

  /** @param {Network} network @param {Problem} problem */
  show(network, problem) {
    const maps = mapsOf(network, problem), width = this.element.clientWidth;
    const step = width / maps.length, size = Math.min(LARGEST, step * 0.6);
    const height = Math.max(...maps.map(({ length }) => length)) * (size + GAP);
    this._drawing.style.height = `${height}px`;
    /** @param {number} column @param {number} row @returns {[number, number]} */
    const middle = (column, row) => [
      (column + 0.5) * step,
      height / 2 + (row - (maps[column].length - 1) / 2) * (size + GAP),
    ];
    this._showMaps(maps, size, middle);
    this._showEdges(network, maps, size, middle);
    const { layers } = network, units = layers[0].weights.rows;
    const some = units > MOST
      ? ` The first ${MOST} of ${units} units of each hidden layer are drawn.`
      : "";
    this._drawing.setAttribute(
      "aria-label",
      `The network: ${layers.length} layers of units, and the weights between them`,
    );
    write(
      this._legend,
      `A square is a unit: ${
        SEEN[problem.kind]
      }; light is high. A line is a weight, thicker if it is larger beside the others of its layer; dashed if negative.${some}`,
    );
  }

  /** @param {UnitMap[][]} maps @param {number} size @param {(column: number, row: number) => [number, number]} middle */
  _showMaps(maps, size, middle) {
    const wanted = maps.flatMap((column, c) => column.map((map, r) => ({ map, at: middle(c, r) })));
    const all = this._maps;
    while (all.children.length > wanted.length) all.lastElementChild?.remove();
    while (all.children.length < wanted.length) {
      all.append(html("canvas", { class: "nnx-unit-map" }));
    }
    wanted.forEach(({ map, at: [x, y] }, k) => {
      const canvas = /** @type {HTMLCanvasElement} */ (all.children[k]);
      canvas.width = map.columns;
      canvas.height = map.shades.length / map.columns;
      canvas.style.cssText = `left:${x - size / 2}px;top:${
        y - size / 2
      }px;width:${size}px;height:${size}px`;
      paint(canvas, (cell) => gray(map.shades[cell]));
    });
  }

  /** @param {Network} network @param {UnitMap[][]} maps @param {number} size @param {(column: number, row: number) => [number, number]} middle */
  _showEdges({ layers }, maps, size, middle) {
    const first = layers.length + 1 - maps.length; // pixels have no lines
    const paths = maps.slice(1).flatMap((to, c) => {
      const { weights } = layers[c + first];
      /** @type {{w: number, d: string}[]} */
      const lines = to.flatMap((_, i) =>
        maps[c].map((_, j) => {
          const [[x, y], [u, v]] = [middle(c, j), middle(c + 1, i)];
          return { w: Number(weights.at(i, j)), d: `M${x + size / 2} ${y}L${u - size / 2} ${v}` };
        })
      );
      const largest = Math.max(...lines.map(({ w }) => Math.abs(w))) || 1;
      return [1, -1].flatMap((sign) =>
        WIDTHS.map((width, k) => {
          const own = lines.filter(({ w }) => {
            const share = sign * w / largest;
            return share > Math.max(FAINTEST, k / 3) && share <= (k + 1) / 3;
          });
          return svg("path", {
            class: sign > 0 ? "nnx-weight" : "nnx-weight nnx-negative",
            "stroke-width": width,
            d: own.map(({ d }) => d).join(""),
          });
        })
      );
    });
    this._edges.replaceChildren(...paths);
  }
}
