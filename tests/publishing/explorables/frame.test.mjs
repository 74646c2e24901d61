// What all explorables share, without a page: numbers, fields, addresses.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import {
  brief,
  decimal,
  powerOfTen,
  readNumber,
  shown,
  written,
} from "../../../nnbook/publishing/explorables/drawing/numbers.mjs";
import { Fraction } from "../../../nnbook/publishing/explorables/engine/fractions.mjs";
import { Random } from "../../../nnbook/publishing/explorables/engine/random.mjs";
import {
  ChoiceField,
  MatrixField,
  NumberField,
} from "../../../nnbook/publishing/explorables/frame/fields.mjs";
import {
  addressOf,
  stateOf,
  textsInAddress,
  textsOf,
  withoutOutcome,
} from "../../../nnbook/publishing/explorables/frame/state.mjs";
import { Pieces } from "../../../nnbook/publishing/explorables/frame/pieces.mjs";

const rate = new NumberField("Rate", { from: "0", to: "1/2", step: "1/200" });
const fields = {
  rate,
  seed: new NumberField("Seed", { from: "0", to: "999", step: "1", whole: true }),
  rule: new ChoiceField("Rule", { sgd: "SGD", adam: "Adam" }),
  W: new MatrixField(
    "Weights",
    2,
    2,
    new NumberField("number", { from: "-10", to: "10", step: "1" }),
  ),
};
const first = stateOf(fields, { rate: "1/10", seed: "3", rule: "sgd", W: "1,2,3,-1/3" }, {}).state;

test("0.1, 0,1, 1/10 and 1e-1 are the same number", () => {
  for (const text of ["0.1", "0,1", "1/10", "1e-1", " .1 ", "1 / 10", "+0.10", "10E-2", "0,5/5"]) {
    assert.equal(String(readNumber(text)), "1/10", text);
  }
  assert.equal(String(readNumber("\u22120.5")), "-1/2");
});

test("powers of ten are read as they are shown, and as people type them", () => {
  for (
    const text of ["2.6e-6", "2,6E-6", "2.6·10⁻⁶", "2,6 × 10^-6", "2.6*10^\u22126", "26·10⁻⁷"]
  ) {
    assert.equal(Number(readNumber(text)), 2.6e-6, text);
  }
  assert.equal(String(readNumber("10⁻⁴")), "1/10000");
  assert.equal(String(readNumber("\u221210³")), "-1000");
  assert.equal(String(readNumber("10²/10⁴")), "1/100");
  for (const text of ["2⁴", "2.6·10", "2.6·", "10⁻", "2.6·10⁹⁹⁹", "3·2·10⁴", "310⁻⁴"]) {
    assert.equal(readNumber(text), null, text);
  }
});

test("what is no number is none", () => {
  for (
    const text of [
      "",
      " ",
      "a",
      "1/0",
      "1/2/3",
      "1//2",
      "--1",
      "1e",
      "1,000.5",
      "NaN",
      "Infinity",
      "0x10",
      "1e999",
      "9".repeat(40),
    ]
  ) {
    assert.equal(readNumber(text), null, text);
  }
});

test("a whole number may have commas between thousands, as the page writes it", () => {
  const whole = new NumberField("Samples", { from: "0", to: "2000", step: "1", whole: true });
  assert.equal(Number(whole.read("1,000").value), 1000);
  assert.equal(Number(whole.number("1,000")), 1000);
  assert.deepEqual(whole.read("1,000,000"), {
    value: Fraction.of("2000"),
    problem: "Samples: only whole numbers from 0 to 2000. It is set to 2000.",
  });
  assert.equal(Number(whole.read("0,1").value), 0); // a decimal, refused as such
  assert.match(whole.read("1,00").problem, /^$/); // 1.00
  assert.equal(Number(rate.read("0,125").value), 0.125);
  assert.equal(
    Number(new NumberField("x", { from: "0", to: "9", step: "1" }).number("1,125")),
    1.125,
  );
});

