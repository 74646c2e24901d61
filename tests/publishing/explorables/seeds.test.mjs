// What a few seeds can tell: samples and their intervals, as nnbook computes them.
import assert from "node:assert/strict";
import test from "node:test";
import {
  sampleOf,
  samplesOf,
} from "../../../nnbook/publishing/explorables/figures/seeds/samples.mjs";
import { coverageOf, told } from "../../../nnbook/publishing/explorables/figures/seeds/words.mjs";
import { assertClose, golden } from "./golden.mjs";

const { facts, samples, coverage, count } = golden;
const draw = (name, size, factor, count, seed = 1) =>
  samplesOf(facts.runs[name].values, { size, factor, count, seed });

test("a sample has mean, deviation and interval of nnbook", () => {
  for (const { values, mean, sd, low, high } of samples) {
    const found = sampleOf(values, facts.factors[values.length], mean);
    assertClose([found.mean, found.sd, found.low, found.high], [mean, sd, low, high], "a sample");
    assert.ok(found.covers);
    assert.ok(!sampleOf(values, facts.factors[values.length], high + sd).covers);
  }
});

test("equal runs make no interval", () => {
  const found = sampleOf([0.1, 0.1, 0.1], 4, 0.1);
  assert.equal(found.sd, 0);
  assert.ok(Number.isNaN(found.low) && !found.covers);
  const words = told(facts.runs.digits, [found, found]).join(" ");
  assert.match(words, /makes no interval/);
  assert.doesNotMatch(words, /NaN/);
});

test("as many intervals cover the mean as with samples of nnbook", () => {
  for (const { name, size, factor, share } of coverage) {
    const found = coverageOf(draw(name, size, factor, count)) / 100;
    const error = Math.sqrt(2 * share * (1 - share) / count);
    assert.ok(Math.abs(found - share) < 4 * error, `${name}, ${size}: ${found}, not ${share}`);
  }
});

test("it is told on which side intervals miss: with a skewed error they lie below the mean", () => {
  for (const [name, size] of [["eckerle4", 4], ["digits", 2]]) {
    const samples = draw(name, size, 3.2, count), { values } = facts.runs[name];
    const truth = values.reduce((sum, value) => sum + value, 0) / values.length;
    const text = told(facts.runs[name], samples)[1];
    const [below, above] = /([\d.]+).% lie below it, ([\d.]+).% above/.exec(text).slice(1).map(
      Number,
    );
    const none = Number(/and ([\d.]+).% of the samples make none/.exec(text)?.[1] ?? 0);
    assert.ok(Math.abs(coverageOf(samples) + below + above + none - 100) < 0.3, text);
    const counted = samples.filter(({ high }) => high < truth).length;
    assert.ok(Math.abs(100 * counted / count - below) < 0.06, text);
    assert.equal(none > 0, samples.some(({ sd }) => sd === 0));
    if (name === "eckerle4") assert.ok(below > 5 * above, text);
  }
});

test("a seed gives its samples, and more samples begin with fewer", () => {
  assert.deepEqual(draw("digits", 4, 3, 50).slice(0, 20), draw("digits", 4, 3, 20));
  assert.notDeepEqual(draw("digits", 4, 3, 20, 2), draw("digits", 4, 3, 20));
  const { values } = facts.runs.eckerle4;
  assert.ok(
    draw("eckerle4", 20, 3, 50).every((one) => one.values.every((v) => values.includes(v))),
  );
});

test("nothing drawn is said", () => {
  assert.match(told(facts.runs.eckerle4, [])[1], /No sample/);
  assert.match(told(facts.runs.digits, draw("digits", 2, 12, 1))[1], /^Sample 1: /);
});
