// What an output sends back, beside nnbook's; what is said where nothing is defined.
import assert from "node:assert/strict";
import test from "node:test";
import { matched, passed } from "../../../nnbook/publishing/explorables/figures/outputs/pairs.mjs";
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

test("a linear output outside of 0 and 1 has no cross-entropy, and that is said", () => {
  for (const z of [-40, 0, 1, 40]) {
    const setting = { output: "identity", loss: "cross_entropy", z, y: 1 };
    assert.match(told(setting, passed(setting)), /not defined here/);
  }
});
