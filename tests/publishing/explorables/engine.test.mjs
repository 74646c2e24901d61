// The engine beside nnbook: values, deltas, gradients, ten steps of each optimizer.
import assert from "node:assert/strict";
import test from "node:test";
import {
  ACTIVATIONS,
  getActivation,
} from "../../../nnbook/publishing/explorables/engine/activations.mjs";
import {
  asNumbers,
  exact,
  filled,
  isExact,
  map,
  Matrix,
  product,
} from "../../../nnbook/publishing/explorables/engine/arrays.mjs";
import { Dropout } from "../../../nnbook/publishing/explorables/engine/dropout.mjs";
import { Fraction } from "../../../nnbook/publishing/explorables/engine/fractions.mjs";
import {
  INITIALIZERS,
  initialNetwork,
  initialWeights,
} from "../../../nnbook/publishing/explorables/engine/initializers.mjs";
import { getLoss, LOSSES } from "../../../nnbook/publishing/explorables/engine/losses.mjs";
import { Layer, Network } from "../../../nnbook/publishing/explorables/engine/network.mjs";
import {
  BatchNorm,
  LayerNorm,
} from "../../../nnbook/publishing/explorables/engine/normalization.mjs";
import {
  descend,
  getOptimizer,
  OPTIMIZERS,
  stepOfNetwork,
} from "../../../nnbook/publishing/explorables/engine/optimizers.mjs";
import { Dense } from "../../../nnbook/publishing/explorables/engine/parts.mjs";
import { penalized, penaltyOf } from "../../../nnbook/publishing/explorables/engine/penalties.mjs";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import { assertClose, golden, networkOf } from "./golden.mjs";

test("both have the same activations, losses, optimizers and initializers", () => {
  const names = (table) => Object.keys(table).sort();
  assert.deepEqual(names(ACTIVATIONS), golden.names.activations);
  assert.deepEqual(names(LOSSES), golden.names.losses);
  assert.deepEqual(names(OPTIMIZERS), golden.names.optimizers);
  assert.deepEqual([...names(INITIALIZERS), "orthogonal"].sort(), golden.names.initializers);
});

test("every activation has nnbook's values and slopes, far from 0 as well", () => {
  for (const [name, { z, value, slope }] of Object.entries(golden.activations)) {
    z.forEach((one, k) => {
      assertClose(getActivation(name).of(asNumbers([[one]])).at(0, 0), value[k], `${name}(${one})`);
      assertClose(
        getActivation(name).derivative(asNumbers([[one]])).at(0, 0),
        slope[k],
        `${name}'(${one})`,
      );
    });
  }
});

for (const [k, one] of golden.cases.entries()) {
  test(`case ${k}: ${one.title}`, () => {
    const network = networkOf(one.layers), x = asNumbers(one.x), y = asNumbers(one.y);
    const forward = network.forward(x), backward = network.backward(forward, y, one.loss);
    assertClose(backward.loss, one.value, "loss");
    assertClose(network.loss(x, y, one.loss), one.value, "loss alone");
    for (let l = 1; l <= one.layers.length; l++) {
      assertClose(forward.z[l].toRows(), one.z[l - 1], `z${l}`);
      assertClose(forward.a[l].toRows(), one.a[l - 1], `a${l}`);
      assertClose(backward.deltas[l].toRows(), one.deltas[l - 1], `delta${l}`);
      assertClose(
        backward.gradients.layer(l).weights.toRows(),
        one.gradients[l - 1].weights,
        `dW${l}`,
      );
      assertClose(
        backward.gradients.layer(l).biases.toRows(),
        one.gradients[l - 1].biases,
        `db${l}`,
      );
    }
  });
}

for (const [k, { optimizer, rate, layers, x, y, loss, after }] of golden.steps.entries()) {
  test(`ten steps of ${optimizer}, network ${k}`, () => {
    let network = networkOf(layers), states = null;
    const [input, target] = [asNumbers(x), asNumbers(y)];
    for (let t = 0; t < 10; t++) {
      const { gradients } = network.backward(network.forward(input), target, loss);
      [network, states] = stepOfNetwork(getOptimizer(optimizer), network, gradients, states, rate);
    }
    network.layers.forEach((layer, l) => {
      assertClose(layer.weights.toRows(), after[l].weights, `W${l + 1}`);
      assertClose(layer.biases.toRows(), after[l].biases, `b${l + 1}`);
    });
  });
}

/** A source of randomness that draws the same numbers again and again. */
class Given extends Random {
  constructor(drawn) {
    super(1);
    this.drawn = drawn;
    this.used = 0;
  }

  uniform() {
    return this.drawn[this.used++ % this.drawn.length];
  }
}

const partOf = (
  { kind, name, rate, weights, biases, gamma, beta, mean, variance },
) =>
  ({
    Dense: () => new Dense(asNumbers(weights), asNumbers(biases)),
    BatchNorm: () => new BatchNorm(...[gamma, beta, mean, variance].map(asNumbers)),
    LayerNorm: () => new LayerNorm(...[gamma, beta].map(asNumbers)),
    Dropout: () => new Dropout(rate),
  }[kind] ?? (() => getActivation(name)))();

