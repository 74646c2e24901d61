/**
 * The place to draw: with a pointer, or by keyboard from point to point.
 *
 * @typedef {import("./strokes.mjs").Strokes} Strokes
 * @typedef {import("./strokes.mjs").Point} Point
 */
import { html, svg, write } from "../../drawing/elements.mjs";
import { countOf, GRID, MOST, withoutPoint, withPoint } from "./strokes.mjs";

const STEP = 2; // of the grid: a pixel of the image
const FAST = 5; // pixels
const LEAST = 1.5; // of the grid, between two points of a pointer

const KEYS =
  "Mouse, finger or keys: arrows move (with Shift five pixels), Space sets a point, Enter a stroke\u2019s last, Backspace takes one back.";

/** @type {Record<string, Point>} */
const ARROWS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** The pad; what is drawn goes to `set`, and what is not possible to `tell`. */
export class Pad {
  /** @param {(strokes: Strokes) => void} set @param {(problem: string) => void} tell @param {readonly HTMLElement[]} buttons below the pad */
  constructor(set, tell, buttons) {
    this._set = set;
    this._tell = tell;
    /** @type {Strokes} */
    this._strokes = [];
    /** @type {Point} */
    this._cursor = [GRID / 2, GRID / 2];
    this._isOn = false; // whether the next point belongs to the last stroke
    this._lines = svg("g", { class: "nnx-strokes" });
    this._next = svg("path", { class: "nnx-next" });
    this._cross = svg("path", { class: "nnx-cursor", d: "M-2.5 0H2.5M0 -2.5V2.5" });
    this._svg = svg(
      "svg",
      {
        viewBox: `-2 -2 ${GRID + 3} ${GRID + 3}`,
        role: "application",
        tabindex: 0,
        "aria-label": "Draw a digit here",
        "aria-describedby": "nnx-pad-keys",
        class: "nnx-pad",
      },
      this._lines,
      this._next,
      this._cross,
    );
    this._said = html("p", { role: "status", class: "nnx-legend nnx-walk" });
    this.element = html(
      "div",
      { class: "nnx-drawing" },
      this._svg,
      html("div", { class: "nnx-buttons nnx-walk" }, ...buttons),
      html("p", { id: "nnx-pad-keys", class: "nnx-legend nnx-walk nnx-keys" }, KEYS),
      this._said,
    );
    this._svg.addEventListener("keydown", (event) => this._pressed(event));
    this._svg.addEventListener("pointerdown", (event) => this._touched(event));
    this._svg.addEventListener("pointermove", (event) => this._drawn(event));
  }

  /** @param {Strokes} strokes */
  show(strokes) {
    if (strokes !== this._strokes) this._isOn = false; // a preset, say, took its place
    this._strokes = strokes;
    this._lines.replaceChildren(...strokes.map((stroke) =>
      // A single point is a line of no length, which has round ends all the same.
      svg("path", { d: `M${[...stroke, stroke[stroke.length - 1]].map(String).join("L")}` })
    ));
    this._placed();
  }

  /** Show where the cursor is, and the line that the next point would draw. */
  _placed() {
    this._cross.setAttribute("transform", `translate(${this._cursor.join(" ")})`);
    const last = this._strokes[this._strokes.length - 1];
    const from = this._isOn && last ? last[last.length - 1] : this._cursor;
    this._next.setAttribute("d", `M${from}L${this._cursor}`);
  }

  /** @param {Point} point */
  _add(point) {
    if (countOf(this._strokes) >= MOST) {
      this._isOn = false;
      this._tell(`A drawing has at most ${MOST} points. Take some back, or clear it.`);
      return;
    }
    this._tell("");
    this._change(withPoint(this._strokes, point, this._isOn), true);
  }

  /** @param {Strokes} strokes @param {boolean} isOn */
  _change(strokes, isOn) {
    this._strokes = strokes;
    this._isOn = isOn;
    this._set(strokes);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const arrow = ARROWS[event.key], isDraw = event.key === " " || event.key === "Enter";
    if (!arrow && !isDraw && event.key !== "Backspace") return;
    event.preventDefault();
    let done = "";
    if (arrow) {
      const fast = event.shiftKey ? FAST : 1;
      this._cursor = within(this._cursor[0] + fast * arrow[0], this._cursor[1] + fast * arrow[1]);
    } else if (isDraw) {
      this._add(this._cursor);
      if (event.key === "Enter") this._isOn = false;
      done = this._isOn ? "A point is set, the stroke goes on. " : "The stroke ends. ";
    } else {
      this._change(withoutPoint(this._strokes), this._isOn && this._strokes.length > 0);
      done = "A point is taken back. ";
    }
    this._placed();
    const [column, row] = this._cursor.map((place) => place / STEP + 1);
    write(this._said, `${done}Cursor: column ${column}, row ${row}.`);
  }

  /** @param {PointerEvent} event */
  _touched(event) {
    if (!event.isPrimary || event.button) return;
    this._svg.setPointerCapture(event.pointerId);
    this._isOn = false;
    this._add(this._pointed(event));
  }

  /** @param {PointerEvent} event */
  _drawn(event) {
    if (!event.isPrimary || !this._isOn || !this._svg.hasPointerCapture(event.pointerId)) return;
    const last = this._strokes[this._strokes.length - 1] ?? [];
    const [x, y] = this._pointed(event), [before] = last.slice(-1);
    if (before && Math.hypot(x - before[0], y - before[1]) >= LEAST) this._add([x, y]);
  }

  /** @param {PointerEvent} event @returns {Point} */
  _pointed(event) {
    const place = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(this._svg.getScreenCTM()?.inverse());
    return this._cursor = within(Math.round(place.x), Math.round(place.y));
  }
}

/** Return the nearest point of the grid. @param {number} x @param {number} y @returns {Point} */
function within(x, y) {
  const nearest = (/** @type {number} */ place) => Math.min(GRID - 1, Math.max(0, place));
  return [nearest(x), nearest(y)];
}
