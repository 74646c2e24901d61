/**
 * One step by hand, one arrow at a time: all numbers of the step, and the order in which they arise.
 *
 * @typedef {import("../../drawing/formulas.mjs").Part} Part
 * @typedef {import("../../engine/arrays.mjs").Matrix} Matrix
 * @typedef {import("../../engine/fractions.mjs").Entry} Entry
 * @typedef {"forward" | "loss" | "backward" | "gradients" | "step" | "check"} Phase
 *
 * @typedef {object} Moment one place of the walk
 * @property {Phase} phase
 * @property {string} row of the sheet that is worked on
 * @property {string} result name of the number that is found, with row and column: "a1.2.0"
 * @property {string[]} edges those in use, as "1.0.1": layer, unit, input
 * @property {string} unit the one in use, as "1.0": layer, unit
 * @property {string} words what happens
 * @property {Part[]} rule the equation in letters
 * @property {Part[]} numbers the same in numbers
 */
import { letter } from "../../drawing/formulas.mjs";
import { multiply, signOf, subtract } from "../../engine/fractions.mjs";
import { Layer, Network } from "../../engine/network.mjs";
import { shown } from "../../drawing/numbers.mjs";

export const SIZES = [2, 4, 1];

/** @type {Record<Phase, string>} */
export const PHASES = {
  forward: "Forward",
  loss: "Loss",
  backward: "Backward",
  gradients: "Gradients",
  step: "Step",
  check: "Check",
};

/** Return all numbers of one step. @param {import("../../frame/state.mjs").State} state */
export function computed({ W1, b1, W2, b2, x, y, activation, loss, eta }) {
  const network = new Network([new Layer(W1, b1, activation), new Layer(W2, b2, "identity")]);
  const forward = network.forward(x), backward = network.backward(forward, y, loss);
  const after = network.step(backward.gradients, eta), again = after.forward(x);
  const slopes = network.layer(1).activation.derivative(forward.z[1]);
  return { network, forward, backward, after, again, slopes, lossAfter: after.loss(x, y, loss) };
}

/** A factor or a term: negative numbers stand in brackets. @param {Entry} value */
const bracket = (value) => (signOf(value) < 0 ? `(${shown(value)})` : shown(value));

/** @param {readonly Entry[]} terms */
const summed = (terms) =>
  terms.map((term, k) => (k ? `+ ${bracket(term)}` : shown(term))).join(" ");

/** @param {readonly [Entry, Entry][]} pairs */
const products = (pairs) =>
  pairs.map(([a, b], k) => `${k ? bracket(a) : shown(a)} \u00b7 ${bracket(b)}`).join(" + ");

/**
 * Return the moments of the walk.
 *
 * @param {import("../../frame/state.mjs").State} state
 * @param {ReturnType<typeof computed>} found
 * @returns {Moment[]}
 */
export function walk(state, found) {
  const k = Number(state.example) - 1;
  return [
    ...forwardMoments(found, k),
    lossMoment(state, found),
    ...backwardMoments(state, found, k),
    ...gradientMoments(state, found),
    ...stepMoments(state),
    checkMoment(state, found),
  ];
}

/** @param {ReturnType<typeof computed>} found @param {number} k @returns {Moment[]} */
function forwardMoments({ network, forward }, k) {
  return [1, 2].flatMap((l) => {
    const { weights, biases, activation } = network.layer(l);
    const a = forward.a[l - 1], before = `${l - 1}`, here = `${l}`;
    const output = l === SIZES.length - 1;
    return Array.from({ length: SIZES[l] }, (_, i) => i).flatMap((i) => {
      /** @type {Entry[]} */
      const terms = [];
      const arrows = Array.from({ length: SIZES[l - 1] }, (_, j) => {
        const term = multiply(weights.at(i, j), a.at(j, k));
        terms.push(term);
        return /** @type {Moment} */ ({
          phase: "forward",
          row: "forward",
          result: "",
          edges: [`${l}.${i}.${j}`],
          unit: "",
          words: `Forward: along the arrow from ${l === 1 ? "input" : "unit"} ${j + 1} to ${
            output ? "the output" : `unit ${i + 1}`
          } comes ${shown(weights.at(i, j))} times ${shown(a.at(j, k))}, that is ${shown(term)}.`,
          rule: [
            letter("W", here, `${i + 1}${j + 1}`),
            " \u00b7 ",
            letter("a", before, `${j + 1}`),
          ],
          numbers: [`${shown(weights.at(i, j))} \u00b7 ${bracket(a.at(j, k))} = ${shown(term)}`],
        });
      });
      const z = forward.z[l].at(i, k), value = forward.a[l].at(i, k);
      const summing = [
        letter("z", here, `${i + 1}`),
        " = \u2211 ",
        letter("W", here, `${i + 1}j`),
        " ",
        letter("a", before, "j"),
        " + ",
        letter("b", here, `${i + 1}`),
      ];
      const sum = `${summed([...terms, biases.at(i, 0)])} = ${shown(z)}`;
      return [
        ...arrows,
        /** @type {Moment} */ ({
          phase: "forward",
          row: "forward",
          result: output ? `prediction.0.${k}` : `a1.${i}.${k}`,
          edges: arrows.map((arrow) => arrow.edges[0]),
          unit: `${l}.${i}`,
          words: output
            ? `Forward: with its bias the output is ${shown(z)}.`
            : `Forward: with its bias unit ${i + 1} has ${shown(z)}, and its activation is ${
              shown(value)
            }.`,
          rule: output ? [letter("y\u0302"), " = ", ...summing] : [
            ...summing,
            ",\u2003",
            letter("a", here, `${i + 1}`),
            " = ",
            letter("f"),
            "(",
            letter("z", here, `${i + 1}`),
            ")",
          ],
          numbers: output ? [sum] : [
            sum,
            `,\u2003${activation.name === "relu" ? `max(0, ${shown(z)})` : `f(${shown(z)})`} = ${
              shown(value)
            }`,
          ],
        }),
      ];
    });
  });
}

