/**
 * A panel with axes, in the style of the book's figures: a faint grid, and no more frame than needed.
 *
 * @typedef {{kind?: "linear" | "log", values: readonly [number, number], label: string, ticks?: number}} Axis
 */
import { html, svg } from "./elements.mjs";
import { decimal, powerOfTen } from "./numbers.mjs";
import { Scale } from "./scales.mjs";

export const LEFT = 58;
const BOTTOM = 42, TOP = 8, RIGHT = 10, LEAST = 150; // px
const LETTER = 7; // px: no label has wider ones in the mean

let count = 0;

/** Return how a tick is labelled: powers of ten as such. @param {Scale} scale @param {number} value */
function label(scale, value) {
  if (scale.kind !== "log" || (value >= 0.01 && value <= 100)) return decimal(value);
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-9
    ? powerOfTen(Math.round(power))
    : decimal(value);
}

/** A panel; `below` and `above` hold what is drawn, cut off at its edges. */
export class Panel {
  /** @param {string} name what is seen, in words @param {number} ratio height of the panel over its width @param {number} [right] room at the right, in px @param {number} [left] room at the left */
  constructor(name, ratio, right = RIGHT, left = LEFT) {
    this.ratio = ratio;
    this.right = right;
    this.left = left;
    this.width = 0;
    this._drawn = "";
    const clip = `nnx-clip-${++count}`;
    this._clip = svg("rect");
    this._axes = svg("g", { class: "nnx-axes" });
    this.below = svg("g", { "clip-path": `url(#${clip})` });
    this.above = svg("g", { "clip-path": `url(#${clip})` });
    this.labels = svg("g", { class: "nnx-labels" });
    this.svg = svg(
      "svg",
      { role: "img", "aria-label": name, class: "nnx-panel-drawing" },
      svg("defs", {}, svg("clipPath", { id: clip }, this._clip)),
      this.below,
      this._axes,
      this.above,
      this.labels,
    );
    this.element = html("div", { class: "nnx-plot" }, this.svg);
    this.x = this.y = new Scale("linear", [0, 1], [0, 1]);
  }

  /** Draw the axes, as wide as the panel is now, unless they stand there. @param {Axis} x @param {Axis} y */
  draw(x, y) {
    const drawn = JSON.stringify([x, y, this.ratio, this.left, this.element.clientWidth]);
    if (drawn === this._drawn) return;
    this._drawn = drawn;
    this.width = Math.max(200, this.element.clientWidth);
    const width = this.width,
      left = this.left,
      height = Math.max(LEAST, Math.round((width - left - this.right) * this.ratio)) + TOP + BOTTOM;
    for (
      const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })
    ) this.svg.setAttribute(name, String(value));
    this.x = new Scale(x.kind ?? "linear", x.values, [left, width - this.right]);
    this.y = new Scale(y.kind ?? "linear", y.values, [height - BOTTOM, TOP]);
    for (
      const [name, value] of Object.entries({
        x: left,
        y: TOP,
        width: width - left - this.right,
        height: height - TOP - BOTTOM,
      })
    ) {
      this._clip.setAttribute(name, String(value));
    }
    const across = this.x.ticks(x.ticks ?? 5), up = this.y.ticks(y.ticks ?? 5);
    const name = svg("text", { y: height - 8, "text-anchor": "middle" }, x.label);
    this._axes.replaceChildren(
      ...across.map((value) =>
        svg("path", { class: "nnx-grid", d: `M${this.x.place(value)} ${TOP}V${height - BOTTOM}` })
      ),
      ...up.map((value) =>
        svg("path", {
          class: "nnx-grid",
          d: `M${left} ${this.y.place(value)}H${width - this.right}`,
        })
      ),
      svg("path", {
        class: "nnx-axis",
        d: `M${left} ${TOP}V${height - BOTTOM}H${width - this.right}`,
      }),
      ...across.map((value) =>
        svg(
          "text",
          { x: this.x.place(value), y: height - BOTTOM + 14, "text-anchor": "middle" },
          label(this.x, value),
        )
      ),
      ...up.map((value) =>
        svg(
          "text",
          { x: left - 6, y: this.y.place(value), "text-anchor": "end" },
          label(this.y, value),
        )
      ),
      name,
      svg("text", {
        transform: `translate(11 ${(TOP + height - BOTTOM) / 2}) rotate(-90)`,
        "text-anchor": "middle",
      }, y.label),
    );
    // Below the middle of the axis, and inside of the picture where it may be longer than the axis.
    const middle = (left + width - this.right) / 2;
    const isLong = x.label.length * LETTER > width - left - this.right;
    const half = isLong ? name.getComputedTextLength() / 2 + 1 : 0;
    name.setAttribute("x", String(Math.max(half, Math.min(width - half, middle))));
  }

  /** Return the numbers under the pointer. @param {PointerEvent} event @returns {[number, number]} */
  pointed(event) {
    const box = this.svg.getBoundingClientRect();
    return [
      this.x.value((event.clientX - box.left) * this.width / box.width),
      this.y.value((event.clientY - box.top) * this.width / box.width),
    ];
  }

  /** Follow the pointer while it is pressed, in both directions or along x only: then a finger still scrolls the page. @param {(x: number, y: number) => void} moved @param {"xy" | "x"} directions */
  onDrag(moved, directions = "xy") {
    const isSideways = directions === "x";
    /** @type {PointerEvent | null} */
    let begun = null; // by a finger that may be about to scroll
    const follow = (/** @type {PointerEvent} */ event) => {
      if (!this.svg.hasPointerCapture(event.pointerId)) return;
      const [across, up] = begun
        ? [event.clientX - begun.clientX, event.clientY - begun.clientY].map(Math.abs)
        : [0, 0];
      if (across < up) return;
      if (across) begun = null;
      moved(...this.pointed(event));
    };
    this.svg.classList.add("nnx-draggable");
    this.svg.classList.toggle("nnx-sideways", isSideways);
    this.svg.addEventListener("pointerdown", (event) => {
      this.svg.setPointerCapture(event.pointerId);
      begun = isSideways && event.pointerType === "touch" ? event : null;
      if (!begun) follow(event);
    });
    this.svg.addEventListener("pointermove", follow);
    this.svg.addEventListener("pointerup", follow);
  }
}

/** Return the element of a panel that is as wide as all others together. @param {Panel} panel */
export function across({ element }) {
  element.classList.add("nnx-across");
  return element;
}
