// The network that trains in the page: what it learns, when it stops, what it says.
import assert from "node:assert/strict";
import test from "node:test";
import { asNumbers } from "../../../nnbook/publishing/explorables/engine/arrays.mjs";
import {
  columnsOf,
  problemOf,
} from "../../../nnbook/publishing/explorables/figures/training/problems.mjs";
import {
  cellsOf,
  decades,
} from "../../../nnbook/publishing/explorables/figures/training/pictures.mjs";
import { Trainer } from "../../../nnbook/publishing/explorables/figures/training/trainer.mjs";
import { mapsOf, MOST } from "../../../nnbook/publishing/explorables/figures/training/units.mjs";
import { told } from "../../../nnbook/publishing/explorables/figures/training/words.mjs";
import { assertClose, golden } from "./golden.mjs";

const plain = {
  layers: 1,
  units: 4,
  activation: "tanh",
  initializer: "glorot_uniform",
  optimizer: "adam",
  rate: 0.05,
  batch: 20,
  l1: 0,
  l2: 0,
  dropout: 0,
  normalization: "none",
  patience: 0,
  seed: 1,
};
const problems = Object.fromEntries(
  ["eckerle4", "rings", "spiral", "digits"].map((name) => [name, problemOf(name, golden.facts)]),
);

/** Train for some epochs. */
function trained(setting, name, epochs) {
  const trainer = new Trainer({ ...plain, ...setting }, problems[name]);
  while (trainer.epoch < epochs && trainer.status === "trains") trainer.step();
  return trainer;
}

test("the digits are those of nnbook", () => {
  const { training, validation } = problems.digits;
  assertClose(columnsOf(training, [0, 7]).x.toRows(), golden.pixels, "pixels");
  assertClose(columnsOf(training, [0, 7]).y.toRows(), golden.targets, "targets");
  assert.deepEqual([training.x.columns, validation.x.columns], golden.sizes);
});

test("every third point of the curve is for validation", () => {
  const { training, validation } = problems.eckerle4;
  const all = [...training.x.entries, ...validation.x.entries].sort((a, b) => a - b);
  assert.deepEqual(all, golden.facts.curve.x);
  assert.equal(validation.x.columns, 12);
});

test("four units part two rings, two cannot", () => {
  assert.ok(trained({}, "rings", 40).history[40].accuracy > 0.95);
  assert.ok(trained({ units: 2 }, "rings", 40).history[40].accuracy < 0.95);
});

test("six sigmoid layers stand still, and normalization cures them", () => {
  const deep = { layers: 6, units: 12, activation: "sigmoid", optimizer: "sgd", rate: 0.1 };
  const still = trained(deep, "digits", 6);
  assert.match(told(still), /stands still/);
  assert.ok(still.history[6].gradients[0] < 0.01 * still.history[6].gradients[6]);
  const cured = trained({ ...deep, normalization: "before" }, "digits", 6);
  assert.ok(cured.history[6].training < 0.8 * cured.problem.guess);
  assert.doesNotMatch(told(cured), /stands still/);
});

test("axes reach to the same powers of ten, and to values beyond them", () => {
  for (const values of [[2.3], [0.02, 4], [1]]) {
    assert.deepEqual(decades(values, [0.01, 10]), [0.01, 10]);
  }
  assert.deepEqual(decades([3e-4, 20], [0.01, 10]), [1e-4, 100]);
});

test("the epoch in which half the loss of a guess is passed is told", () => {
  const learns = trained({ units: 20 }, "digits", 6), half = learns.problem.guess / 2;
  const epoch = Number(
    /half the loss of a guess, in epoch (\d+)/.exec(told(learns))?.[1],
  );
  assert.ok(learns.history[epoch].training < half);
  assert.ok(learns.history.slice(0, epoch).every(({ training }) => training >= half));
  assert.doesNotMatch(told(trained({ units: 20 }, "digits", 0)), /half/);
});

test("what is far above a guess does not stand still there", () => {
  const wild = { layers: 8, units: 50, activation: "relu", optimizer: "momentum", rate: 10 };
  const run = trained(wild, "digits", 6);
  assert.ok(run.history[6].training > 1.2 * run.problem.guess);
  assert.match(told(run), /worse than a guess: its loss is above .* 2\.3026\./);
  assert.doesNotMatch(told(run), /stands still/);
});

test("a seed gives the same run again", () => {
  const run = (seed) => trained({ seed, dropout: 0.2 }, "rings", 3).history;
  assert.deepEqual(run(4), run(4));
  assert.notDeepEqual(run(4), run(5));
});

test("training stops early, and keeps its best network", () => {
  const setting = { layers: 2, units: 20, rate: 0.05, batch: 4, patience: 5 };
  const trainer = trained(setting, "eckerle4", 1000);
  assert.equal(trainer.status, "stopped");
  assert.equal(trainer.epoch, trainer.best.epoch + 5);
  const { x, y } = trainer.problem.validation;
  const least = Math.min(...trainer.history.map(({ validation }) => validation));
  assertClose(trainer.network.loss(x, y, "mse"), least, "validation loss");
  assert.match(told(trainer), /Stopped early/);
});

