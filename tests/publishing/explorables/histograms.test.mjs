// Histograms through depth: what is measured beside nnbook; what is said at the extremes.
import assert from "node:assert/strict";
import test from "node:test";
import { asNumbers } from "../../../nnbook/publishing/explorables/engine/arrays.mjs";
import { EPSILON } from "../../../nnbook/publishing/explorables/engine/normalization.mjs";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import {
  flatShareOf,
  measured,
  momentsOf,
  networkOf,
  normOf,
  sharesOf,
  UNITS,
  weightsOf,
} from "../../../nnbook/publishing/explorables/figures/histograms/layers.mjs";
import {
  labelsOf,
  rangeOf,
} from "../../../nnbook/publishing/explorables/figures/histograms/pictures.mjs";
import { told } from "../../../nnbook/publishing/explorables/figures/histograms/words.mjs";
import { digitsOf } from "../../../nnbook/publishing/explorables/frame/packed.mjs";
import { assertClose, golden } from "./golden.mjs";

const batchOf = (images) => digitsOf(golden.digits, 0, images);

for (const one of golden.cases) {
  const name = `${one.activation}, ${one.over}, ${one.images} images`;
  test(name, () => {
    const seen = measured(networkOf(one.weights.map(asNumbers), one), batchOf(one.images));
    for (const what of ["sums", "activations", "slopes"]) {
      seen[what].forEach((values, l) => assertClose(values.toRows(), one[what][l], `${what} ${l}`));
    }
    assertClose(seen.gradients, one.gradients, "gradients");
    const { mean, deviation } = momentsOf(seen.activations[0]);
    assertClose([mean, deviation], one.moments, "moments");
    assertClose(sharesOf(seen.activations[0], one.range, 17), one.shares, "shares");
  });
}

test("weights have LeCun's size", () => {
  const weights = weightsOf({ depth: 3, seed: 2 }, batchOf(5));
  assert.deepEqual(weights.map(({ rows, columns }) => [rows, columns]), [
    [UNITS, 64],
    [UNITS, UNITS],
    [UNITS, UNITS],
    [10, UNITS],
  ]);
  for (const one of weights) {
    const size = normOf([one]) / Math.sqrt(one.entries.length) * Math.sqrt(one.columns);
    assert.ok(Math.abs(size - 1) < 0.12, `${size}`);
  }
});

test("flat slopes and shares are counted", () => {
  const values = asNumbers([[0, 0.02, 0.03, 0.25]]);
  assert.equal(flatShareOf(values, "sigmoid"), 0.5);
  assert.equal(flatShareOf(values, "tanh"), 0.75);
  assert.deepEqual(sharesOf(values, [0, 0.25], 2), [0.75, 0.25]); // the upper end belongs to the last
  assert.equal(normOf([asNumbers([[1e200, 0]]), asNumbers([[1e200]])]), 1e200 * Math.SQRT2);
  assert.deepEqual(rangeOf("sums", "relu", [asNumbers([[0, 0]])]), [-10, 10]);
  assert.deepEqual(rangeOf("sums", "tanh", [asNumbers([[-3, 12]])]), [-10, 12]);
  assert.deepEqual(rangeOf("activations", "relu", [asNumbers([[0, 3]])]), [0, 10]);
  assert.deepEqual(rangeOf("activations", "tanh", [asNumbers([[0, 3]])]), [-1, 1]);
});

test("in a batch of two each unit receives opposite values, which fall short of 1 by epsilon", () => {
  const batch = batchOf(2), weights = weightsOf({ depth: 3, seed: 5 }, batch);
  for (const scale of [0.1, 1, 20]) {
    const setting = { activation: "tanh", scale, bias: 2, over: "batch" };
    const { sums } = measured(networkOf(weights, setting), batch);
    const plain = measured(networkOf(weights, { ...setting, over: "none" }), batch).sums[0];
    for (const [k, [one, other]] of sums[0].toRows().entries()) {
      const half = (plain.toRows()[k][0] - plain.toRows()[k][1]) / 2;
      assertClose(
        [one, other],
        [1, -1].map((sign) => sign * half / Math.hypot(half, EPSILON ** 0.5)),
      );
    }
  }
});

test("a line is labelled where it ends, and not where a gradient of 0 has none", () => {
  const gradients = { none: [0, 0], batch: [0, 2], layer: [1, 3] };
  assert.deepEqual(labelsOf(gradients).map(({ text, end, k }) => [text, end, k]), [
    ["over the batch", [2, 2], 1],
    ["over the layer", [2, 3], 2],
  ]);
});

test("no setting makes a number that is none, and what is said is a sentence", () => {
  const random = new Random(8);
  const one = (...names) => names[Math.floor(names.length * random.uniform())];
  for (let k = 0; k < 60; k++) {
    const setting = {
      activation: one("sigmoid", "tanh", "relu", "leaky_relu"),
      depth: one(1, 2, 10),
      scale: one(0.1, 1, 20),
      bias: one(-5, 0, 5),
      seed: k + 1,
    };
    const images = one(2, 3, 100), batch = batchOf(images), weights = weightsOf(setting, batch);
    const found = Object.fromEntries(
      ["none", "batch", "layer"].map((over) => [
        over,
        measured(networkOf(weights, { ...setting, over }), batch),
      ]),
    );
    for (const [over, { sums, slopes, gradients }] of Object.entries(found)) {
      assert.ok(gradients.every(Number.isFinite), JSON.stringify(setting));
      for (const what of ["sums", "activations", "slopes"]) {
        const values = found[over][what], range = rangeOf(what, setting.activation, values);
        assert.ok(range.every(Number.isFinite) && range[0] < range[1]);
        values.forEach((values) => {
          const total = sharesOf(values, range, 41).reduce((a, b) => a + b);
          assert.ok(Math.abs(total - 1) < 1e-9);
        });
      }
      const text = told({
        ...{ over, images, activation: setting.activation },
        layers: sums.map((values, l) => ({
          sums: momentsOf(values).deviation,
          flat: flatShareOf(slopes[l], setting.activation),
        })),
        gradients: Object.fromEntries(Object.entries(found).map(([k, v]) => [k, v.gradients])),
      });
      assert.match(text, /\.$/);
      assert.doesNotMatch(text, /NaN|Infinity|undefined|too large/);
      assert.equal(text.includes("batch of two"), over === "batch" && images === 2);
      assert.doesNotMatch(text, /hardly any gradient/);
      assert.equal(/ are off\./.test(text), setting.activation === "relu");
      assert.equal(text.includes("where the slope is 0.01"), setting.activation === "leaky_relu");
    }
  }
});
