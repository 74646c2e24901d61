// What an output sends back, beside nnbook's; what is said where nothing is defined.
import assert from "node:assert/strict";
import test from "node:test";
import {
  isRight,
  likelihoodRatio,
  matched,
  passed,
  walk,
} from "../../../nnbook/publishing/explorables/figures/outputs/pairs.mjs";
import { told } from "../../../nnbook/publishing/explorables/figures/outputs/words.mjs";
import { assertClose, golden } from "./golden.mjs";

for (const { setting, found } of golden.pairs) {
  test(`${setting.output}, ${setting.loss}, z = ${setting.z}, y = ${setting.y}`, () => {
    const received = passed(setting);
    for (const name of ["prediction", "loss", "signal"]) {
      assertClose(received[name], found[name], name);
    }
    if (matched(setting)) {
      assert.ok(Math.abs(received.signal - received.difference) < 1e-12);
    }
    assert.doesNotMatch(told(setting, received), /NaN|Infinity|undefined|too large/);
  });
}

test("no prediction has less than the least loss, and the best one comes to it", () => {
  for (const output of ["sigmoid", "softmax", "identity"]) {
    for (const loss of ["half_sse", "mae", "cross_entropy"]) {
      for (const y of [0, 0.25, 0.7, 1]) {
        const of = (z) => likelihoodRatio(passed({ output, loss, z, y }));
        const ratios = Array.from({ length: 16001 }, (_, k) => of(k / 200 - 40))
          .filter((ratio) => !Number.isNaN(ratio));
        const most = Math.max(...ratios);
        // The logits of a linear output whose cross-entropy is defined end before 0 and 1.
        const slack = output === "identity" ? 0.006 : 2e-3;
        assert.ok(most <= 1 + 1e-9 && most > 1 - slack, `${output}, ${loss}, ${y}: ${most}`);
      }
    }
  }
});

test("the likelihood of a perfect softmax is the largest, and its least loss is said", () => {
  const setting = { output: "softmax", loss: "cross_entropy", z: -40, y: 0 };
  const found = passed(setting);
  assertClose(found.loss, Math.log(2), "loss");
  assertClose(likelihoodRatio(found), 1, "likelihood ratio");
  assert.match(told(setting, found), /never below 0\.6931/);
  assert.doesNotMatch(told({ ...setting, y: 1 }, passed({ ...setting, y: 1 })), /never below/);
});

test("that its size does not depend on the error is said of the signal for which it holds", () => {
  for (const output of ["sigmoid", "softmax", "identity"]) {
    for (const loss of ["half_sse", "mae", "cross_entropy"]) {
      const sizes = [-6, -2, 0.5].map((z) => {
        const found = passed({ output, loss, z, y: 0.75 });
        return [Math.abs(found.signal), told({ output, loss, z, y: 0.75 }, found)];
      });
      const isOne = sizes.every(([size]) => Math.abs(size - 1) < 1e-12);
      for (const [, text] of sizes) {
        assert.equal(text.includes("the signal has the size 1, however large"), isOne, text);
      }
      assert.equal(isOne, output === "identity" && loss === "mae");
    }
  }
});

test("steps end where the output becomes right, and are counted", () => {
  const pair = { output: "sigmoid", loss: "cross_entropy", z: -6, y: 1 };
  const { z, count } = walk(pair, 100);
  let one = { ...pair }, needed = 0;
  while (Math.abs(passed(one).prediction - 1) > 0.05) {
    one = { ...one, z: walk(one, 1).z };
    needed++;
  }
  assert.deepEqual([z, count], [one.z, needed]);
  assert.ok(needed > 6 && needed < 100);
  assert.match(
    told(one, passed(one), needed),
    new RegExp(`After ${needed} steps the output is right: within 0.05`),
  );
  const early = { ...pair, z: walk(pair, 1).z };
  assert.match(told(early, passed(early), 1), /After 1 step the output is not yet right/);
  const squared = walk({ ...pair, loss: "half_sse" }, 100);
  assert.equal(squared.count, 100);
  assert.ok(!isRight(passed({ ...pair, z: squared.z })));
  assert.equal(walk({ ...pair, z }, 100).count, 100); // who goes on goes on
});

test("a linear output outside of 0 and 1 has no cross-entropy, and that is said", () => {
  for (const z of [-40, 0, 1, 40]) {
    const setting = { output: "identity", loss: "cross_entropy", z, y: 1 };
    assert.match(told(setting, passed(setting)), /not defined here/);
  }
});
