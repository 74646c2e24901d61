// Dropout: thinned networks and their means beside those of nnbook; what is said at the extremes.
import assert from "node:assert/strict";
import test from "node:test";
import { asNumbers } from "../../../nnbook/publishing/explorables/engine/arrays.mjs";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import {
  drawn,
  keptBy,
  logitsOf,
  meansOf,
  networkOf,
  predictionsOf,
  runningOf,
  Sample,
  sizesOf,
  wholeOf,
} from "../../../nnbook/publishing/explorables/figures/thinned/ensemble.mjs";
import {
  calledAs,
  isOutside,
  reachOf,
} from "../../../nnbook/publishing/explorables/figures/thinned/pictures.mjs";
import { told } from "../../../nnbook/publishing/explorables/figures/thinned/words.mjs";
import { assertClose, golden } from "./golden.mjs";

const settingOf = ({ key, output, rate }) => ({
  network: networkOf(golden.networks[key]),
  output,
  rate,
});
const predicted = (setting, masks, x) => predictionsOf(setting.output, logitsOf(setting, masks, x));

/** Return masks as the page has them for a list of zeros and ones. */
function masksOf({ network, rate }, mask) {
  const left = [...mask];
  return sizesOf(network).map((units) =>
    asNumbers(left.splice(0, units).map((one) => [one / (1 - rate)]))
  );
}

for (const one of golden.cases) {
  test(`${one.key}, p = ${one.rate}`, () => {
    const setting = settingOf(one), means = meansOf(setting, golden.x);
    assertClose(predicted(setting, wholeOf(setting.network), golden.x), one.scaled, "scaled");
    assertClose(means.arithmetic, one.arithmetic, "arithmetic mean");
    assertClose(means.deviation, one.deviation, "deviation");
    if (one.geometric) assertClose(means.geometric, one.geometric, "geometric mean");
    for (const { mask, prediction } of one.thinned) {
      assertClose(predicted(setting, masksOf(setting, mask), golden.x), prediction, `${mask}`);
    }
    const isOne = sizesOf(setting.network).length === 1;
    const gap = (values) => Math.max(...values.map((v, k) => Math.abs(v - one.scaled[k])));
    assert.equal(gap(means.arithmetic) < 1e-12, isOne && setting.output === "identity");
    if (one.geometric) assert.equal(gap(means.geometric) < 1e-12, isOne);
  });
}

test("masks keep units as often as they should, and enlarge them", () => {
  const setting = settingOf({ ...golden.cases[0], key: "iris two with", rate: 0.3 });
  const random = new Random(7),
    kept = Array.from({ length: 2000 }, () => {
      const masks = drawn(setting, random);
      assert.ok(masks.every(({ entries }) => entries.every((m) => m === 0 || m === 1 / 0.7)));
      return keptBy(masks);
    });
  assert.ok(Math.abs(kept.reduce((a, b) => a + b) / kept.length / 12 - 0.7) < 0.01);
});

test("running means go to those over all masks", () => {
  for (const one of golden.cases.filter(({ rate }) => rate === 0.2)) {
    const setting = settingOf(one), x = [golden.x[2]], sample = new Sample(setting, x, 3);
    sample.drawTo(4000);
    const logits = sample.masks.map((masks) => logitsOf(setting, masks, x)[0]);
    const running = runningOf(setting.output, logits), all = meansOf(setting, x);
    const error = all.deviation[0] / Math.sqrt(4000);
    assert.ok(Math.abs(running.arithmetic.at(-1) - all.arithmetic[0]) < 4 * error, one.key);
    assert.ok(Math.abs(running.geometric.at(-1) - all.geometric[0]) < 6 * error, one.key);
    assert.equal(running.arithmetic[0], predictionsOf(setting.output, logits)[0]);
  }
});

test("a sample grows without changing what has been drawn", () => {
  const setting = settingOf(golden.cases[0]);
  const [short, long] = [5, 50].map((count) => {
    const sample = new Sample(setting, [0.5], 9);
    sample.drawTo(count);
    return sample;
  });
  short.drawTo(50);
  assert.deepEqual(short.curves, long.curves);
});

test("what is said is a sentence everywhere", () => {
  for (const layers of [1, 2]) {
    for (const output of ["identity", "sigmoid"]) {
      for (const rate of [0, 0.2, 0.8]) {
        for (const drawn of [0, 1, 500]) {
          for (
            const gaps of [{ arithmetic: 0, geometric: 0 }, { arithmetic: 0.07, geometric: 0 }, {
              arithmetic: 2.5e-5,
              geometric: 0.01,
            }]
          ) {
            const numbers = { arithmetic: -0.00001, geometric: 1 / 3 };
            const text = told({
              ...{
                layers,
                output,
                units: 6 * layers,
                rate,
                x: 0.5,
                drawn,
                kept: 5,
                gaps,
                miss: 0.05,
              },
              ...{ isOutside: drawn > 0, prediction: 12.3456, scaled: 0.5, running: numbers },
              all: { ...numbers, deviation: 4 },
            });
            assert.match(
              text,
              /\. Weight scaling misses the data by 0\.05 \(root mean square\)\.$/,
            );
            assert.equal(text.includes("outside the panel"), drawn > 0);
            assert.match(text, /masks, each weighted by its probability, is .* standard deviation/);
            assert.doesNotMatch(text, /NaN|Infinity|undefined|too large/);
            assert.match(text, layers === 2 ? /all 4,096 masks/ : /all 64 masks/);
            assert.equal(text.includes("nothing is dropped"), rate === 0);
          }
        }
      }
    }
  }
});

test("what is exact is said of the networks that are, however small the rate is", () => {
  const numbers = { arithmetic: 0.5, geometric: 0.5 }, tiny = { arithmetic: 1e-12, geometric: 0 };
  const said = (layers, output) =>
    told({
      ...{
        layers,
        output,
        units: 6 * layers,
        rate: 1e-9,
        x: 0.5,
        drawn: 1,
        kept: 6,
        gaps: tiny,
        miss: 0.05,
      },
      ...{ isOutside: false, prediction: 0.5, scaled: 0.5, running: numbers },
      all: { ...numbers, deviation: 0 },
    });
  assert.match(said(1, "identity"), /exactly the mean over all masks.*linear/);
  assert.match(said(1, "sigmoid"), /apart; weight scaling is exactly the normalized geometric/);
  for (const output of ["identity", "sigmoid"]) {
    assert.doesNotMatch(said(2, output), /exactly/);
    assert.match(said(2, output), /less than 10\u207b\u2079 apart/);
  }
});

test("the means of all networks are drawn on one axis, which reaches to what lies beyond", () => {
  for (const values of [[0.2, 0.8], [0, 1], [0.94]]) {
    assert.deepEqual(reachOf(values, true), [-0.04, 1.04]);
  }
  const [low, high] = reachOf([-1, 0.5, 3], true);
  assert.ok(low < -1 && low > -1.5 && high > 3 && high < 3.5);
  const [from, to] = reachOf([0.1, 0.3, 0.14], false);
  assert.ok(from < 0.1 && to > 0.3 && to - from < 0.3);
});

test("a prediction beyond the panel is known, and no mean is of masks before one is drawn", () => {
  assert.deepEqual([-0.7, 0, 1.7].map((y) => isOutside("eckerle4", y)), [true, false, true]);
  assert.ok(!isOutside("iris", 0) && !isOutside("iris", 1));
  assert.equal(calledAs("arithmetic", false, 0), "mean of all");
  assert.equal(calledAs("arithmetic", false, 3), "mean of masks");
  assert.equal(calledAs("geometric", true, 0), "geometric, all");
});
