/**
 * The chain of neurons: weights and biases under sliders, and the product of factors written out.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./chain/product.mjs").Passed} Passed
 */
import { Panel } from "../drawing/axes.mjs";
import { html, svg, write } from "../drawing/elements.mjs";
import { formula, letter } from "../drawing/formulas.mjs";
import { line } from "../drawing/lines.mjs";
import { DrawnNetwork } from "../drawing/networks.mjs";
import { brief, decimal } from "../drawing/numbers.mjs";
import { ChoiceInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ACTIVATIONS, ChoiceField, NumberField } from "../frame/fields.mjs";
import { LEAST, linksOf, NEURONS, passed, rangeOf } from "./chain/product.mjs";

const SUBSCRIPTS = ["\u2080", "\u2081", "\u2082", "\u2083", "\u2084"];
const LETTER = 7; // px, of a number below a neuron
const TIGHT = 54; // px between two neurons: no room for three digits
const NUMBERS = [1, 2, 3, 4];

const weight = (/** @type {number} */ l) =>
  new NumberField(`Weight w${SUBSCRIPTS[l]}`, { from: "-20", to: "20", step: "0.5" });
const bias = (/** @type {number} */ l) =>
  new NumberField(`Bias b${SUBSCRIPTS[l]}`, { from: "-20", to: "20", step: "0.5" });

const fields = {
  activation: new ChoiceField("Activation", ACTIVATIONS),
  x: new NumberField("Input a\u2080", { from: "-2", to: "2", step: "0.1" }),
  y: new NumberField("Target", { from: "-1", to: "1", step: "0.1" }),
  w1: weight(1),
  b1: bias(1),
  w2: weight(2),
  b2: bias(2),
  w3: weight(3),
  b3: bias(3),
  w4: weight(4),
  b4: bias(4),
};

/** @param {Tools} tools */
function view({ id, state, set, tell }) {
  const slider = (/** @type {string} */ name) =>
    new SliderInput(
      /** @type {NumberField} */ (fields[/** @type {keyof typeof fields} */ (name)]),
      (value) => set({ [name]: value }),
      tell,
    );
  /** @type {Record<string, SliderInput>} */
  const sliders = Object.fromEntries(
    Object.keys(fields).filter((name) => name !== "activation").map((name) => [name, slider(name)]),
  );
  const activation = new ChoiceInput(fields.activation, (value) => set({ activation: value }));
  const focus = (/** @type {number} */ l) => sliders[`w${l}`].range.focus();
  const drawn = new DrawnNetwork(
    "The chain: input, three hidden neurons, output",
    new Array(NEURONS + 1).fill(1),
    id,
    focus,
  );
  const canvas = html("div", { class: "nnx-canvas" }, drawn.element);
  const panel = new Panel("Size of the derivative with respect to each bias", 0.3);
  const product = html("div", { class: "nnx-product" });
  const words = html("p", { class: "nnx-happens" });
  const element = html(
    "div",
    { class: "nnx-chain" },
    html(
      "div",
      { class: "nnx-settings" },
      activation.element,
      sliders.x.element,
      sliders.y.element,
    ),
    canvas,
    html(
      "div",
      { class: "nnx-neurons" },
      ...NUMBERS.flatMap((l) => [sliders[`w${l}`].element, sliders[`b${l}`].element]),
    ),
    html(
      "p",
      { class: "nnx-heading" },
      "The derivative of the cost C, half the squared error, with respect to the first bias:",
    ),
    product,
    words,
    panel.element,
  );
  new ResizeObserver(() => show(state())).observe(element);

  /** @param {State} now */
  function show(now) {
    activation.show(now.activation);
    for (const [name, one] of Object.entries(sliders)) one.show(now[name]);
    const weights = NUMBERS.map((l) => Number(now[`w${l}`]));
    const found = passed({
      input: Number(now.x),
      target: Number(now.y),
      weights,
      biases: NUMBERS.map((l) => Number(now[`b${l}`])),
      activation: now.activation,
    });
    drawn.resize(canvas.clientWidth);
    const sums = found.z.map((z, k) => `z${SUBSCRIPTS[k + 1]} = ${brief(z)}`);
    const fits = sums.every((sum) => (sum.length + 1) * LETTER < drawn.between);
    const digits = (/** @type {number} */ value) =>
      brief(drawn.between < TIGHT ? Number(value.toPrecision(2)) : value);
    drawn.show(
      (l) => ({
        text: digits(l ? found.a[l - 1] : Number(now.x)),
        below: !l ? "input" : fits ? sums[l - 1] : digits(found.z[l - 1]),
        kind: "forward",
      }),
      (l) => ({
        text: digits(weights[l - 1]),
        direction: "forward",
        title: `weight of neuron ${l}`,
      }),
    );
    showProduct(product, found);
    if (element.clientWidth) showSizes(panel, found.gradients);
    const said = told(found, weights, now.activation);
    write(words, said);
    return said;
  }
  return { element, show };
}

