// The race and the plane: beside nnbook's descents, finite differences and the roots themselves.
import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import {
  RULES,
  run,
  UPDATES,
} from "../../../nnbook/publishing/explorables/figures/descent/race.mjs";
import {
  alike,
  best,
  factor,
  factorOf,
  slowest,
  updatesForTen,
} from "../../../nnbook/publishing/explorables/figures/descent/rates.mjs";
import { surfaceOf } from "../../../nnbook/publishing/explorables/figures/descent/surfaces.mjs";
import { assertClose, golden } from "./golden.mjs";

const calm = { noise: 0, seed: 1 };

for (const [k, { rule, surface, condition, angle, setting, path }] of golden.descents.entries()) {
  test(`descent ${k}: ${rule} on ${surface}`, () => {
    const found = run(rule, surfaceOf(surface, condition, angle, golden.cut), {
      ...calm,
      ...setting,
    }).path
      .slice(0, path.length);
    // Near a minimum both are as exact as their largest numbers allow.
    assertClose(found, path, rule, 1e-10);
  });
}

test("factors are the larger root, as nnbook's chapter computes them", () => {
  for (const { beta, step, value } of golden.factors) {
    assertClose(factor(beta, step), value, `${beta}, ${step}`, 1e-7);
  }
});

test("rules of the race diverge where their factor is above 1", () => {
  const surface = surfaceOf("bowl", 50, 0);
  for (const name of ["sgd", "momentum", "nesterov"]) {
    for (const [rate, beta] of [[0.5, 0.5], [1.3, 0.7], [1.85, 0.7], [2.2, 0.5], [3.5, 0.6]]) {
      const { losses, left } = run(name, surface, {
        ...calm,
        start: [-3.5, 0.6],
        rate: rate / 50,
        pace: 0.1,
        beta,
      });
      const grown = left >= 0 || losses[losses.length - 1] > losses[0];
      assert.equal(factorOf(name, beta, rate, 50) > 1, grown, `${name} ${rate} ${beta}`);
    }
  }
  assert.equal(factorOf("adam", 0.5, 9, 50), undefined);
});

test("gradients are those of finite differences, and minima have none", () => {
  const random = new Random(2), h = 1e-6;
  for (
    const surface of [
      surfaceOf("bowl", 50, 0),
      surfaceOf("bowl", 200, 35),
      surfaceOf("saddle", 1, 0),
      surfaceOf("rosenbrock", 1, 0),
      surfaceOf("cut", 1, 0, golden.cut),
    ]
  ) {
    for (const [x, y] of surface.minima) {
      assertClose(surface.gradient(x, y).map((g) => g + 1), [1, 1], "minimum");
    }
    for (const [x, y] of surface.minima) assert.equal(surface.loss(x, y), 0);
    for (let k = 0; k < 50; k++) {
      const [x, y] = [4 * random.uniform() - 2, 4 * random.uniform() - 2];
      const [across, up] = surface.gradient(x, y);
      const numeric = [
        (surface.loss(x + h, y) - surface.loss(x - h, y)) / (2 * h),
        (surface.loss(x, y + h) - surface.loss(x, y - h)) / (2 * h),
      ];
      [across, up].forEach((slope, i) => { // differences are not closer than 1e-9
        assert.ok(Math.abs(slope - numeric[i]) <= 1e-6 * Math.abs(slope) + 1e-9, `${slope}`);
      });
    }
    // The curvatures at a minimum, from the matrix of second differences.
    const [[x, y]] = surface.minima, d = 1e-4;
    const [a, b] = surface.gradient(x + d, y).map((g) => g / d),
      [, c] = surface.gradient(x, y + d).map((g) => g / d);
    const [mean, half] = [(a + c) / 2, Math.hypot((a - c) / 2, b)];
    assert.ok(Math.abs(mean + half - surface.curvatures[1]) < 2e-3 * surface.curvatures[1]);
  }
});

test("the best pair is the best, and the stable region ends where it should", () => {
  for (const condition of [1, 4, 50, 200]) {
    const found = best(condition);
    assert.ok(Math.abs(slowest(found.beta, found.step, condition) - found.factor) < 1e-6);
    for (const [d, e] of [[0.05, 0], [-0.05, 0], [0, 0.02], [0, -0.02]]) {
      assert.ok(
        slowest(Math.max(0, found.beta + e), found.step + d, condition) >= found.factor - 1e-7,
      );
    }
  }
  for (const beta of [0, 0.5, 0.9]) {
    assert.ok(factor(beta, 2 * (1 + beta) - 1e-3) < 1);
    assert.ok(factor(beta, 2 * (1 + beta) + 1e-3) > 1);
  }
  assert.equal(updatesForTen(1), Infinity);
  assert.ok(Math.abs(updatesForTen(0.1) - 1) < 1e-12);
});

test("within their border both directions shrink by the root of the momentum, outside one does not", () => {
  for (const condition of [1, 2, 50, 200]) {
    const places = alike(condition, 20), tip = places[20], found = best(condition);
    assert.equal(places.length, 41);
    assertClose(tip, [found.step, found.beta], "tip", 1e-12);
    assertClose(places[40], [4, 1], "end");
    places.slice(1, -1).forEach(([step, beta], k) => {
      if (k === 19) return; // the tip
      const sides = k < 19 ? [0.999, 1.001] : [1.001, 0.999];
      const [outside, inside] = sides.map((share) =>
        [step * share, step * share / condition].map((one) => factor(beta, one))
      );
      assertClose(inside, [Math.sqrt(beta), Math.sqrt(beta)], "inside", 1e-12);
      assert.ok(Math.max(...outside) > Math.sqrt(beta) + 1e-6);
    });
  }
});

test("a run that goes away stops, and no setting makes a number that is none", () => {
  const random = new Random(9);
  const away = run("sgd", surfaceOf("bowl", 50, 0), {
    start: [-3, 1],
    rate: 3 / 50,
    pace: 0.1,
    beta: 0,
    ...calm,
  });
  assert.ok(away.left > 0 && away.left < UPDATES);
  for (let k = 0; k < 200; k++) {
    const surface = surfaceOf(
      ["bowl", "saddle", "rosenbrock"][k % 3],
      1 + 199 * random.uniform(),
      90 * random.uniform(),
    );
    const { path, losses } = run(Object.keys(RULES)[k % 6], surface, {
      start: [8 * random.uniform() - 4, 8 * random.uniform() - 4],
      rate: 4.2 * random.uniform() / surface.curvatures[1],
      pace: random.uniform(),
      beta: 0.99 * random.uniform(),
      noise: 5 * random.uniform(),
      seed: k,
    });
    assert.ok([...path.flat(), ...losses].every(Number.isFinite));
  }
});

test("the same seed makes the same noise", () => {
  const noisy = (seed) =>
    run("sgd", surfaceOf("bowl", 5, 0), {
      start: [1, 1],
      rate: 0.1,
      pace: 0.1,
      beta: 0,
      noise: 1,
      seed,
    }).path;
  assert.deepEqual(noisy(3), noisy(3));
  assert.notDeepEqual(noisy(3), noisy(4));
});
