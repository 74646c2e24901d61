/**
 * A chain of neurons and the product that its gradient is.
 *
 * @typedef {{letter: string, below: string, primed?: boolean, value: number, kind: "error" | "slope" | "weight"}} Factor
 * @typedef {{input: number, target: number, weights: readonly number[], biases: readonly number[], activation: string}} Setting
 * @typedef {{z: number[], a: number[], slopes: number[], gradients: number[], factors: Factor[], loss: number}} Passed
 */
import { getActivation } from "../../engine/activations.mjs";
import { asNumbers } from "../../engine/arrays.mjs";
import { Layer, Network } from "../../engine/network.mjs";

export const NEURONS = 4; // three hidden ones and the output
export const LEAST = 1e-12; // of the derivatives that a panel shows
const USUAL = 1e-8; // where its axis begins, so that pictures can be compared, unless it has to begin lower
const LOSS = "half_sse";
const ROOM = 0.16; // above the largest one, for its number, as a share of the decades

/** Send the input through the chain and the error back. @param {Setting} setting @returns {Passed} */
export function passed({ input, target, weights, biases, activation }) {
  const network = new Network(
    weights.map((w, k) => new Layer(asNumbers([[w]]), asNumbers([[biases[k]]]), activation)),
  );
  const forward = network.forward(asNumbers([[input]]));
  const backward = network.backward(forward, asNumbers([[target]]), LOSS);
  const only = (/** @type {import("../../engine/arrays.mjs").Matrix} */ matrix) =>
    Number(matrix.at(0, 0));
  const z = forward.z.slice(1).map(only), a = forward.a.slice(1).map(only);
  const slopes = forward.z.slice(1).map((sum) => only(getActivation(activation).derivative(sum)));
  return {
    z,
    a,
    slopes,
    gradients: backward.gradients.layers.map(({ biases: bias }) => only(bias)),
    factors: factorsOf(a[NEURONS - 1] - target, slopes, weights),
    loss: Number(backward.loss),
  };
}

/** The factors of the first bias's gradient, from the output to the input. @param {number} error @param {readonly number[]} slopes @param {readonly number[]} weights @returns {Factor[]} */
function factorsOf(error, slopes, weights) {
  /** @type {Factor[]} */
  const factors = [{ letter: "error", below: "", value: error, kind: "error" }];
  for (let l = NEURONS; l >= 1; l--) {
    factors.push({
      letter: "z",
      below: String(l),
      primed: true,
      value: slopes[l - 1],
      kind: "slope",
    });
    if (l > 1) {
      factors.push({ letter: "w", below: String(l), value: weights[l - 1], kind: "weight" });
    }
  }
  return factors;
}

/** The factor of each link: weight times slope, from the last link to the first. @param {readonly number[]} slopes @param {readonly number[]} weights */
export const linksOf = (slopes, weights) =>
  [4, 3, 2].map((l) => ({ l, value: weights[l - 1] * slopes[l - 2] }));

/** Return the powers of ten between which sizes are shown, with room for a number above the largest. @param {readonly number[]} sizes @returns {[number, number]} */
export function rangeOf(sizes) {
  const shown = sizes.filter((size) => size > LEAST);
  const low = Math.floor(Math.log10(Math.min(...shown, USUAL)));
  const high = Math.log10(Math.max(...shown, 1));
  return [10 ** low, 10 ** Math.ceil(high + ROOM * (high - low))];
}
