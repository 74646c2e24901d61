/**
 * Matrices in brackets, whose columns keep their width while the numbers change.
 *
 * @typedef {import("../engine/arrays.mjs").Matrix} Matrix
 * @typedef {import("../engine/fractions.mjs").Entry} Entry
 */
import { shown } from "./numbers.mjs";
import { html, write } from "./elements.mjs";

/** A matrix that shows numbers; each entry can be lit up or left open. */
export class ShownMatrix {
  /** @param {string} name in words @param {number} rows @param {number} columns */
  constructor(name, rows, columns) {
    this.cells = Array.from(
      { length: rows },
      () => Array.from({ length: columns }, () => html("td")),
    );
    this.element = bracketed(name, this.cells);
  }

  /**
   * Show the entries of a matrix; those that are not known yet stay open.
   *
   * @param {Matrix} values
   * @param {(row: number, column: number) => boolean} isKnown
   * @param {(row: number, column: number) => boolean} [isLit]
   */
  show(values, isKnown, isLit = () => false) {
    this.cells.forEach((row, i) =>
      row.forEach((cell, j) => {
        write(cell, isKnown(i, j) ? shown(values.at(i, j)) : "\u00b7");
        cell.classList.toggle("nnx-open", !isKnown(i, j));
        cell.classList.toggle("nnx-lit", isLit(i, j));
      })
    );
  }
}

/** Return cells as a table between brackets. @param {string} name @param {readonly (readonly HTMLTableCellElement[])[]} cells */
export function bracketed(name, cells) {
  const rows = cells.map((row) => html("tr", {}, ...row));
  return html(
    "table",
    { class: "nnx-matrix" },
    html("caption", { class: "nnx-unseen" }, name),
    html("tbody", {}, ...rows),
  );
}
