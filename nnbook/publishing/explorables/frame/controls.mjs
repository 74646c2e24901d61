/**
 * The controls of fields: number fields with and without a slider, choices, matrices of fields.
 *
 * @typedef {import("../engine/arrays.mjs").Matrix} Matrix
 * @typedef {import("../engine/fractions.mjs").Entry} Entry
 * @typedef {import("./fields.mjs").NumberField} NumberField
 * @typedef {import("./fields.mjs").ChoiceField} ChoiceField
 * @typedef {import("./fields.mjs").MatrixField} MatrixField
 * @typedef {import("./fields.mjs").SetField} SetField
 * @typedef {(value: any) => void} Set
 * @typedef {(problem: string) => void} Tell
 */
import { bracketed } from "../drawing/matrices.mjs";
import { html } from "../drawing/elements.mjs";
import { inWords } from "../drawing/numbers.mjs";

let count = 0;

/** A text field for a number; the arrow keys move it by a step. */
export class NumberInput {
  /** @param {NumberField} field @param {string} label @param {Set} set @param {Tell} tell */
  constructor(field, label, set, tell) {
    this.field = field;
    this.set = set;
    this.tell = tell;
    /** @type {Entry} */
    this.value = field.from;
    this.element = html("input", {
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      spellcheck: "false",
      class: "nnx-number",
      "aria-label": label,
    });
    this.element.addEventListener("input", () => this._typed());
    this.element.addEventListener("change", () => this._left());
    this.element.addEventListener("keydown", (event) => this._pressed(event));
  }

  /** Show a number; a long one makes the field wider, so that it is not cut off to another number. @param {Entry} value */
  _write(value) {
    const text = inWords(value);
    this.element.value = text;
    this.element.style.setProperty("--nnx-length", String(text.length));
  }

  /** Follow each number that is possible while it is typed. */
  _typed() {
    const found = this.field.number(this.element.value);
    const valid = found !== null && this.field.within(found) === found;
    this.element.setAttribute("aria-invalid", String(!valid));
    if (!valid) return;
    this.value = found;
    this.tell("");
    this.set(found);
  }

  /** Say what was impossible, and show what holds instead. */
  _left() {
    const { value, problem } = this.field.read(this.element.value, this.value);
    this.element.removeAttribute("aria-invalid");
    this.value = value;
    this._write(value);
    this.element.classList.toggle("nnx-mended", Boolean(problem));
    this.set(value);
    this.tell(problem);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    this._write(this.field.moved(this.value, steps));
    this._typed();
  }

  /** @param {Entry} value */
  show(value) {
    this.value = value;
    if (
      document.activeElement === this.element &&
      Number(this.field.number(this.element.value)) === Number(value)
    ) return;
    this._write(value);
    this.element.removeAttribute("aria-invalid");
    this.element.classList.remove("nnx-mended");
  }
}

/** A slider beside a number field. */
export class SliderInput {
  /** @param {NumberField} field @param {Set} set @param {Tell} tell */
  constructor(field, set, tell) {
    const id = `nnx-${++count}`;
    this.field = field;
    this.number = new NumberInput(field, `${field.label}, as a number`, set, tell);
    this.range = html("input", {
      type: "range",
      id,
      min: this._place(field.from),
      max: this._last(),
      step: Number(field.step),
    });
    // Sliders have no notion of fractions: the nearest stop says which one is meant.
    this.range.addEventListener("input", () => {
      const place = Number(this.range.value);
      set(field.nearest(field.log ? 10 ** place : place));
    });
    const symbol = field.symbol ? html("i", {}, field.symbol) : null;
    const label = html("label", { for: id }, `${field.label} `, symbol);
    this.element = html("div", { class: "nnx-slider" }, label, this.range, this.number.element);
  }

  /** Where a value is on the slider. @param {Entry} value */
  _place(value) {
    return this.field.log ? Math.log10(Number(value)) : Number(value);
  }

  /** The last stop; on a logarithmic slider the first beyond the bound, so that the bound can be reached. */
  _last() {
    const [from, to] = [this.field.from, this.field.to].map((end) => this._place(end));
    if (!this.field.log) return to;
    const step = Number(this.field.step);
    return from + step * Math.ceil((to - from) / step - 1e-9);
  }

