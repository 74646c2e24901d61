/**
 * The race: the path of each optimizer over a surface.
 *
 * @typedef {import("./surfaces.mjs").Surface} Surface
 * @typedef {{name: string, path: [number, number][], losses: number[], left: number}} Run
 */
import { asNumbers } from "../../engine/arrays.mjs";
import { Adagrad, Adam, RMSprop } from "../../engine/adaptive_rules.mjs";
import { Random } from "../../engine/random.mjs";
import { Momentum, Nesterov, SGD } from "../../engine/rules.mjs";

export const UPDATES = 200;
const FAR = 1e6; // who is so far away does not come back

/** What each is called; its place in the list is that of its color. */
export const RULES = {
  sgd: "gradient descent",
  momentum: "momentum",
  nesterov: "Nesterov",
  adagrad: "Adagrad",
  rmsprop: "RMSprop",
  adam: "Adam",
};

/** @param {string} name @param {number} beta */
function ruleOf(name, beta) {
  const rules = {
    sgd: () => new SGD(),
    momentum: () => new Momentum(beta),
    nesterov: () => new Nesterov(beta),
    adagrad: () => new Adagrad(),
    rmsprop: () => new RMSprop(),
    adam: () => new Adam(),
  };
  return rules[/** @type {keyof typeof rules} */ (name)]();
}

/** Whether the steps of a rule have the size of its learning rate, whatever the gradient. @param {string} name */
export const isAdaptive = (name) => ["adagrad", "rmsprop", "adam"].includes(name);

/**
 * Return the run of an optimizer; `left` is the update after which it was far away, or -1.
 *
 * @param {string} name
 * @param {Surface} surface
 * @param {{start: [number, number], rate: number, pace: number, beta: number, noise: number, seed: number}} setting
 * @returns {Run}
 */
export function run(name, surface, { start, rate, pace, beta, noise, seed }) {
  const rule = ruleOf(name, beta), random = new Random(seed);
  let w = asNumbers([[start[0]], [start[1]]]), state = rule.initialState(w);
  /** @type {[number, number][]} */
  const path = [start];
  for (let t = 0; t < UPDATES; t++) {
    const slopes = surface.gradient(Number(w.at(0, 0)), Number(w.at(1, 0)));
    const noisy = slopes.map((slope) => [slope + noise * random.normal()]);
    [w, state] = rule.step(w, asNumbers(noisy), state, isAdaptive(name) ? pace : rate);
    const place = /** @type {[number, number]} */ ([Number(w.at(0, 0)), Number(w.at(1, 0))]);
    if (!(Math.hypot(...place) < FAR)) {
      return { name, path, losses: lossesOf(path, surface), left: t + 1 };
    }
    path.push(place);
  }
  return { name, path, losses: lossesOf(path, surface), left: -1 };
}

/** @param {[number, number][]} path @param {Surface} surface */
const lossesOf = (path, surface) => path.map(([x, y]) => surface.loss(x, y));
