// Drawn digits: images, movements and answers as nnbook computes them; what a drawing is written as.
import assert from "node:assert/strict";
import test from "node:test";
import {
  imageOf,
  moved,
  SIDE,
  smoothed,
} from "../../../nnbook/publishing/explorables/figures/drawn-digit/image.mjs";
import {
  answerOf,
  networkOf,
} from "../../../nnbook/publishing/explorables/figures/drawn-digit/networks.mjs";
import {
  countOf,
  MOST,
  StrokesField,
  withoutPoint,
  withPoint,
} from "../../../nnbook/publishing/explorables/figures/drawn-digit/strokes.mjs";
import {
  percent,
  told,
} from "../../../nnbook/publishing/explorables/figures/drawn-digit/words.mjs";
import { assertClose, golden } from "./golden.mjs";

const { facts, drawings, movements, three, noise, answers } = golden;
const field = new StrokesField("Strokes"), networks = facts.networks.map(networkOf);
const strokesOf = (text) => field.read(text).value;
const still = { right: 0, down: 0, turn: 0, size: 1, warp: 0, seed: 1 };

test("a drawing becomes the image of nnbook", () => {
  for (const { strokes, image } of drawings) {
    assertClose(Array.from(imageOf(strokesOf(strokes))), image, strokes, 1e-9);
  }
  assert.ok(imageOf([]).every((ink) => ink === 0));
});

test("an image moves as augmentation moves it", () => {
  for (const { movement, image } of movements) {
    const found = moved(Float64Array.from(three), { ...still, ...movement });
    assertClose(Array.from(found), image, JSON.stringify(movement), 2e-5); // nnbook's are float32
  }
  assertClose(Array.from(moved(Float64Array.from(three), still)), three, "not at all");
});

test("a warp is smooth, keeps its deviation, and follows its seed", () => {
  assertClose(Array.from(smoothed(Float64Array.from(noise))), golden.smoothed, "smoothed", 1e-6);
  const warped = (seed) => moved(Float64Array.from(three), { ...still, warp: 2, seed });
  assert.deepEqual(warped(3), warped(3));
  assert.notDeepEqual(warped(3), warped(4));
});

test("networks answer as those of nnbook, and send the slopes of its differences back", () => {
  for (const { image, answers: expected } of answers) {
    networks.forEach(({ network }, k) => {
      const found = answerOf(network, Float64Array.from(image));
      assert.equal(found.digit, expected[k].digit);
      assertClose(found.probabilities, expected[k].probabilities, "probabilities", 1e-9);
      // A rectifier may turn within a difference, and the smallest slopes are lost in rounding.
      const largest = Math.max(...expected[k].slopes.map(Math.abs));
      const far = expected[k].slopes.filter((slope, i) =>
        Math.abs(slope - found.slopes[i]) > 1e-3 * largest + 1e-9
      );
      assert.ok(far.length <= 4, `${far.length} slopes of ${networks[k].title} differ`);
    });
  }
});

test("slopes of six sigmoid layers have nearly vanished", () => {
  const [one, six] = networks.map(({ network }) =>
    Math.max(...answerOf(network, Float64Array.from(three)).slopes.map(Math.abs))
  );
  assert.ok(six > 0 && six < 1e-4 * one);
});

test("a drawing is written and read again, and what is none is refused", () => {
  for (const { strokes } of drawings) assert.equal(field.write(strokesOf(strokes)), strokes);
  assert.deepEqual(field.read("").value, []);
  assert.deepEqual(field.read("..SS.").value, [[[28, 28]]]);
  const kept = strokesOf("SS");
  for (const text of ["SSS", "S", "S!", "uu", "zz", "\u00fcS", "S S", "SS".repeat(MOST + 1)]) {
    const { value, problem } = field.read(text, kept);
    assert.equal(value, kept, text);
    assert.match(problem, /^Strokes: .*stays as it was/, text);
  }
  assert.equal(field.read("SS".repeat(MOST)).problem, "");
});

test("points are added and taken back", () => {
  let strokes = withPoint([], [1, 2], true);
  strokes = withPoint(strokes, [3, 4], true);
  strokes = withPoint(strokes, [5, 6], false);
  assert.deepEqual(strokes, [[[1, 2], [3, 4]], [[5, 6]]]);
  assert.equal(countOf(strokes), 3);
  assert.deepEqual(withoutPoint(strokes), [[[1, 2], [3, 4]]]);
  assert.deepEqual(withoutPoint(withoutPoint(strokes)), [[[1, 2]]]);
  assert.deepEqual(withoutPoint([]), []);
});

test("what is drawn at random gives probabilities, slopes and words without NaN", () => {
  let state = 7;
  const next = (count) => (state = (state * 16807) % 2147483647) % count;
  for (let round = 0; round < 60; round++) {
    const strokes = Array.from(
      { length: next(4) },
      () => Array.from({ length: 1 + next(30) }, () => [next(56), next(56)]),
    );
    const image = moved(imageOf(strokes), {
      right: next(21) - 10,
      down: next(21) - 10,
      turn: next(361) - 180,
      size: 0.5 + next(11) / 10,
      warp: next(5),
      seed: 1 + next(9999),
    });
    assert.equal(image.length, SIDE * SIDE);
    assert.ok(image.every((ink) => ink >= 0 && ink <= 1 + 1e-12));
    const found = networks.map(({ network }) => answerOf(network, image));
    for (const { probabilities, slopes } of found) {
      assert.ok(Math.abs(probabilities.reduce((a, b) => a + b) - 1) < 1e-9);
      assert.ok(slopes.every(Number.isFinite));
    }
    assert.doesNotMatch(told(networks, found, !strokes.length), /NaN|undefined|Infinity|too large/);
  }
});

test("no answer is said to be certain", () => {
  assert.equal(percent(0.99999), "over 99\u00a0%");
  assert.equal(percent(0.994), "99\u00a0%");
  assert.equal(percent(0.113), "11\u00a0%");
  const blank = imageOf([]), found = networks.map(({ network }) => answerOf(network, blank));
  assert.match(
    told(networks, found, true),
    /^There is nothing on the image, and each network still answers\./,
  );
});