test("numbers are shown short, and never as NaN", () => {
  assert.deepEqual(
    [new Fraction(-19, 10), new Fraction(3), new Fraction(117, 625), 0.18724, 1234.56, 0, 1e-9].map(
      shown,
    ),
    ["\u221219/10", "3", "0.1872", "0.1872", "1234.6", "0", "1.0·10⁻⁹"],
  );
  assert.equal(decimal(NaN), "too large");
  assert.deepEqual([new Fraction(-19, 10), -0.16923, 12345.6, 0.000123, 0.5].map(brief), [
    "\u221219/10",
    "\u22120.169",
    "12346",
    "10⁻⁴",
    "0.5",
  ]);
  const random = new Random(3);
  for (let k = 0; k < 2000; k++) {
    const value = (random.uniform() - 0.5) * 10 ** Math.floor(30 * random.uniform() - 10);
    assert.ok(decimal(value).length <= 8, decimal(value));
    assert.ok(brief(value).length <= 7, brief(value));
    for (const text of [decimal(value), brief(value)]) {
      assert.doesNotMatch(text, /e/);
      const read = Number(readNumber(text)) / value; // as far as there is room for its digits
      assert.ok(read > 0.3 && read < 3.2, `${text} stands for ${value}`);
    }
  }
  assert.deepEqual(
    [2.6e-6, -2.6e-6, 2.6e-12, -3e-10, 4.4e7, -4.4e7, 1e-300, -4e-320].map(decimal),
    [
      "2.6·10⁻⁶",
      "\u22123·10⁻⁶",
      "3·10⁻¹²",
      "\u22123·10⁻¹⁰",
      "4.4·10⁷",
      "\u22124.4·10⁷",
      "10⁻³⁰⁰",
      "\u221210⁻³¹⁹",
    ],
  );
  assert.deepEqual([powerOfTen(-3), powerOfTen(12), powerOfTen(0)], ["10⁻³", "10¹²", "10⁰"]);
});

test("one place writes powers of ten", () => {
  const folder = new URL("../../../nnbook/publishing/explorables/", import.meta.url);
  const found = readdirSync(folder, { recursive: true }).map(String).filter((name) =>
    name.endsWith(".mjs") &&
    /toExponential|\\u207b|⁻/.test(readFileSync(new URL(name, folder), "utf8"))
  );
  assert.deepEqual(found, ["drawing/numbers.mjs"]);
});

test("what is written is read as the same number", () => {
  for (const text of ["1/3", "0.1", "-2", "0", "-7/13", "0.000001", "1/1024"]) {
    assert.equal(String(readNumber(written(Fraction.of(text)))), String(Fraction.of(text)));
  }
});

test("impossible values are refused in words, and become the nearest possible", () => {
  const cases = [["0.7", "0.5", /only numbers from 0 to 0.5/], ["-1", "0", /set to 0/], [
    "abc",
    "0.1",
    /not a number. It stays 0.1/,
  ], ["1/4", "0.25", /^$/]];
  for (const [text, value, problem] of cases) {
    const reading = rate.read(text, new Fraction(1, 10));
    assert.equal(written(reading.value), value);
    assert.match(reading.problem, problem);
  }
  assert.match(fields.seed.read("2.4", new Fraction(1)).problem, /whole numbers/);
  assert.equal(fields.rule.read("sdg", "adam").value, "adam");
  assert.match(fields.W.read("1,2,3", first.W).problem, /expected 4 numbers, received 3/);
  assert.match(
    fields.W.read("1,2,3,99", first.W).problem,
    /Weights: only numbers from \u221210 to 10/,
  );
});

test("long decimals do not become long fractions", () => {
  const { value } = rate.read("0.12345678901234567", first.rate);
  assert.ok(value.denominator.toString().length <= 10);
  assert.equal(written(value), "0.123456789");
  assert.equal(String(readNumber(written(value))), String(value));
  for (
    const [number, reason] of [[
      "0.12345678901234567",
      /Rate: only 9 decimals are kept\. .* 0\.123456789\.$/,
    ], ["0.50000001", /only numbers from 0 to 0\.5/]]
  ) {
    assert.match(rate.read(number, first.rate).problem, reason);
  }
  assert.equal(rate.read("0.123456789", first.rate).problem, "");
  assert.equal(written(Fraction.of("1/512")), "1/512");
});