test("penalties make weights smaller", () => {
  const size = (setting) =>
    trained(setting, "rings", 20).network.layer(1).weights.entries.reduce((s, w) => s + w * w, 0);
  assert.ok(size({ l2: 0.01 }) < 0.9 * size({}));
  assert.ok(size({ l1: 0.01 }) < 0.9 * size({}));
});

test("divergence is said in words, and no setting makes a number that is none", () => {
  const away = trained({ activation: "leaky_relu", optimizer: "sgd", rate: 10 }, "eckerle4", 50);
  assert.equal(away.status, "diverged");
  assert.match(told(away), /has diverged/);
  assert.ok(away.shown.arrays().every(({ entries }) => entries.every(Number.isFinite)));
  const extremes = { layers: 8, units: 3, batch: 500, dropout: 0.8, l1: 0.01, l2: 0.01 };
  for (const optimizer of ["sgd", "momentum", "adagrad", "adadelta", "rmsprop", "nadam"]) {
    for (const activation of ["sigmoid", "relu"]) {
      for (const normalization of ["none", "before", "after"]) {
        const setting = { ...extremes, optimizer, activation, normalization, rate: 10 };
        const trainer = trained(setting, "rings", 3);
        for (const { gradients, ...losses } of trainer.history) {
          assert.ok([...gradients, ...Object.values(losses)].every(Number.isFinite));
        }
        assert.doesNotMatch(told(trainer), /NaN|Infinity|undefined/);
      }
    }
  }
});

test("units are drawn as what they answer", () => {
  const { network } = trained({ layers: 2, units: 5 }, "rings", 5);
  const maps = mapsOf(network, problems.rings), at = (k) => 1.25 * (2 * (k + 0.5) / 16 - 1);
  assert.deepEqual(maps.map((column) => column.length), [2, 5, 5, 1]);
  for (const cell of [0, 17, 200]) {
    const x = asNumbers([[at(cell % 16)], [-at(Math.floor(cell / 16))]]);
    const forward = network.forward(x);
    assert.ok(Math.abs(maps[0][0].shades[cell] - (1 + at(cell % 16) / 1.25) / 2) < 1e-12);
    for (const l of [1, 2]) { // of tanh
      const expected = Array.from(forward.a[l].entries, (a) => (1 + a) / 2);
      assertClose(maps[l].map(({ shades }) => shades[cell]), expected, `layer ${l}`);
    }
    const share = 1 / (1 + Math.exp(-forward.prediction.at(0, 0)));
    assertClose([maps[3][0].shades[cell]], [share], "output");
  }
});

test("units of digits are drawn as weights and as mean answers to each digit", () => {
  const setting = { layers: 2, units: 12, activation: "sigmoid", dropout: 0.2, rate: 0.003 };
  const { network } = trained(setting, "digits", 2), maps = mapsOf(network, problems.digits);
  assert.deepEqual(maps.map((column) => column.length), [MOST, MOST, 10]);
  const { weights } = network.layer(1),
    row = Array.from({ length: 64 }, (_, k) => weights.at(3, k));
  const largest = Math.max(...row.map(Math.abs));
  assertClose(maps[0][3].shades, row.map((w) => (1 + w / largest) / 2), "weights");
  const { x, y } = problems.digits.validation, answers = network.forward(x).a[2];
  const nines = Array.from({ length: y.columns }, (_, n) => n).filter((n) => y.at(9, n) === 1);
  const mean = nines.reduce((sum, n) => sum + answers.at(5, n), 0) / nines.length;
  assertClose([maps[1][5].shades[9]], [mean], "mean answer to the nine");
  for (const k of [0, 4, 9]) {
    const all = maps[2].map(({ shades }) => shades[k]);
    assert.ok(Math.abs(all.reduce((a, b) => a + b) - 1) < 1e-9); // probabilities
  }
});

test("no setting makes a map that cannot be drawn", () => {
  for (const name of Object.keys(problems)) {
    for (
      const setting of [
        { activation: "relu", units: 1 },
        { activation: "sigmoid", layers: 8, normalization: "after" },
        { activation: "leaky_relu", initializer: "wide", units: 50, optimizer: "sgd", rate: 10 },
      ]
    ) {
      const { shown } = trained(setting, name, 2);
      const shades = mapsOf(shown, problems[name]).flat(2).flatMap((one) => one.shades);
      assert.ok(shades.every((shade) => shade >= 0 && shade <= 1), `${name} ${setting.activation}`);
    }
  }
});

test("the plane of a large network is coarse while it trains, and fine when it rests", () => {
  const cells = (/** @type {object} */ setting, /** @type {boolean} */ isRunning) =>
    cellsOf(trained(setting, "spiral", 0).shown, isRunning);
  assert.equal(cells({ layers: 3, units: 20 }, true), 48);
  const large = { layers: 8, units: 50 };
  assert.equal(cells(large, false), 48);
  const products = 2 * 50 + 7 * 50 * 50 + 50, few = cells(large, true);
  assert.ok(few >= 12 && few ** 2 * products <= 5e6, String(few));
});
