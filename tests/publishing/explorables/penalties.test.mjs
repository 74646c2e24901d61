// L2 and L1 penalties: minima and kinks beside those of nnbook; what is said at the extremes.
import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import {
  crossings,
  ellipse,
  lasso,
  lossAt,
  quadratic,
  ridge,
  zeros,
} from "../../../nnbook/publishing/explorables/figures/penalties/quadratic.mjs";
import { told } from "../../../nnbook/publishing/explorables/figures/penalties/words.mjs";
import { assertClose, golden } from "./golden.mjs";

for (const { setting, matrix, kinks, minima } of golden.losses) {
  const loss = quadratic(setting), name = JSON.stringify(setting);
  test(`minima for ${name}`, () => {
    assertClose(loss.matrix, matrix, "matrix");
    for (const { lambda, ridge: l2, lasso: l1 } of minima) {
      assertClose(ridge(loss, lambda), l2, `L2, ${lambda}`);
      const found = lasso(loss, lambda);
      assertClose(found, l1, `L1, ${lambda}`);
      assert.deepEqual(found.map((w) => w === 0), l1.map((w) => w === 0), `zeros, ${lambda}`);
    }
  });

  test(`kinks for ${name}`, () => {
    kinks.lambda.forEach((lambda, k) => {
      assertClose(lasso(loss, lambda).concat(1), kinks.weights[k].concat(1), `at ${lambda}`);
    });
    const ends = zeros(loss).flat(2).filter((one) => one > 0 && one < Infinity);
    for (const end of ends) {
      assert.ok(kinks.lambda.some((lambda) => Math.abs(lambda - end) < 1e-12), `${end}`);
    }
  });
}

/** Random losses, and weights of the penalty that include all kinks. */
function* drawn() {
  const random = new Random(3);
  const between = (low, high) => low + (high - low) * random.uniform();
  for (let k = 0; k < 300; k++) {
    const loss = quadratic({
      x: random.uniform() < 0.1 ? 0 : between(-1.5, 1.5),
      y: random.uniform() < 0.1 ? 0 : between(-1.5, 1.5),
      condition: random.uniform() < 0.1 ? 1 : between(1, 20),
      angle: random.uniform() < 0.2 ? 45 * Math.floor(5 * random.uniform()) : between(0, 180),
    });
    const ends = zeros(loss).flat(2).filter((one) => one < Infinity);
    yield { loss, lambdas: [0, between(0, 4), between(0, 0.2), 4, ...ends] };
  }
}

test("nothing nearby is lower", () => {
  for (const { loss, lambdas } of drawn()) {
    for (const lambda of lambdas) {
      for (
        const [solve, size] of [
          [ridge, (w) => w[0] ** 2 + w[1] ** 2],
          [lasso, (w) => Math.abs(w[0]) + Math.abs(w[1])],
        ]
      ) {
        const w = solve(loss, lambda), height = (w) => lossAt(loss, w) + lambda * size(w);
        for (let k = 0; k < 16; k++) {
          const near = [w[0] + 1e-3 * Math.cos(k), w[1] + 1e-3 * Math.sin(k)];
          assert.ok(height(near) >= height(w) - 1e-15);
        }
      }
    }
  }
});

test("weights are zero where it is said, and only there", () => {
  for (const { loss, lambdas } of drawn()) {
    const found = zeros(loss), passed = crossings(loss);
    for (const lambda of lambdas) {
      lasso(loss, lambda).forEach((w, i) => {
        const inside = found[i].some(([from, to]) => from - 1e-9 < lambda && lambda < to + 1e-9);
        const border = found[i].flat().some((end) => Math.abs(end - lambda) < 1e-9);
        if (!border && lambda > 0) assert.equal(w === 0, inside);
      });
    }
    passed.forEach((lambda, i) => {
      if (lambda < Infinity) assert.ok(Math.abs(ridge(loss, lambda)[i]) < 1e-12);
    });
    assert.ok(found.every((intervals) => intervals.at(-1)[1] === Infinity));
  }
});

test("where rounding puts a threshold just above λ, what is said of a weight that is 0 agrees", () => {
  const at = (y, lambda) => told(quadratic({ x: 1.2, y, condition: 4, angle: 90 }), lambda);
  for (const y of [0.6, -0.6]) {
    assert.match(
      at(y, 0.3),
      /in a corner: w₂ is exactly 0\. .* and w₂ is exactly 0 from λ = 0\.3 on\./,
    );
    assert.match(at(y, 0.25), /on an edge\. .* and w₂ is not 0 at any λ up to this one\./);
  }
  // All thresholds of some valleys that lie on a step of the field.
  let count = 0;
  for (const [condition, angle] of [[1, 105], [2, 0], [4, 90], [9, 45], [20, 135], [5, 180]]) {
    for (let k = 0; k < 61 * 61; k++) {
      const [x, y] = [k % 61 / 20 - 1.5, Math.floor(k / 61) / 20 - 1.5];
      const loss = quadratic({ x, y, condition, angle });
      for (const end of zeros(loss).flat(2)) {
        const lambda = Math.round(20 * end) / 20;
        if (!(lambda > 0 && lambda <= 4 && Math.abs(lambda - end) < 1e-9)) continue;
        const words = told(loss, lambda);
        lasso(loss, lambda).forEach((w, i) => {
          if (w !== 0) return;
          assert.ok(!words.includes(`w${"₁₂"[i]} is not 0 at any`), words);
          count += 1;
        });
      }
    }
  }
  assert.ok(count > 1000);
});

test("each point of a contour has its loss", () => {
  for (const { loss } of drawn()) {
    for (const point of ellipse(loss, 0.3)) {
      assert.ok(Math.abs(lossAt(loss, point) - 0.3) < 1e-12);
    }
  }
});

test("what is said is a sentence everywhere", () => {
  for (const { loss, lambdas } of drawn()) {
    for (const lambda of lambdas) {
      assert.match(told(loss, lambda), /^λ = \S+ .*\.$/);
      assert.doesNotMatch(told(loss, lambda), /NaN|Infinity|undefined|too large|⁻/);
    }
  }
  const at = (x, y, condition, angle, lambda) =>
    told(quadratic({ x, y, condition, angle }), lambda);
  assert.match(at(0, 0, 4, 30, 1), /no penalty moves them/);
  assert.match(at(1, 0.5, 1, 0, 0), /Without a penalty the weights are \(1, 0.5\)/);
  // Both subtract and divide as by hand: 2 (w - 1) + 1 = 0, and (1 + 1) w = 1.
  assert.match(at(1, 0.5, 1, 0, 1), /L2: w = \(0.5, 0.25\).*L1: w = \(0.5, 0\).*w₂ is exactly 0/);
  assert.match(
    at(1, 0.5, 1, 0, 1),
    /w₁ is not 0 at any λ up to this one, and w₂ .* from λ = 1 on\./,
  );
  assert.match(at(1, 0.5, 1, 0, 4), /w₁ is exactly 0 from λ = 2 on, and w₂ .* from λ = 1 on/);
  assert.match(at(1, 0.5, 1, 0, 4), /both weights are exactly 0.*neither weight is exactly 0/);
  assert.match(
    at(1.3, -0.1, 20, 135, 0.5),
    /With L2, w₂ passes 0 at λ = 0\.0\d+, and w₁ is never 0/,
  );
  assert.match(at(0.05, 1.5, 20, 70, 4), /w₁ is exactly 0 from λ = 0\.0\S+ to 0\.\S+ and from/);
  assert.match(at(1, 0, 4, 0, 1), /w₂ is exactly 0 for every λ.*With L2, w₂ is 0 for every λ/);
});