  /** @param {Entry} value */
  show(value) {
    this.number.show(value);
    this.range.value = String(this._place(value));
    this.range.setAttribute("aria-valuetext", inWords(value));
  }
}

/** A list to choose from. */
export class ChoiceInput {
  /** @param {ChoiceField} field @param {Set} set */
  constructor(field, set) {
    const id = `nnx-${++count}`;
    const options = Object.entries(field.options).map(([value, name]) =>
      html("option", { value }, name)
    );
    this.select = html("select", { id }, ...options);
    this.select.addEventListener("change", () => set(this.select.value));
    this.element = html(
      "div",
      { class: "nnx-choice" },
      html("label", { for: id }, field.label),
      this.select,
    );
  }

  /** @param {string} value */
  show(value) {
    this.select.value = value;
  }
}

/** Boxes to tick. */
export class SetInput {
  /** @param {SetField} field @param {Set} set @param {Tell} tell @param {(name: string) => import("../drawing/elements.mjs").Child} [sign] shown before the name */
  constructor(field, set, tell, sign = () => null) {
    this.boxes = Object.keys(field.options).map((value) =>
      html("input", { type: "checkbox", value })
    );
    for (const box of this.boxes) {
      box.addEventListener("change", () => {
        const chosen = this.boxes.filter((one) => one.checked).map((one) => one.value);
        const { problem } = field.read(chosen.join(","), [box.value]);
        if (problem) box.checked = true;
        else set(chosen);
        tell(problem);
      });
    }
    const labels = this.boxes.map((box) =>
      html("label", {}, box, sign(box.value), field.options[box.value])
    );
    this.element = html(
      "fieldset",
      { class: "nnx-set" },
      html("legend", {}, field.label),
      ...labels,
    );
  }

  /** @param {readonly string[]} value */
  show(value) {
    for (const box of this.boxes) box.checked = value.includes(box.value);
  }
}

/** A matrix of number fields. */
export class MatrixInput {
  /** @param {MatrixField} field @param {(value: Matrix) => void} set @param {Tell} tell @param {(row: number, column: number) => string} name */
  constructor(field, set, tell, name) {
    /** @type {Matrix | null} */
    this.value = null;
    this.inputs = Array.from(
      { length: field.rows },
      (_, i) =>
        Array.from(
          { length: field.columns },
          (_, j) =>
            new NumberInput(field.entry, name(i, j), (entry) => {
              if (this.value) {
                set(field.replaced(this.value, i, j, entry));
              }
            }, (problem) => tell(problem.replace(field.entry.label, name(i, j)))),
        ),
    );
    this.cells = this.inputs.map((row) => row.map((input) => html("td", {}, input.element)));
    this.element = bracketed(field.label, this.cells);
  }

  /** @param {Matrix} value */
  show(value) {
    this.value = value;
    this.inputs.forEach((row, i) => row.forEach((input, j) => input.show(value.at(i, j))));
  }

  /** @param {(row: number, column: number) => boolean} isLit */
  light(isLit) {
    this.cells.forEach((row, i) =>
      row.forEach((cell, j) => cell.classList.toggle("nnx-lit", isLit(i, j)))
    );
  }

  /** @param {number} row @param {number} column */
  focus(row, column) {
    this.inputs[row][column].element.focus();
    this.inputs[row][column].element.select();
  }
}

/** Return a button. @param {string} text @param {() => void} pressed @param {import("../drawing/elements.mjs").Attributes} [attributes] */
export function button(text, pressed, attributes = {}) {
  const element = html("button", { type: "button", ...attributes }, text);
  const isOff = () => element.getAttribute("aria-disabled") === "true";
  element.addEventListener("click", () => isOff() || pressed());
  element.addEventListener("blur", () => (element.disabled = isOff()));
  return element;
}

/** Say whether a button can be pressed. One that cannot any more keeps the focus until it is left: who has pressed it goes on from there. @param {HTMLButtonElement} element @param {boolean} isEnabled */
export function enable(element, isEnabled) {
  element.setAttribute("aria-disabled", String(!isEnabled));
  if (isEnabled || element !== document.activeElement) element.disabled = !isEnabled;
}