for (const one of golden.regularized) {
  test(`dropout and normalization: ${one.title}`, () => {
    let network = new Network(one.parts.map(partOf)), states = null;
    const x = asNumbers(one.x), y = asNumbers(one.y);
    const source = one.training ? new Given(one.drawn) : false;
    const forward = network.forward(x, source), backward = network.backward(forward, y, "mse");
    assertClose(forward.prediction.toRows(), one.prediction, "prediction");
    assertClose(backward.loss, one.value, "loss");
    one.z.forEach((z, l) => assertClose(forward.z[l + 1].toRows(), z, `z${l + 1}`));
    one.a.forEach((a, l) => assertClose(forward.a[l + 1].toRows(), a, `a${l + 1}`));
    one.deltas.forEach((delta, l) =>
      assertClose(backward.deltas[l + 1].toRows(), delta, `delta${l + 1}`)
    );
    // The gradient of a bias in front of a normalization is 0 but for rounding.
    const all = (arrays) =>
      arrays.flatMap((array) => [...(Array.isArray(array) ? array : array.entries)]);
    assertClose(all(backward.gradients.arrays()), all(one.gradients), "gradients");
    assert.equal(network.layers.length, 3);
    for (let t = 0; t < 10; t++) {
      const { gradients } = network.backward(network.forward(x, source), y, "mse");
      [network, states] = stepOfNetwork(getOptimizer("momentum"), network, gradients, states, 0.01);
    }
    assertClose(all(network.arrays()), all(one.after), "after ten steps");
  });
}

test("statistics follow those of the batches, and penalties pull", () => {
  const norm = BatchNorm.initial(2), z = asNumbers([[1, 3], [-2, -2]]);
  const [, kept] = norm.forward(z, true);
  const next = norm.following(kept, 0.75);
  assertClose([...next.mean.entries], [0.5, -0.5], "mean");
  assertClose([...next.variance.entries], [1, 0.75], "variance");
  const { layers, l1, l2, value, gradient } = golden.penalty;
  const network = networkOf(layers), none = network.map((w) => map(() => 0, w));
  assertClose(penaltyOf(network, l1, l2), value, "penalty");
  const pulled = penalized(none, network, l1, l2);
  assertClose(pulled.layer(1).weights.toRows(), gradient, "gradient");
  assert.ok(pulled.layer(1).biases.entries.every((entry) => entry === 0));
});

test("exercise 2a stays exact, through one step", () => {
  const { layers, x, y, exact: expected } = golden.exercise;
  const network = new Network(
    layers.map(({ weights, biases, activation }) =>
      new Layer(exact(weights), exact(biases), activation)
    ),
  );
  for (const { loss, rate, value, after, lossAfter } of expected) {
    const backward = network.backward(network.forward(exact(x)), exact(y), loss);
    assert.equal(String(backward.loss), value);
    const next = network.step(backward.gradients, Fraction.of(rate));
    next.layers.forEach((layer, l) => {
      assert.ok(isExact(layer.weights));
      assert.deepEqual(layer.weights.toRows().map((row) => row.map(String)), after[l].weights);
      assert.deepEqual(layer.biases.toRows().map((row) => row.map(String)), after[l].biases);
    });
    assert.equal(String(next.loss(exact(x), exact(y), loss)), lossAfter);
  }
});

test("gradients of random networks are those of finite differences", () => {
  const random = new Random(13);
  const hidden = ["sigmoid", "tanh", "softplus", "relu", "leaky_relu", "softmax", "identity"];
  const ends = [
    ["identity", "mse"],
    ["identity", "sse"],
    ["identity", "half_sse"],
    ["sigmoid", "binary_cross_entropy"],
    ["identity", "binary_cross_entropy_on_logits"],
    ["softmax", "categorical_cross_entropy"],
    ["identity", "categorical_cross_entropy_on_logits"],
    ["tanh", "mae"],
  ];
  for (let k = 0; k < 120; k++) {
    const widths = Array.from({ length: 2 + (k % 4) }, () => 1 + Math.floor(4 * random.uniform()));
    const [output, loss] = ends[k % ends.length], name = hidden[k % hidden.length];
    const network = initialNetwork(widths, name, output, INITIALIZERS.glorot_normal, random)
      .map((w) => map((entry) => entry + 0.1 * random.normal(), w));
    const size = 1 + (k % 3), outputs = widths[widths.length - 1];
    const x = map(() => random.normal(), filled(widths[0], size));
    const y = loss.startsWith("categorical")
      ? asNumbers(
        Array.from({ length: outputs }, (_, i) =>
          Array.from({ length: size }, (_, b) => Number(i === b % outputs))),
      )
      : map(
        () => (loss.startsWith("binary") ? Math.round(random.uniform()) : random.normal()),
        filled(outputs, size),
      );
    const { gradients } = network.backward(network.forward(x), y, loss);
    const arrays = network.arrays(), slopes = gradients.arrays();
    arrays.forEach((array, place) =>
      array.entries.forEach((_, entry) => {
        const moved = (h) =>
          network.filled(arrays.map((other, n) =>
            n !== place ? other : new Matrix(
              other.rows,
              other.columns,
              other.entries.map((value, e) => value + (e === entry ? h : 0)),
            )
          ));
        const h = 1e-6;
        const numeric = (moved(h).loss(x, y, loss) - moved(-h).loss(x, y, loss)) / (2 * h);
        const error = Math.abs(numeric - slopes[place].entries[entry]);
        assert.ok(
          error < 1e-6 * (1 + Math.abs(numeric)),
          `network ${k}, ${name}, ${loss}: ${numeric} and ${slopes[place].entries[entry]}`,
        );
      })
    );
  }
});

