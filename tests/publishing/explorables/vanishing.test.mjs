// The signals of random networks and of the chain, beside nnbook's; what is said at the extremes.
import assert from "node:assert/strict";
import test from "node:test";
import { Matrix } from "../../../nnbook/publishing/explorables/engine/arrays.mjs";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import {
  linksOf,
  passed,
  rangeOf,
} from "../../../nnbook/publishing/explorables/figures/chain/product.mjs";
import { vertical } from "../../../nnbook/publishing/explorables/figures/vanishing/pictures.mjs";
import {
  batchOf,
  networkOf,
  signalsIn,
  signalsOf,
} from "../../../nnbook/publishing/explorables/figures/vanishing/signals.mjs";
import { told } from "../../../nnbook/publishing/explorables/figures/vanishing/words.mjs";
import { assertClose, golden } from "./golden.mjs";

const batch = batchOf(golden.batch);
const plain = {
  depth: 10,
  width: 30,
  activation: "sigmoid",
  initializer: "glorot_uniform",
  scale: 1,
  deviation: 0.05,
  seed: 1,
};

test("the batch is unpacked as nnbook unpacks it", () => {
  assertClose(batch.x.toRows(), golden.x, "x");
  assertClose(batch.y.toRows(), golden.y, "y");
});

test("weights have the deviation that the inputs of the images ask for", () => {
  for (const { setting, deviations } of golden.deviations) {
    networkOf({ ...plain, ...setting }, batch).layers.forEach(({ weights: { entries } }, l) => {
      const measured = Math.sqrt(entries.reduce((sum, w) => sum + w * w, 0) / entries.length);
      assert.ok(Math.abs(measured / deviations[l] - 1) < 0.15, `layer ${l + 1}: ${measured}`);
    });
  }
});

test("networks of the page have the signals of recorded ones", () => {
  const seeds = Array.from({ length: 12 }, (_, k) => k + 1);
  for (const { setting, band } of golden.recorded) {
    const found = seeds.map((seed) => signalsOf({ ...plain, ...setting, seed }, batch));
    // A few runs of either kind scatter; their means over all layers lie close together.
    for (const [name, bound] of [["gradient", 1.8], ["slope", 1.1]]) {
      const logs = band[name][0].map((low, l) =>
        found.reduce((sum, one) => sum + Math.log(one[name][l]), 0) / seeds.length -
        Math.log(low * band[name][1][l]) / 2
      );
      const ratio = Math.exp(Math.abs(logs.reduce((a, b) => a + b) / logs.length));
      assert.ok(ratio < bound, `${JSON.stringify(setting)} ${name}: ${ratio}`);
    }
  }
});

test("the largest network is computed in pieces that are short", () => {
  const costs = (setting, isShare) => [...signalsIn({ ...plain, ...setting }, batch, isShare)];
  for (const isShare of [false, true]) {
    assert.ok(Math.max(...costs({ depth: 20, width: 100 }, isShare)) <= 1.25e7);
  }
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  assert.ok(sum(costs({}, false)) + sum(costs({}, true)) < 2e7); // at once
  for (const activation of ["tanh", "relu"]) {
    const pieces = signalsIn({ ...plain, activation }, batch, true);
    let step = pieces.next();
    while (!step.done) step = pieces.next();
    const { gradient } = signalsOf({ ...plain, activation }, batch);
    assert.deepEqual(step.value.gradient, [gradient[0], gradient[gradient.length - 1]]);
  }
});

test("no setting makes a number that is none", () => {
  const random = new Random(4);
  const draw = (from, to) => from + (to - from) * random.uniform();
  const one = (...names) => names[Math.floor(names.length * random.uniform())];
  for (let k = 0; k < 40; k++) {
    const setting = {
      depth: Math.round(draw(1, 20)),
      width: Math.round(draw(2, 25)),
      activation: one("sigmoid", "tanh", "relu", "leaky_relu"),
      initializer: one("glorot_uniform", "he_normal", "lecun_normal", "random_normal"),
      scale: one(0.1, 1, 20),
      deviation: one(0.01, 0.05, 6),
      seed: k + 1,
    };
    const signals = signalsOf(setting, batch);
    const withGlorot = signalsOf({ ...setting, initializer: "glorot_uniform", scale: 1 }, batch);
    assert.ok(Object.values(signals).flat().every((value) => Number.isFinite(value)));
    assert.doesNotMatch(
      told(setting, signals, withGlorot, true).join(" "),
      /NaN|Infinity|undefined/,
    );
  }
});