/** @param {import("../../frame/state.mjs").State} state @param {ReturnType<typeof computed>} found @returns {Moment} */
function lossMoment({ loss, y }, { forward, backward }) {
  const half = loss === "half_sse";
  const errors = [0, 1].map((k) =>
    `(${shown(forward.prediction.at(0, k))} \u2212 ${bracket(y.at(0, k))})\u00b2`
  );
  const sum = errors.join(" + ");
  return {
    phase: "loss",
    row: "forward",
    result: "loss.0.0",
    edges: [],
    unit: "2.0",
    words: `The loss of both examples together is ${shown(backward.loss)}.`,
    rule: [
      letter("L"),
      half ? " = \u00bd \u2211 (" : " = \u2211 (",
      letter("y\u0302"),
      " \u2212 ",
      letter("y"),
      ")\u00b2",
    ],
    numbers: [`${half ? `\u00bd [${sum}]` : sum} = ${shown(backward.loss)}`],
  };
}

/** @param {import("../../frame/state.mjs").State} state @param {ReturnType<typeof computed>} found @param {number} k @returns {Moment[]} */
function backwardMoments({ loss, y }, { network, forward, backward, slopes }, k) {
  const half = loss === "half_sse", delta = backward.deltas[2].at(0, k);
  const error = `(${shown(forward.prediction.at(0, k))} \u2212 ${bracket(y.at(0, k))})`;
  /** @type {Moment} */
  const first = {
    phase: "backward",
    row: "backward",
    result: `delta2.0.${k}`,
    edges: [],
    unit: "2.0",
    words: `Backward: the error signal of the output is ${shown(delta)}.`,
    rule: [
      letter("\u03b4", "2"),
      half ? " = " : " = 2 (",
      letter("y\u0302"),
      " \u2212 ",
      letter("y"),
      half ? "" : ")",
    ],
    numbers: [`${half ? error.slice(1, -1) : `2 ${error}`} = ${shown(delta)}`],
  };
  const others = Array.from({ length: SIZES[1] }, (_, i) => {
    const [slope, weight, found] = [
      slopes.at(i, k),
      network.layer(2).weights.at(0, i),
      backward.deltas[1].at(i, k),
    ];
    const why = signOf(slope) === 0
      ? " The unit is flat here."
      : signOf(weight) === 0
      ? " Its outgoing weight is 0."
      : "";
    return /** @type {Moment} */ ({
      phase: "backward",
      row: "backward",
      result: `delta1.${i}.${k}`,
      edges: [`2.0.${i}`],
      unit: `1.${i}`,
      words: `Backward: unit ${i + 1} receives ${shown(weight)} times ${
        shown(delta)
      }, times its slope ${shown(slope)}: its error signal is ${shown(found)}.${why}`,
      rule: [
        letter("\u03b4", "1", `${i + 1}`),
        " = ",
        letter("f", "\u2032"),
        "(",
        letter("z", "1", `${i + 1}`),
        ") \u00b7 ",
        letter("W", "2", `1${i + 1}`),
        " \u00b7 ",
        letter("\u03b4", "2"),
      ],
      numbers: [
        `${shown(slope)} \u00b7 ${bracket(weight)} \u00b7 ${bracket(delta)} = ${shown(found)}`,
      ],
    });
  });
  return [first, ...others];
}

