/**
 * What the network of the page learns: a curve, classes in the plane, small digits.
 *
 * @typedef {"curve" | "plane" | "images"} Kind
 * @typedef {{x: Matrix, y: Matrix}} Sample
 * @typedef {object} Problem
 * @property {Kind} kind
 * @property {string} loss in terms of the outputs before their activation
 * @property {string} metric what is counted beside the loss, or ""
 * @property {number} guess the loss of the best constant answer
 * @property {Sample} training
 * @property {Sample} validation
 */
import { asNumbers, Matrix } from "../../engine/arrays.mjs";
import { Random } from "../../engine/random.mjs";
import { digitsOf } from "../../frame/packed.mjs";

const POINTS = 200; // of the plane, in either part
const SEED = 11; // of the points: they are the same for all networks

/**
 * Return the problem of a name.
 *
 * @param {string} name
 * @param {{curve: {x: number[], y: number[]}, digits: {pixels: string, labels: string, training: number}}} facts
 * @returns {Problem}
 */
export function problemOf(name, facts) {
  if (name === "eckerle4") return curve(facts.curve);
  return name === "digits" ? digits(facts.digits) : plane(name);
}

/** Every third point is for validation. @param {{x: number[], y: number[]}} points @returns {Problem} */
function curve({ x, y }) {
  const part = (/** @type {boolean} */ isHeldOut) => {
    const chosen = x.map((_, k) => k).filter((k) => (k % 3 === 1) === isHeldOut);
    return { x: asNumbers([chosen.map((k) => x[k])]), y: asNumbers([chosen.map((k) => y[k])]) };
  };
  const training = part(false);
  return {
    kind: "curve",
    loss: "mse",
    metric: "",
    guess: varianceOf(training.y),
    training,
    validation: part(true),
  };
}

/** @param {Matrix} y */
function varianceOf({ entries }) {
  const values = Array.from(entries, Number), mean = values.reduce((a, b) => a + b) / values.length;
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
}

/** @param {string} name @returns {Problem} */
function plane(name) {
  const random = new Random(SEED);
  const part = () => {
    const points = Array.from({ length: POINTS }, (_, k) => pointOf(name, k % 2, random));
    return {
      x: asNumbers([points.map(([a]) => a), points.map(([, b]) => b)]),
      y: asNumbers([points.map((_, k) => k % 2)]),
    };
  };
  return {
    kind: "plane",
    loss: "binary_cross_entropy_on_logits",
    metric: "accuracy",
    guess: Math.log(2),
    training: part(),
    validation: part(),
  };
}

/** Draw a point of a class: two rings, or two arms of a spiral, with some noise. @param {string} name @param {number} k @param {Random} random @returns {[number, number]} */
function pointOf(name, k, random) {
  const share = random.uniform();
  const isSpiral = name === "spiral";
  const radius = isSpiral ? 0.1 + 0.85 * share : k ? 0.85 : 0.4;
  const angle = isSpiral ? 3.2 * Math.PI * share + k * Math.PI : 2 * Math.PI * share;
  const noise = isSpiral ? 0.03 : 0.1;
  return [
    radius * Math.cos(angle) + noise * random.normal(),
    radius * Math.sin(angle) + noise * random.normal(),
  ];
}

/** @param {{pixels: string, labels: string, training: number}} packed @returns {Problem} */
function digits(packed) {
  return {
    kind: "images",
    loss: "categorical_cross_entropy_on_logits",
    metric: "accuracy",
    guess: Math.log(10),
    training: digitsOf(packed, 0, packed.training),
    validation: digitsOf(packed, packed.training, packed.labels.length),
  };
}

/** Return some columns of a sample. @param {Sample} sample @param {readonly number[]} chosen @returns {Sample} */
export function columnsOf({ x, y }, chosen) {
  const taken = (/** @type {Matrix} */ { rows, columns, entries }) => {
    const result = new Float64Array(rows * chosen.length);
    for (let i = 0, k = 0; i < rows; i++) {
      for (const n of chosen) result[k++] = Number(entries[i * columns + n]);
    }
    return new Matrix(rows, chosen.length, result);
  };
  return { x: taken(x), y: taken(y) };
}

/** Return the share of right answers. @param {Matrix} outputs @param {Matrix} y */
export function accuracyOf(outputs, y) {
  if (y.rows === 1) {
    const right = Array.from(
      outputs.entries,
      (z, n) => Number(Number(z) > 0 === Number(y.entries[n]) > 0.5),
    );
    return right.reduce((a, b) => a + b, 0) / y.columns;
  }
  let right = 0;
  for (let n = 0; n < y.columns; n++) {
    let best = 0;
    for (let i = 1; i < y.rows; i++) if (outputs.at(i, n) > outputs.at(best, n)) best = i;
    right += Number(y.at(best, n));
  }
  return right / y.columns;
}