/** Write the factors below each other's formulas. @param {HTMLElement} place @param {Passed} found */
function showProduct(place, { factors, gradients }) {
  const tiles = factors.flatMap(({ letter: name, below, primed, value, kind }, k) => {
    const above = kind === "error"
      ? formula("(", letter("a", "", String(NEURONS)), " \u2212 ", letter("y"), ")")
      : primed
      ? formula(letter("f", "\u2032"), "(", letter(name, "", below), ")")
      : formula(letter(name, "", below));
    const tile = html(
      "span",
      { class: `nnx-factor nnx-factor-${kind}` },
      above,
      html("span", {}, brief(value)),
    );
    return k ? [html("span", { class: "nnx-dot" }, "\u00b7"), tile] : [tile];
  });
  place.replaceChildren(
    ...tiles,
    html(
      "span",
      { class: "nnx-result" },
      html("span", { class: "nnx-dot" }, "="),
      html(
        "span",
        { class: "nnx-factor nnx-factor-result" },
        formula("\u2202", letter("C"), "/\u2202", letter("b", "", "1")),
        html("span", {}, decimal(gradients[0])),
      ),
    ),
  );
}

/** @param {Panel} panel @param {readonly number[]} gradients */
function showSizes(panel, gradients) {
  const sizes = gradients.map(Math.abs);
  panel.draw({ values: [0.5, NEURONS + 0.5], label: "neuron", ticks: NEURONS }, {
    kind: "log",
    values: rangeOf(sizes),
    label: "|\u2202C/\u2202b|",
  });
  panel.above.replaceChildren(
    line(panel, sizes.map((size, k) => [k + 1, size || LEAST / 1e9]), 1, true),
  );
  panel.labels.replaceChildren(...sizes.map((size, k) =>
    svg("text", {
      x: panel.x.place(k + 1),
      y: Math.min(panel.y.places[0] - 10, panel.y.place(Math.max(size, LEAST)) - 13),
      "text-anchor": "middle",
    }, brief(size))
  ));
}

/** @param {Passed} found @param {readonly number[]} weights @param {string} activation */
function told({ slopes, gradients, factors }, weights, activation) {
  const links = linksOf(slopes, weights);
  const list = links.map(({ l, value }) =>
    `w${SUBSCRIPTS[l]} f\u2032(z${SUBSCRIPTS[l - 1]}) = ${decimal(value)}`
  )
    .join(", ");
  const share = links.reduce((product, { value }) => product * Math.abs(value), 1);
  const end = factors[0].value === 0
    ? "The output is the target, so that all derivatives are 0."
    : gradients[NEURONS - 1] === 0
    ? "The slope of the output neuron is 0: no neuron gets a gradient."
    : share === 0
    ? `One link passes nothing on: the first bias gets no gradient${
      activation === "relu" ? ", because a ReLU of the chain is inactive" : ""
    }; ${reached(gradients)}.`
    : share < 0.999
    ? `The first bias gets ${
      decimal(share)
    } times the derivative of the last: the gradient shrinks on its way back.`
    : share > 1.001
    ? `The first bias gets ${
      decimal(share)
    } times the derivative of the last: the gradient grows on its way back.`
    : "The first bias gets as large a derivative as the last.";
  return `The links multiply by ${list}. ${end}`;
}

/** Say which biases have a gradient; the last one does. @param {readonly number[]} gradients */
function reached(gradients) {
  const numbers = NUMBERS.filter((l) => gradients[l - 1] !== 0);
  return numbers.length === 1
    ? `only that of neuron ${numbers[0]} gets one`
    : `those of neurons ${numbers.slice(0, -1).join(", ")} and ${
      numbers[numbers.length - 1]
    } get one`;
}

register("chain", { fields, view });
