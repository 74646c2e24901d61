// Folding: corners, pieces and slopes exactly as nnbook finds them for the networks; what is said.
import assert from "node:assert/strict";
import test from "node:test";
import {
  add,
  Fraction,
  multiply,
  subtract,
} from "../../../nnbook/publishing/explorables/engine/fractions.mjs";
import {
  countOf,
  creaseOf,
  MOST_LAYERS,
  stripsOf,
  wayOf,
  weightsOf,
} from "../../../nnbook/publishing/explorables/figures/folding/folds.mjs";
import { told, written } from "../../../nnbook/publishing/explorables/figures/folding/words.mjs";
import { assertClose, golden } from "./golden.mjs";

for (const { kind, crease, layers, x, y, slopes } of golden.strips) {
  test(`${kind}, crease at ${crease}, ${layers} layers`, () => {
    const setting = { kind, crease: Fraction.of(crease) };
    const strip = stripsOf(setting)[layers];
    assert.deepEqual(strip.map((corner) => String(corner.x)), x);
    assert.deepEqual(strip.map((corner) => String(corner.y)), y);
    const { pieces, least, most } = countOf(strip);
    assert.equal(pieces, slopes.length);
    assertClose([least, most], [Math.min(...slopes), Math.max(...slopes)], "slopes");
    x.forEach((place, k) => {
      assert.equal(String(wayOf(setting, Fraction.of(place), layers)[layers]), y[k]);
    });
  });
}

test("the two units that are written out make what the layers make", () => {
  for (const kind of ["stretch", "left", "same"]) {
    for (const crease of ["1/2", "3/4"]) {
      const setting = { kind, crease: Fraction.of(crease) };
      for (const x of ["0", "1/3", "3/4", "1"]) {
        const way = wayOf(setting, Fraction.of(x), 3);
        for (const layer of [1, 2, 3]) {
          const place = creaseOf(setting, layer), [up, down] = weightsOf(setting, place);
          const beyond = subtract(way[layer - 1], place);
          const bent = Number(beyond) > 0 ? multiply(down, beyond) : new Fraction(0);
          assert.equal(String(add(multiply(up, way[layer - 1]), bent)), String(way[layer]));
        }
      }
    }
  }
  const setting = { kind: "stretch", crease: Fraction.of("1/2") };
  assert.match(
    written(setting, 1, Fraction.of("3/8"), Fraction.of("3/4")).replaceAll("\u00a0", " "),
    /T\(x\) = 2 ReLU\(x\) − 4 ReLU\(x − 1\/2\), which turns 3\/8 into 3\/4\.$/,
  );
});

test("what is said is a sentence everywhere", () => {
  for (const kind of ["stretch", "left", "same"]) {
    for (const crease of ["1/2", "3/4", "9/10", "0.789"]) {
      const setting = { kind, crease: Fraction.of(crease) };
      const counts = stripsOf(setting).map(countOf);
      for (let layers = 0; layers <= MOST_LAYERS; layers++) {
        const text = told(counts, layers, wayOf(setting, Fraction.of("3/8"), layers));
        assert.match(text, /\.$/);
        assert.doesNotMatch(text, /NaN|Infinity|undefined|too large/);
      }
    }
  }
  const setting = { kind: "same", crease: Fraction.of("1/2") };
  const counts = stripsOf(setting).map(countOf), way = wayOf(setting, Fraction.of("5/8"), 2);
  assert.match(told(counts, 2, way), /2 straight pieces, with slopes of size 1\. The last layer/);
  assert.match(
    told(counts, 2, way),
    /hidden layer of 1 unit can make as many. x = 5\/8 becomes 3\/8, 3\/8/,
  );
  assert.match(told(counts, 0, way.slice(0, 1)), /one straight piece/);
  const off = { kind: "left", crease: Fraction.of("3/4") };
  const some = stripsOf(off).map(countOf);
  assert.deepEqual(some.slice(0, 6).map(({ pieces }) => pieces), [1, 2, 4, 7, 12, 19]);
  assert.match(
    told(some, 5, wayOf(off, Fraction.of("3/8"), 5)),
    /19 straight pieces, .* The last layer bends 7 of 12 pieces: the others lie on one side/,
  );
  assert.doesNotMatch(told(some, 2, wayOf(off, Fraction.of("3/8"), 2)), /The last layer/);
});
