// Gradients of batches, as nnbook computes them, and batches as they have to be drawn.
import assert from "node:assert/strict";
import test from "node:test";
import {
  BATCHES,
  changes,
  clouds,
  drawn,
  expected,
  gradientsAt,
  leaving,
  lossAt,
  noisySize,
  squaredError,
} from "../../../nnbook/publishing/explorables/figures/gradient-noise/batches.mjs";
import { classesOf } from "../../../nnbook/publishing/explorables/figures/gradient-noise/pictures.mjs";
import { told } from "../../../nnbook/publishing/explorables/figures/gradient-noise/words.mjs";
import { assertClose, golden } from "./golden.mjs";

const { facts, batches, places, few } = golden;
const COUNT = facts.targets.length;

test("losses, gradients and their spread are those of nnbook", () => {
  for (const { w, loss, each, spread } of places) {
    const found = gradientsAt(facts, w);
    assertClose(lossAt(facts, w), loss, `loss at ${w}`);
    assertClose(found.each, each, `gradients at ${w}`);
    assertClose(found.spread, spread, `spread at ${w}`);
  }
});

test("the gradient of a batch is that of nnbook, at every size", () => {
  for (const { w, each, clouds: sizes } of places) {
    const found = clouds(each, batches, sizes.map(([size]) => size));
    const scale = Math.max(...each.flat().map(Math.abs));
    for (const [k, [size, gradients]] of sizes.entries()) {
      // A full gradient near the minimum is what is left of much larger ones.
      assertClose([...found[k], scale], [...gradients, scale], `${size} at ${w}`);
    }
  }
});

test("an update changes the loss as nnbook says", () => {
  for (const { w, loss, each, updates } of places) {
    for (const [rate, after] of updates) {
      const found = changes(facts, w, rate, each.slice(0, after.length)).map((c) => loss + c);
      assertClose(found, after, `updates of ${rate} at ${w}`);
    }
  }
});

test("the formulas hold for all batches of seven examples", () => {
  for (const [size, without, replaced] of few.errors) {
    assertClose(expected(few.spread, size, 7, "without"), without, `without, ${size}`);
    assertClose(expected(few.spread, size, 7, "with"), replaced, `with, ${size}`);
  }
  assert.equal(expected(few.spread, 7, 7, "without"), 0);
});

test("noise is as large as signal at the size that is said", () => {
  for (const { w } of places) {
    const gradients = gradientsAt(facts, w), signal = squaredError([gradients.mean], [0, 0]);
    for (const draws of ["with", "without"]) {
      const size = noisySize(gradients, draws);
      assertClose(expected(gradients.spread, size, COUNT, draws), signal, `${draws} at ${w}`);
      assert.ok(draws === "with" || size <= COUNT, `${size}`);
    }
  }
});

test("batches are drawn as they are said to be, and come back with their seed", () => {
  const all = Array.from({ length: COUNT }, (_, k) => k).join();
  const sorted = (batch) => [...batch].sort((a, b) => a - b).join();
  const without = drawn(COUNT, "without", 1), replaced = drawn(COUNT, "with", 1);
  assert.ok([without, replaced].every((found) => found.length === BATCHES));
  assert.ok(without.every((batch) => sorted(batch) === all));
  assert.ok(replaced.every((batch) => new Set(batch).size < 0.75 * COUNT));
  assert.ok(replaced.flat().every((k) => Number.isInteger(k) && k >= 0 && k < COUNT));
  assert.deepEqual(drawn(COUNT, "without", 1), without);
  assert.notDeepEqual(drawn(COUNT, "without", 2), without);
});

