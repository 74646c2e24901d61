/**
 * The sheet on which the numbers of the step are written.
 *
 * @typedef {import("../../engine/arrays.mjs").Matrix} Matrix
 * @typedef {import("./walk.mjs").Moment} Moment
 * @typedef {ReturnType<typeof import("./walk.mjs").computed>} Found
 * @typedef {import("./known.mjs").Known} Known
 * @typedef {import("../../frame/controls.mjs").MatrixInput} MatrixInput
 */
import { html, write } from "../../drawing/elements.mjs";
import { formula, letter } from "../../drawing/formulas.mjs";
import { ShownMatrix } from "../../drawing/matrices.mjs";
import { shown } from "../../drawing/numbers.mjs";

const LETTERS =
  "a: activations (a\u2070: inputs), z: sums, y\u0302: predictions, y: targets, L: loss, \u03b4: error signals, W: weights, b: biases; the raised number is the layer, t=1 means after the step. A dot: not computed yet.";

/** The sheet: what the forward and the backward pass give, and what the step makes of the parameters. */
export class Sheet {
  /** @param {Record<string, MatrixInput>} inputs */
  constructor(inputs) {
    this.inputs = inputs;
    const shownMatrix = (
      /** @type {string} */ name,
      /** @type {number} */ rows,
      /** @type {number} */ columns,
    ) => new ShownMatrix(name, rows, columns);
    this.pass = {
      z1: shownMatrix("sums of layer 1", 4, 2),
      a1: shownMatrix("activations of layer 1", 4, 2),
      prediction: shownMatrix("predictions", 1, 2),
      delta2: shownMatrix("error signals of layer 2", 1, 2),
      delta1: shownMatrix("error signals of layer 1", 4, 2),
    };
    const term = (
      /** @type {import("../../drawing/formulas.mjs").Part[]} */ symbol,
      /** @type {{element: HTMLElement}} */ one,
    ) => html("div", { class: "nnx-term nnx-by-example" }, formula(...symbol, " ="), one.element);
    this.loss = html("output");
    this.after = html("output");
    this.predicted = shownMatrix("predictions after the step", 1, 2);
    /** @type {Record<string, HTMLElement>} */
    this.rows = {
      forward: html(
        "div",
        { class: "nnx-row" },
        term([letter("a", "0")], inputs.x),
        term([letter("z", "1")], this.pass.z1),
        term([letter("a", "1")], this.pass.a1),
        term([letter("y\u0302")], this.pass.prediction),
        term([letter("y")], inputs.y),
        html("div", { class: "nnx-term" }, formula(letter("L"), " ="), this.loss),
      ),
      backward: html(
        "div",
        { class: "nnx-row" },
        term([letter("\u03b4", "2")], this.pass.delta2),
        term([letter("\u03b4", "1")], this.pass.delta1),
      ),
    };
    /** @type {Record<string, {gradient: ShownMatrix, next: ShownMatrix}>} */
    this.steps = {};
    for (
      const [name, rows, columns]
        of /** @type {[string, number, number][]} */ ([["W1", 4, 2], ["b1", 4, 1], ["W2", 1, 4], [
          "b2",
          1,
          1,
        ]])
    ) {
      const words = inputs[name].element.caption?.textContent ?? "";
      const gradient = shownMatrix(`gradient of the ${words}`, rows, columns),
        next = shownMatrix(`${words} after the step`, rows, columns);
      this.steps[name] = { gradient, next };
      const part = (
        /** @type {import("../../drawing/formulas.mjs").Part[]} */ sign,
        /** @type {HTMLElement} */ element,
      ) => html("div", { class: "nnx-term" }, formula(...sign), element);
      this.rows[name] = html(
        "div",
        { class: "nnx-row" },
        part([letter(name[0], name[1]), " ="], inputs[name].element),
        part(["\u2202", letter("L"), "/\u2202", letter(name[0], name[1]), " ="], gradient.element),
        part([letter(name[0], name[1]), "(", letter("t"), "=1) ="], next.element),
      );
    }
    this.rows.check = html(
      "div",
      { class: "nnx-row" },
      html(
        "div",
        { class: "nnx-term" },
        formula(letter("y\u0302"), "(", letter("t"), "=1) ="),
        this.predicted.element,
      ),
      html(
        "div",
        { class: "nnx-term" },
        formula(letter("L"), "(", letter("t"), "=1) ="),
        this.after,
      ),
    );
    const title = (/** @type {string} */ text) => html("p", { class: "nnx-heading" }, text);
    const { forward, backward, check, ...parameters } = this.rows;
    this.element = html(
      "div",
      { class: "nnx-sheet", role: "group", "aria-label": "The sheet" },
      title("Forward, one column for each example"),
      forward,
      title("Backward"),
      backward,
      title("The step: each parameter, its gradient, and the parameter after the step"),
      ...Object.values(parameters),
      title("After the step"),
      check,
      html("p", { class: "nnx-legend" }, LETTERS),
    );
  }

  /** @param {Found} found @param {Moment | null} moment @param {Known} known */
  show({ forward, backward, after, again, lossAfter }, moment, known) {
    const [name, i, j] = (moment?.result ?? "..").split(".");
    const lit =
      (/** @type {string} */ one) => (/** @type {number} */ row, /** @type {number} */ column) =>
        one === name && (name.startsWith("new") || (row === Number(i) && column === Number(j)));
    const knows =
      (/** @type {string} */ one) => (/** @type {number} */ row, /** @type {number} */ column) =>
        known(one, row, column);
    this.pass.z1.show(forward.z[1], knows("a1"), lit("a1"));
    this.pass.a1.show(forward.a[1], knows("a1"), lit("a1"));
    this.pass.prediction.show(forward.prediction, knows("prediction"), lit("prediction"));
    this.pass.delta2.show(backward.deltas[2], knows("delta2"), lit("delta2"));
    this.pass.delta1.show(backward.deltas[1], knows("delta1"), lit("delta1"));
    for (const [parameter, { gradient, next }] of Object.entries(this.steps)) {
      const l = Number(parameter[1]), kind = parameter[0] === "W" ? "weights" : "biases";
      gradient.show(
        backward.gradients.layer(l)[kind],
        knows(`d${parameter}`),
        lit(`d${parameter}`),
      );
      next.show(after.layer(l)[kind], knows(`new${parameter}`), lit(`new${parameter}`));
    }
    const used = new Set(moment?.edges);
    for (const l of [1, 2]) {
      this.inputs[`W${l}`].light((row, column) => used.has(`${l}.${row}.${column}`));
    }
    for (const [row, element] of Object.entries(this.rows)) {
      element.classList.toggle("nnx-lit-row", moment?.row === row);
    }
    this._outcome(backward.loss, again.prediction, lossAfter, known);
  }

  /** @param {any} before @param {Matrix} predicted @param {any} lossAfter @param {Known} known */
  _outcome(before, predicted, lossAfter, known) {
    write(this.loss, known("loss", 0, 0) ? shown(before) : "\u00b7");
    write(this.after, known("after", 0, 0) ? shown(lossAfter) : "\u00b7");
    this.predicted.show(predicted, () => known("after", 0, 0));
  }
}