test("sentences write minus as drawings do", () => {
  const field = new NumberField("Weight", { from: "-2", to: "-1/3", step: "1/3" });
  assert.match(
    field.read("-3", new Fraction(-1)).problem,
    /from \u22122 to \u22121\/3\. .* \u22122\.$/,
  );
  assert.match(field.read("x", new Fraction(-1)).problem, /It stays \u22121\.$/);
});

test("what an address breaks is not said to be set to anything", () => {
  for (
    const search of ["?p.rate=9", "?p.rate=zz", "?p.W=1", "?p.W=1,2,3,99", "?p.rule=x", "?p.u=1"]
  ) {
    const { problems } = stateOf(fields, textsInAddress(search, "p"), first);
    assert.match(problems[0], /\.$/);
    assert.doesNotMatch(withoutOutcome(problems[0]), /It (is|stays)/);
    assert.match(withoutOutcome(problems[0]), /^.{9,}[.]$/);
  }
});

test("a state goes into an address and comes back", () => {
  const texts = textsOf(fields, first);
  assert.deepEqual(texts, { rate: "0.1", seed: "3", rule: "sgd", W: "1,2,3,-1/3" });
  for (
    const place of ["https://example.org/a/b.html?other.rate=1&x=2#there", "file:///tmp/b.html"]
  ) {
    const address = new URL(addressOf(place, "play", texts));
    assert.deepEqual(textsInAddress(address.search, "play"), texts);
    assert.equal(address.hash, "#play");
    assert.equal(addressOf(address.href, "play", texts), address.href);
  }
  assert.match(addressOf("https://example.org/?other.rate=1", "play", texts), /other\.rate=1/);
});

test("what an address breaks is told and replaced", () => {
  for (
    const [search, problem] of [
      ["?p.rate=zz", /not a number/],
      ["?p.seed=7&p.what=1", /nothing called/],
      ["?p.W=1", /expected 4/],
      ["?p.rule=x", /not one of/],
    ]
  ) {
    const { state, problems } = stateOf(fields, textsInAddress(search, "p"), first);
    assert.match(problems[0], problem);
    assert.equal(written(state.rate), "0.1");
  }
  assert.deepEqual(stateOf(fields, textsInAddress("?q.rate=zz", "p"), first), {
    state: first,
    problems: [],
  });
});

test("steps on a logarithmic scale are shares of a power of ten", () => {
  const log = new NumberField("Rate", { from: "0.0001", to: "10", step: "0.05", log: true });
  assert.equal(written(log.nearest(0.034567)), "0.035");
  assert.equal(written(log.nearest(1e-9)), "0.0001");
  assert.equal(written(log.moved(Fraction.of("0.1"), 1)), "0.11");
  assert.equal(written(log.moved(Fraction.of("0.1"), -20)), "0.01");
  assert.equal(written(log.moved(Fraction.of("10"), 1)), "10");
  assert.equal(written(rate.moved(Fraction.of("1/10"), 10)), "0.15");
});

test("what takes long is computed in pieces, and left when something else is asked for", () => {
  const begun = [], ended = [], waiting = [];
  let done = 0;
  const pieces = new Pieces(
    function* (/** @type {number} */ count) {
      begun.push(count);
      for (let k = 0; k < count; k++) yield 8e6;
      ended.push(count);
      return count;
    },
    () => done++,
    (next) => waiting.push(next),
  );
  assert.equal(pieces.of(2), 2); // in one go
  assert.equal(pieces.of(2), 2);
  assert.deepEqual([begun, done], [[2], 0]);
  assert.equal(pieces.of(7), undefined);
  assert.equal(pieces.of(7), undefined); // is under way
  assert.equal(pieces.of(8), undefined);
  assert.deepEqual(begun, [2, 7, 8]);
  while (waiting.length) waiting.shift()();
  assert.deepEqual([ended, done], [[2, 8], 1]);
  assert.equal(pieces.of(8), 8);
});
