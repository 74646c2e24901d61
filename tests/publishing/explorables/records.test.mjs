// The records by factor: means and ranges of the seeds, as nnbook computes them, and what is said.
import assert from "node:assert/strict";
import test from "node:test";
import { Scale } from "../../../nnbook/publishing/explorables/drawing/scales.mjs";
import {
  chosenOf,
  curveOf,
  endOf,
  rangeOf,
} from "../../../nnbook/publishing/explorables/figures/records/runs.mjs";
import { labelsOf } from "../../../nnbook/publishing/explorables/figures/records/pictures.mjs";
import {
  baselineOf,
  FACTORS,
  passingOf,
  told,
} from "../../../nnbook/publishing/explorables/figures/records/words.mjs";
import { assertClose, golden } from "./golden.mjs";

const { facts, ends } = golden;

/** @param {{mean: number, low: number, high: number}} range */
const listed = ({ mean, low, high }) => [mean, low, high];

test("the factors of the page are those of the records", () => {
  assert.deepEqual(Object.keys(FACTORS).sort(), Object.keys(facts.factors).sort());
  // A field offers the numbers from 1 to 8.
  assert.equal(Math.max(...Object.values(facts.factors).map((own) => own.length)), 8);
});

test("means and ranges are those of nnbook", () => {
  let count = 0;
  for (const { factor, setting, curve, validation, training } of ends) {
    const place = facts.factors[factor].findIndex(([label]) => label === setting);
    const { run, label } = chosenOf(facts, factor, place + 1), found = endOf(facts.runs[run]);
    assert.equal(label, setting);
    assertClose(listed(found.validation), validation, `${factor} ${setting}`);
    assertClose([...listed(found.training), 1], [...training, 1], `${factor} ${setting}`);
    const means = curveOf(facts.runs[run], "loss").map(({ mean }) => 1000 * mean);
    assertClose(means, curve, `${factor} ${setting}`);
    count += 1;
  }
  assert.ok(count > 70);
});

test("beyond the last setting stands the last one", () => {
  assert.deepEqual(chosenOf(facts, "schedule", 8), chosenOf(facts, "schedule", 3));
});

test("each setting is told, and no number is none", () => {
  for (const { factor } of ends) {
    for (let setting = 1; setting <= 8; setting++) {
      const words = told(facts, factor, setting);
      assert.doesNotMatch(words, /NaN|Infinity|undefined/);
      assert.match(words, /mean and range of 5 seeds/);
    }
  }
  assert.match(told(facts, "rate", 5), /This is the baseline/);
  assert.match(told(facts, "layers", 1), /^Hidden layers: 1\. This is the baseline/);
  assert.match(told(facts, "rate", 1), /do not overlap/);
  assert.match(told(facts, "layers", 5), / overlap\.$/);
  assert.match(told(facts, "activation", 4), /sigmoid \(each at its best learning rate, 0\.3\)/);
  assert.deepEqual(rangeOf([2, 4, 3]), { mean: 3, low: 2, high: 4 });
});

test("it is told which network the baseline is, and which rate goes with a batch or a momentum", () => {
  const labels = ["images", "units", "rate", "pace", "batch"].map((factor) =>
    facts.factors[factor].find(([, run]) => run === 0)[0]
  );
  const [images, units, rate, momentum, batch] = labels;
  assert.equal(
    baselineOf(facts),
    `Baseline: ${images} training images of MNIST, one hidden layer of ${units} ReLU units, learning rate ${rate}, momentum ${momentum}, batches of ${batch}, ${
      facts.runs[0].epochs
    } epochs; each row changes what it names.`,
  );
  for (
    const [factor, rateOf] of [
      ["proportion", (batch) => 0.03 * batch / 100],
      ["pace", (momentum) => 0.3 * (1 - momentum)],
    ]
  ) {
    facts.factors[factor].forEach(([label], k) => {
      const rate = Number(/here (\S+)\)\./.exec(told(facts, factor, k + 1))[1]);
      assertClose([rate], [rateOf(Number(label.replace(",", "")))], `${factor} ${label}`);
    });
  }
});

test("curves of fewer images are drawn against twelfths of the training, and it is said", () => {
  for (const factor of Object.keys(FACTORS)) {
    const isImages = factor === "images";
    assert.equal(passingOf(factor), isImages ? "twelfths of the training" : "epochs");
    assert.equal(told(facts, factor, 1).includes("twelfths of the training"), isImages);
    // The axis counts epochs only where all runs have one for each point.
    const counts = facts.factors[factor].map(([, run]) => facts.runs[run].epochs);
    assert.equal(counts.every((epochs) => epochs === facts.runs[0].loss[0].length), !isImages);
  }
  assert.match(told(facts, "images", 3), /same number of updates, these images are seen 600 times/);
  assert.match(told(facts, "batch", 6), /larger batches make fewer updates in the same epochs/);
});

test("the baseline has a label at its end with each factor, and only one", () => {
  for (const [factor, settings] of Object.entries(facts.factors)) {
    const labels = labelsOf(facts, factor, 1, "error"), end = endOf(facts.runs[0]).validation.mean;
    const isOwn = settings.some(([, run]) => run === 0);
    assert.equal(labels.length, settings.length + (isOwn ? 0 : 1), factor);
    assert.equal(labels.filter(({ text }) => text === "baseline").length, isOwn ? 0 : 1, factor);
    assert.ok(labels.some((label) => label.end[1] === end), factor);
  }
});

test("a short logarithmic axis has ticks between the powers of ten", () => {
  const ticks = (low, high, count = 5) => new Scale("log", [low, high], [0, 1]).ticks(count);
  assert.deepEqual(ticks(1.7, 100), [2, 5, 10, 20, 50, 100]);
  assert.deepEqual(ticks(1.7, 100, 3), [3, 10, 30, 100]);
  assert.deepEqual(ticks(2.1, 6.2), [3, 4, 5, 6]);
  assert.deepEqual(ticks(0.01, 1), [0.01, 0.1, 1]);
});
