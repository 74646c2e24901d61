// The walk through one step: every place of it for many states, and the sheet of exercise 2a.
import assert from "node:assert/strict";
import test from "node:test";
import {
  asNumbers,
  exact,
  filled,
  map,
} from "../../../nnbook/publishing/explorables/engine/arrays.mjs";
import { Fraction } from "../../../nnbook/publishing/explorables/engine/fractions.mjs";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import {
  computed,
  PHASES,
  walk,
} from "../../../nnbook/publishing/explorables/figures/one-step/walk.mjs";

const exercise = {
  x: exact([[-1, 2], [1, -1]]),
  y: exact([[1, -1]]),
  eta: new Fraction(1, 10),
  loss: "half_sse",
  activation: "relu",
  example: "1",
  W1: exact([[1, 2], [0, -1], [-1, -3], [-2, 2]]),
  b1: exact([[-2], [2], [0], [-2]]),
  W2: exact([[1, 0, -1, 2]]),
  b2: exact([[-2]]),
};
const text = (parts) =>
  parts.map((part) => (typeof part === "string" ? part : part.letter + part.above + part.below))
    .join("");

test("the walk finds each number of the exercise once, in the order of computing", () => {
  const moments = walk(exercise, computed(exercise));
  assert.equal(moments.length, 45);
  assert.deepEqual([...new Set(moments.map((moment) => moment.phase))], Object.keys(PHASES));
  const results = moments.map((moment) => moment.result).filter(Boolean);
  assert.equal(new Set(results).size, results.length);
  const at = (result) => text(moments.find((moment) => moment.result === result).numbers);
  assert.equal(at("a1.2.0"), "1 + (\u22123) + 0 = \u22122,\u2003max(0, \u22122) = 0");
  assert.equal(at("prediction.0.0"), "0 + 0 + 0 + 4 + (\u22122) = 2");
  assert.equal(
    at("loss.0.0"),
    "\u00bd [(2 \u2212 1)\u00b2 + (\u22123 \u2212 (\u22121))\u00b2] = 5/2",
  );
  assert.equal(at("delta1.3.0"), "1 \u00b7 2 \u00b7 1 = 2");
  assert.equal(at("dW2.0.1"), "1 \u00b7 1 + (\u22122) \u00b7 3 = \u22125");
});

test("the end tells how the predictions pass their targets where the step is too long", () => {
  const last = (eta) => walk({ ...exercise, eta }, computed({ ...exercise, eta })).at(-1).words;
  assert.equal(
    last(new Fraction(1, 5)),
    "Loss before the step: 5/2. After it: 2.5552, larger. The predictions go from 2 to 12/25 (target 1) and from \u22123 to 6/5 (target \u22121).",
  );
  assert.match(last(new Fraction(1, 10)), /smaller\. The predictions go from 2 to 28\/25/);
});

test("both conventions of the loss differ by a factor 2, and the step follows", () => {
  const [half, full] = ["half_sse", "sse"].map((loss) => computed({ ...exercise, loss }));
  assert.equal(String(full.backward.loss), "5");
  const twice = map((entry) => 2 * Number(entry), half.backward.gradients.layer(1).weights);
  assert.deepEqual(
    [...twice.entries],
    full.backward.gradients.layer(1).weights.entries.map(Number),
  );
  const slower = computed({ ...exercise, loss: "sse", eta: new Fraction(1, 20) });
  assert.deepEqual(
    slower.after.layer(2).weights.toRows().map(String),
    half.after.layer(2).weights.toRows().map(String),
  );
});

test("no state makes a number that is none, at any place", () => {
  const random = new Random(11);
  const entries = (rows, columns) =>
    asNumbers(
      map(() => 0, filled(rows, columns)).toRows().map((row) =>
        row.map(() =>
          new Fraction(
            Math.floor(200001 * random.uniform()) - 100000,
            [1, 1000, 7][Math.floor(3 * random.uniform())] * 1000,
          )
        )
      ),
    );
  for (let k = 0; k < 300; k++) {
    const state = {
      x: entries(2, 2),
      y: entries(1, 2),
      W1: entries(4, 2),
      b1: entries(4, 1),
      W2: entries(1, 4),
      b2: entries(1, 1),
      eta: new Fraction(k % 101, 200),
      loss: ["half_sse", "sse"][k % 2],
      example: String(1 + (k % 2)),
      activation: ["relu", "leaky_relu", "identity", "step", "sigmoid", "tanh", "softplus"][k % 7],
    };
    for (const { words, numbers, rule } of walk(state, computed(state))) {
      assert.doesNotMatch(words + text(numbers) + text(rule), /NaN|undefined|Infinity|too large/);
    }
  }
});