/** @param {import("../../frame/state.mjs").State} _state @param {ReturnType<typeof computed>} found @returns {Moment[]} */
function gradientMoments(_state, { forward, backward }) {
  return [2, 1].flatMap((l) => {
    const delta = backward.deltas[l], a = forward.a[l - 1];
    const units = Array.from({ length: SIZES[l] }, (_, i) => i),
      inputs = Array.from({ length: SIZES[l - 1] }, (_, j) => j);
    const place = (/** @type {number} */ i) => (l === 2 ? "the output" : `unit ${i + 1}`);
    const weights = units.flatMap((i) =>
      inputs.map((j) => {
        const value = backward.gradients.layer(l).weights.at(i, j);
        return /** @type {Moment} */ ({
          phase: "gradients",
          row: `W${l}`,
          result: `dW${l}.${i}.${j}`,
          edges: [`${l}.${i}.${j}`],
          unit: "",
          words: `Gradient of weight ${j + 1} of ${place(i)}, summed over both examples: ${
            shown(value)
          }.`,
          rule: [
            "\u2202",
            letter("L"),
            "/\u2202",
            letter("W", `${l}`, `${i + 1}${j + 1}`),
            " = \u2211 ",
            letter("\u03b4", `${l}`, l === 1 ? `${i + 1}` : ""),
            " \u00b7 ",
            letter("a", `${l - 1}`, `${j + 1}`),
          ],
          numbers: [
            `${products([0, 1].map((k) => [delta.at(i, k), a.at(j, k)]))} = ${shown(value)}`,
          ],
        });
      })
    );
    const biases = units.map((i) => {
      const value = backward.gradients.layer(l).biases.at(i, 0);
      return /** @type {Moment} */ ({
        phase: "gradients",
        row: `b${l}`,
        result: `db${l}.${i}.0`,
        edges: [],
        unit: `${l}.${i}`,
        words: `Gradient of the bias of ${place(i)}, summed over both examples: ${shown(value)}.`,
        rule: [
          "\u2202",
          letter("L"),
          "/\u2202",
          letter("b", `${l}`, `${i + 1}`),
          " = \u2211 ",
          letter("\u03b4", `${l}`, l === 1 ? `${i + 1}` : ""),
        ],
        numbers: [`${summed([0, 1].map((k) => delta.at(i, k)))} = ${shown(value)}`],
      });
    });
    return [...weights, ...biases];
  });
}

/** @param {import("../../frame/state.mjs").State} state @returns {Moment[]} */
function stepMoments({ eta }) {
  return ["W1", "b1", "W2", "b2"].map((name) => {
    const [parameter, l] = name;
    return {
      phase: "step",
      row: name,
      result: `new${name}.0.0`,
      unit: "",
      edges: parameter === "W" ? edgesOf(Number(l)) : [],
      words: `Step: the ${
        parameter === "W" ? "weights" : "biases"
      } of layer ${l} move against their gradient, with the learning rate ${shown(eta)}.`,
      rule: [
        letter(parameter, l),
        "(",
        letter("t"),
        " = 1) = ",
        letter(parameter, l),
        " \u2212 ",
        letter("\u03b7"),
        " \u2202",
        letter("L"),
        "/\u2202",
        letter(parameter, l),
      ],
      numbers: [letter("\u03b7"), ` = ${shown(eta)}`],
    };
  });
}

/** @param {number} l */
function edgesOf(l) {
  return Array.from(
    { length: SIZES[l] * SIZES[l - 1] },
    (_, k) => `${l}.${Math.floor(k / SIZES[l - 1])}.${k % SIZES[l - 1]}`,
  );
}

/** @param {import("../../frame/state.mjs").State} state @param {ReturnType<typeof computed>} found @returns {Moment} */
function checkMoment({ y }, { forward, backward, lossAfter, again }) {
  const ways = [0, 1].map((k) =>
    `from ${shown(forward.prediction.at(0, k))} to ${shown(again.prediction.at(0, k))} (target ${
      shown(y.at(0, k))
    })`
  );
  return {
    phase: "check",
    row: "check",
    result: "after.0.0",
    edges: [],
    unit: "2.0",
    words: `${outcome(backward.loss, lossAfter)} The predictions go ${ways.join(" and ")}.`,
    rule: [
      letter("y\u0302"),
      "(",
      letter("t"),
      " = 1)\u2003and\u2003",
      letter("L"),
      "(",
      letter("t"),
      " = 1)",
    ],
    numbers: [
      `${[0, 1].map((k) => shown(again.prediction.at(0, k))).join(" and ")};\u2003`,
      letter("L"),
      `: ${shown(backward.loss)} \u2192 ${shown(lossAfter)}`,
    ],
  };
}

/** @param {Entry} before @param {Entry} after */
function outcome(before, after) {
  const difference = signOf(subtract(after, before));
  const verdict = difference < 0 ? "smaller" : difference > 0 ? "larger" : "the same";
  return `Loss before the step: ${shown(before)}. After it: ${shown(after)}, ${verdict}.`;
}