test("descend gives the whole path", () => {
  const path = descend("sgd", (w) => map((entry) => 2 * entry, w), asNumbers([[1], [-8]]), 0.25, 2);
  assert.deepEqual(path.map((w) => [...w.entries]), [[1, -8], [0.5, -4], [0.25, -2]]);
});

test("a seed gives the same numbers again, and they are distributed as they should be", () => {
  const draw = (seed) =>
    Array.from({ length: 4 }, ((random) => () => random.uniform())(new Random(seed)));
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  assert.notDeepEqual(draw(7), draw(7 + 2 ** 32));
  const random = new Random(1), count = 40000;
  const moments = (next) => {
    const values = Array.from({ length: count }, next);
    const mean = values.reduce((a, b) => a + b) / count;
    return [
      mean,
      Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / count),
      Math.min(...values),
      Math.max(...values),
    ];
  };
  const [mean, deviation] = moments(() => random.normal());
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(deviation - 1) < 0.02);
  const [middle, spread, least, most] = moments(() => random.uniform());
  assert.ok(
    Math.abs(middle - 0.5) < 0.01 && Math.abs(spread - Math.sqrt(1 / 12)) < 0.01 && least >= 0 &&
      most < 1,
  );
  assert.deepEqual(random.permutation(9).sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("initial weights have the deviations of the training room", () => {
  const random = new Random(5);
  for (const [name, expected] of Object.entries(golden.deviations)) {
    const initializer = INITIALIZERS[name];
    assertClose(initializer.deviationOf(30, 50), expected, name);
    const { entries } = initialWeights(initializer, 50, 30, random);
    const measured = Math.sqrt(entries.reduce((total, w) => total + w * w, 0) / entries.length);
    assert.ok(
      Math.abs(measured - expected) <= 0.06 * expected,
      `${name}: ${measured} and ${expected}`,
    );
  }
});

test("fractions are read and shown as people write them", () => {
  for (
    const [text, shown] of [
      ["0.25", "1/4"],
      ["-3", "-3"],
      ["1/10", "1/10"],
      ["1e-1", "1/10"],
      ["1.5e2", "150"],
      ["2/-4", "-1/2"],
      [".5", "1/2"],
      ["0.1/0.3", "1/3"],
    ]
  ) {
    assert.equal(String(Fraction.of(text)), shown);
  }
  for (const text of ["", ".", "1/0", "a", "1/2/3", "1e", "--1"]) {
    assert.throws(() => Fraction.of(text), RangeError, text);
  }
  assert.equal(Number(new Fraction(10n ** 400n, 3n * 10n ** 400n)), 1 / 3);
});

test("what does not fit is refused in words", () => {
  const layer = new Layer(filled(2, 3), filled(2, 1), "relu");
  assert.throws(() => layer.forward(filled(2, 1)), /expected 3 rows/);
  assert.throws(() => new Layer(filled(2, 3), filled(3, 1), "relu"), /biases of shape 2 x 1/);
  assert.throws(() => new Network([]), /at least one layer/);
  assert.throws(() => new Dropout(1), /at least 0 and below 1/);
  assert.throws(() => new Dropout(0.5).forward(filled(1, 1), true), /source of randomness/);
  for (const get of [getActivation, getLoss, getOptimizer]) {
    assert.throws(() => get("toString"), /expected one of/);
  }
});

test("products are summed one after the other, whatever the shape", () => {
  const random = new Random(3);
  for (const [rows, inner, columns] of [[1, 1, 1], [1, 5, 2], [2, 3, 4], [3, 9, 5], [6, 8, 7]]) {
    const [a, b] = [[rows, inner], [inner, columns]].map(([m, n]) =>
      map(() => random.normal(), filled(m, n))
    );
    const expected = Array.from(
      { length: rows },
      (_, i) =>
        Array.from({ length: columns }, (_, j) => {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += a.at(i, k) * b.at(k, j);
          return sum;
        }),
    );
    assert.deepEqual(product(a, b).toRows(), expected);
  }
});