test("networks are drawn on the same axes, and what lies beyond them is not cut off", () => {
  const settings = [
    {},
    { initializer: "he_normal" },
    { activation: "tanh", initializer: "random_normal" },
    { activation: "relu", initializer: "he_normal" },
  ];
  for (const setting of settings) {
    const signals = signalsOf({ ...plain, ...setting }, batch);
    for (const name of ["activation", "error", "gradient"]) {
      assert.deepEqual(vertical(name, signals[name]).values, [1e-8, 10], name);
    }
  }
  assert.deepEqual(vertical("gradient", [3e-14, 0, 200]).values, [1e-14, 1000]);
});

test("what is told is right for a gradient that vanishes, one that is flat, and one that stays", () => {
  const saidOf = (changes) => {
    const setting = { ...plain, ...changes }, signals = signalsOf(setting, batch);
    const withGlorot = signalsOf({ ...setting, initializer: "glorot_uniform" }, batch);
    return [told(setting, signals, withGlorot, true).join(" "), signals];
  };
  const [he] = saidOf({ initializer: "he_normal" });
  assert.match(he, /1[0-9.]+ times as much as with Glorot’s weights, where it is 2\.\d+·10⁻⁶/);
  const [flat, { gradient }] = saidOf({ activation: "tanh", initializer: "random_normal" });
  const [low, high] = [Math.min(...gradient), Math.max(...gradient)];
  assert.ok(high / low < 3 && high < 1e-5);
  const digits = (value) => value.toExponential(1).split("e")[0];
  assert.ok(flat.includes(`between ${digits(low)}·10⁻⁶ and ${digits(high)}·10⁻⁶`), flat);
  const [, signal, predicted, activation, product] =
    /by the factor (\S+) per layer; .* predicts (\S+)\. .* activation changes by the factor (\S+) and the gradient by (\S+) per/
      .exec(flat).map(Number);
  assert.ok(Math.abs(signal / predicted - 1) < 0.05 && signal < 0.5 && activation > 2);
  assert.ok(Math.abs(signal * activation / product - 1) < 0.05);
  // With ReLU nothing vanishes with Glorot's weights: their larger share is no gain.
  const [relu] = saidOf({ activation: "relu", initializer: "he_normal" });
  assert.match(relu, /output layer; with Glorot’s weights it has 10\.2 times\. The norms/);
});

test("a gradient is signal times activation for each image, and it is said that means are not", () => {
  const { inputs, x, y } = batch;
  const setting = { ...plain, scale: 4 }, { width, depth } = setting;
  const first = ({ rows, columns, entries }) =>
    new Matrix(rows, 1, Float64Array.from({ length: rows }, (_, k) => entries[k * columns]));
  const factorsOf = ({ error, activation, gradient }) =>
    gradient.slice(1, depth).map((norm, l) => norm / (width * error[l + 1] * activation[l]));
  const ofOne = factorsOf(signalsOf(setting, { inputs, x: first(x), y: first(y) }));
  assertClose(ofOne, ofOne.map(() => 1), "one image");
  const signals = signalsOf(setting, batch);
  assert.ok(factorsOf(signals).some((factor) => factor < 0.5));
  const said = told(setting, signals, signals, false).join(" ");
  assert.match(
    said,
    /For one image the gradient is .* before, for these averages over images at best roughly: the/,
  );
});

for (const [k, { setting, z, a, gradients, loss }] of golden.chains.entries()) {
  test(`chain ${k}: ${setting.activation}`, () => {
    const found = passed(setting);
    assertClose(found.z, z, "z");
    assertClose(found.a, a, "a");
    assertClose(found.gradients, gradients, "gradients");
    assertClose(found.loss, loss, "loss");
    // The product that is written out is the derivative, and its links lead from bias to bias.
    const product = found.factors.reduce((value, factor) => value * factor.value, 1);
    assertClose(product, gradients[0], "product");
    linksOf(found.slopes, setting.weights).forEach(({ l, value }) =>
      assertClose(gradients[l - 1] * value, gradients[l - 2], `link ${l}`)
    );
  });
}

test("above the largest derivative there is room for its number", () => {
  for (const sizes of [[1, 1, 1, 1], [0, 0, 0, 1e-3], [2e9, 1e6, 1e3, 10], [1e-11, 1e-6, 1, 999]]) {
    const [low, high] = rangeOf(sizes).map(Math.log10);
    assert.ok(low <= Math.log10(Math.min(...sizes.filter(Boolean))));
    assert.ok((high - Math.log10(Math.max(...sizes))) / (high - low) > 0.13, String(sizes));
  }
});