test("as far from the full gradient as the formula says", () => {
  const kinds = [["without", [0, 0]], ["with", [0, 0]], ["without", [-1.5, 2.5]]];
  for (const [draws, w] of kinds) {
    const { each, mean, spread } = gradientsAt(facts, w);
    // How much the mean of so many squares is left to chance, at size 1; a normal cloud has 3 or less.
    const squares = each.map((g) => squaredError([g], mean) / spread);
    const kurtosis = squares.reduce((sum, one) => sum + one ** 2, 0) / COUNT;
    const chance = Math.sqrt((Math.max(3, kurtosis) - 1) / (25 * BATCHES));
    const sizes = [1, 4, 16, 64, 160];
    const seeds = Array.from(
      { length: 25 },
      (_, k) => clouds(each, drawn(COUNT, draws, k + 1), sizes),
    );
    for (const [k, size] of sizes.entries()) {
      const found = seeds.reduce((sum, one) => sum + squaredError(one[k], mean), 0) / 25;
      const share = found / expected(spread, size, COUNT, draws);
      assert.ok(Math.abs(share - 1) < 4 * chance, `${draws}, ${size}: ${share}`);
    }
  }
});

/** What the figure sees. */
function seen(w, size, draws, rate = 3) {
  const gradients = gradientsAt(facts, w);
  const [cloud] = clouds(gradients.each, drawn(COUNT, draws, 1), [size]);
  return {
    gradients,
    cloud,
    size,
    draws,
    rate,
    count: COUNT,
    error: Math.sqrt(squaredError(cloud, gradients.mean)),
    formula: Math.sqrt(expected(gradients.spread, size, COUNT, draws)),
    before: lossAt(facts, w),
    changed: changes(facts, w, rate, cloud),
    full: changes(facts, w, rate, [gradients.mean])[0],
    widest: changes(facts, w, rate, clouds(gradients.each, drawn(COUNT, draws, 1), [1])[0]),
    outside: leaving(w, rate, cloud, [[-4, 3], [-2, 5]]),
  };
}

test("changes of the loss have an edge at 0, and are told apart where all are small", () => {
  for (const { w } of places) {
    for (const size of [1, 10, 100, 200, COUNT]) {
      const found = seen(w, size, "without"), { first, counts } = classesOf(found);
      const down = found.changed.filter((change) => change < 0).length;
      const left = counts.slice(0, -first).reduce((sum, count) => sum + count, 0);
      assert.equal(left, down, `${size} at ${w}`);
      assert.equal(counts.reduce((sum, count) => sum + count), BATCHES);
    }
  }
  const { counts } = classesOf(seen([-1.5, 2.5], 100, "without"));
  assert.ok(counts.filter(Boolean).length > 8, counts.join());
  const none = { changed: [0, 0], widest: [0, 0], full: 0 };
  assert.equal(classesOf(none).counts.reduce((sum, count) => sum + count), 2);
});

test("updates that leave the plane are counted and told", () => {
  assert.equal(leaving([0, 0], 1, [[0, 0], [-3, -5], [-3.1, 0], [0, 2.1]], [[-4, 3], [-2, 5]]), 2);
  const words = (outside) => told({ ...seen([0, 0], 10, "with"), outside });
  assert.doesNotMatch(words(0), /plane/);
  assert.match(words(1), /1 of 400 leads to weights outside the plane\./);
  assert.match(words(9), /9 of 400 lead to/);
});

test("words say what is seen, and never what is no number", () => {
  for (const { w } of places) {
    for (const [size, draws] of [[1, "with"], [10, "without"], [COUNT, "without"]]) {
      const words = told(seen(w, size, draws));
      assert.doesNotMatch(words, /NaN|Infinity|too large/);
      assert.match(words, /of 400 updates/);
    }
  }
  assert.match(told(seen([0, 0], COUNT, "without")), /holds every image once/);
  assert.doesNotMatch(told(seen([0, 0], COUNT, "with")), /holds every image once/);
  assert.match(
    told(seen([0, 0], COUNT, "with")),
    /Batches of 237, drawn with replacement from 237 images/,
  );
  assert.match(told(seen([-1.5, 2.5], 10, "without")), / = 177\.$/);
  assert.match(told(seen([-1.5, 2.5], 10, "with")), /, more than there are images\.$/);
  const still = {
    ...seen([0, 0], 1, "with"),
    gradients: { each: [[1, 0], [-1, 0]], mean: [0, 0], spread: 1 },
  };
  assert.match(told(still), /all is noise/);
});
