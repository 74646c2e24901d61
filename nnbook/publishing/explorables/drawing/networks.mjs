/**
 * A network as a drawing: units as circles, weights on arrows, numbers at both.
 *
 * @typedef {{text: string, lit?: boolean, dim?: boolean}} Mark
 * @typedef {Mark & {below?: string, kind?: "forward" | "backward" | "plain"}} UnitMark
 * @typedef {Mark & {direction?: "forward" | "backward" | "none", title?: string}} EdgeMark
 */
import { svg } from "./elements.mjs";

const RAISED = 22, LEAST_ARROW = 40; // px: how far above an arrow a number stands, and where it does
const ABOVE = 9, HALF = 8; // px: how far above the units of a chain a number stands, and half its height
const MARGIN = 34, LEAST_GAP = 12; // px between two units side by side
// Where on the way to a layer of more units the numbers stand: far enough from the middle, where edges
// cross, and from the arrows' tips.
const TOWARD_MORE = 0.6, MIDDLE = 0.5;
const TIP = 9; // px that a level arrow's tip takes from a long number
const OUTSIDE = 5; // px of a unit's rim that a text below the unit does not reach to the left
const SMALL = 22; // px: in units of a smaller radius the type is smaller

/** The drawing of a network of dense layers. */
export class DrawnNetwork {
  /**
   * @param {string} name what is seen, in words
   * @param {readonly number[]} sizes inputs and units of each layer
   * @param {string} id of the page, which no other drawing has
   * @param {(l: number, i: number, j: number) => void} chosen called when a weight is pointed at and clicked
   * @param {{radius: number, apart: number}} [units] their size, and how far one is below the other, in px
   */
  constructor(name, sizes, id, chosen, { radius, apart } = { radius: 25, apart: 92 }) {
    this.sizes = sizes;
    this.widest = this.radius = radius;
    this.apart = apart;
    this.margin = MARGIN;
    this.element = svg("svg", { class: "nnx-network", role: "img", "aria-label": name });
    const tip = (/** @type {string} */ name) =>
      svg("marker", {
        id: `${id}-${name}`,
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 7,
        markerHeight: 7,
        orient: "auto-start-reverse",
        markerUnits: "userSpaceOnUse",
      }, svg("path", { d: "M0 0.5L8 4L0 7.5Z", class: `nnx-tip nnx-tip-${name}` }));
    this.tips = {
      plain: `url(#${id}-plain)`,
      forward: `url(#${id}-forward)`,
      backward: `url(#${id}-backward)`,
    };
    this.element.append(svg("defs", {}, tip("plain"), tip("forward"), tip("backward")));
    /** @type {{l: number, i: number, j: number, line: SVGLineElement, label: SVGTextElement, middle: number, isRaised: boolean, room: number, group: SVGGElement, name: SVGTitleElement}[]} */
    this.edges = [];
    sizes.slice(1).forEach((units, k) => {
      for (let i = 0; i < units; i++) {
        for (let j = 0; j < sizes[k]; j++) this._addEdge(k + 1, i, j, chosen);
      }
    });
    this.units = sizes.map((size, l) => Array.from({ length: size }, () => this._addUnit(l)));
    // Numbers stand above all lines.
    for (const edge of this.edges) this.element.append(edge.label);
    this.width = 0;
  }

  /** @param {number} l @param {number} i @param {number} j @param {(l: number, i: number, j: number) => void} chosen */
  _addEdge(l, i, j, chosen) {
    const name = svg("title"), line = svg("line", { class: "nnx-edge" });
    const label = svg("text", { class: "nnx-edge-label" });
    const group = svg("g", {}, name, line);
    for (const target of [group, label]) target.addEventListener("click", () => chosen(l, i, j));
    this.element.append(group);
    this.edges.push({ l, i, j, line, label, middle: 0, isRaised: false, room: 0, group, name });
  }

  /** @param {number} _l */
  _addUnit(_l) {
    const circle = svg("circle", { r: this.radius, class: "nnx-unit" });
    const text = svg("text", { class: "nnx-unit-text" }),
      below = svg("text", { class: "nnx-unit-below", y: this.radius + 15 });
    const group = svg("g", {}, circle, text, below);
    this.element.append(group);
    return { group, circle, text, below };
  }

  /** Whether numbers stand above a chain of units, whose arrows are too short for them. */
  get _isShortChain() {
    const isChain = Math.max(...this.sizes) === 1;
    return isChain && this.between - 2 * this.radius < LEAST_ARROW;
  }

  /** How far below the upper edge the uppermost units are, in px. */
  get _top() {
    return Math.max(MARGIN - 4, this._isShortChain ? this.radius + ABOVE + HALF : 0);
  }

  /** Where a unit is. @param {number} l @param {number} i @returns {[number, number]} */
  place(l, i) {
    const tallest = Math.max(...this.sizes);
    return [
      this.margin + this.between * l,
      this._top + this.apart * (i + (tallest - this.sizes[l]) / 2),
    ];
  }

  /** Fit the drawing into a width, in px, which may be rounded. @param {number} width */
  resize(width) {
    const whole = Math.floor(width - 0.5); // never wider than its place: all would be made smaller
    if (whole < 1 || whole === this.width) return;
    this.width = width = whole;
    this._shrink();
    const height = this._top + MARGIN + 16 + this.apart * (Math.max(...this.sizes) - 1);
    for (
      const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })
    ) {
      this.element.setAttribute(name, String(value));
    }
    this.units.forEach((layer, l) =>
      layer.forEach(({ group }, i) =>
        group.setAttribute("transform", `translate(${this.place(l, i).join(" ")})`)
      )
    );
    for (const edge of this.edges) {
      const { l, i, j, line, label } = edge;
      const [x1, y1] = this.place(l - 1, j), [x2, y2] = this.place(l, i);
      const length = Math.hypot(x2 - x1, y2 - y1);
      const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
      const ends = {
        x1: x1 + this.radius * dx,
        y1: y1 + this.radius * dy,
        x2: x2 - this.radius * dx,
        y2: y2 - this.radius * dy,
      };
      for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value.toFixed(1));
      // Numbers stand where the edges are apart: nearer to the layer with more units. A short arrow
      // would be covered by its number, which stands above it.
      const isShort = length - 2 * this.radius < LEAST_ARROW;
      const share = !isShort && this.sizes[l - 1] <= this.sizes[l] ? TOWARD_MORE : MIDDLE;
      edge.middle = x1 + share * (x2 - x1);
      edge.isRaised = isShort;
      edge.room = this.radius + (y1 === y2 ? TIP : 0);
      const raised = this._isShortChain ? this.radius + ABOVE : isShort ? RAISED : 0;
      label.setAttribute("y", (y1 + share * (y2 - y1) - raised).toFixed(1));
    }
    this._settle();
  }

  /** Make the units small enough for the width: they do not touch each other. */
  _shrink() {
    const steps = this.sizes.length - 1;
    this.radius = this.widest;
    this.margin = MARGIN;
    if (this.between < 2 * this.radius + LEAST_GAP) {
      this.radius = Math.max(10, (this.width - 4 - steps * LEAST_GAP) / (2 * steps + 2));
      this.margin = this.radius + 2;
    }
    this.element.classList.toggle("nnx-small", this.radius < SMALL);
    for (const { circle, below } of this.units.flat()) {
      circle.setAttribute("r", String(this.radius));
      below.setAttribute("y", String(this.radius + 15));
    }
  }

  /** How far apart two layers are, in px. */
  get between() {
    return (this.width - 2 * this.margin) / (this.sizes.length - 1);
  }

  /** Return by how much a text below a unit moves: no edge of the drawing cuts it off, and the numbers on the arrows to the unit have their room. @param {number} l @param {SVGTextElement} text */
  _aside(l, text) {
    const half = text.getComputedTextLength() / 2, isLast = l === this.sizes.length - 1;
    if (l && !isLast) {
      return this.sizes[l] > 1 ? Math.max(0, half - (this.radius - OUTSIDE)) : 0;
    }
    const over = Math.max(0, half + 2 - this.margin);
    return isLast ? -over : over;
  }

  /** Put texts to where there is room for their length, which they have on the page only. */
  _settle() {
    this.units.forEach((layer, l) => {
      for (const { below } of layer) below.setAttribute("x", String(this._aside(l, below)));
    });
    for (const { l, i, label, middle, isRaised, room } of this.edges) {
      const half = label.textContent ? label.getComputedTextLength() / 2 : 0;
      const most = this.place(l, i)[0] - room - half; // a long number does not reach a unit
      label.setAttribute("x", (isRaised ? middle : Math.min(middle, most)).toFixed(1));
    }
  }

  /** Show numbers. @param {(l: number, i: number) => UnitMark} unit @param {(l: number, i: number, j: number) => EdgeMark} edge */
  show(unit, edge) {
    this.units.forEach((layer, l) =>
      layer.forEach((drawn, i) => {
        const { text, below = "", lit = false, dim = false, kind = "plain" } = unit(l, i);
        drawn.text.textContent = text;
        drawn.below.textContent = below;
        drawn.text.classList.toggle("nnx-long", text.length > 4);
        drawn.text.classList.toggle("nnx-longer", text.length > 5);
        drawn.group.setAttribute(
          "class",
          `nnx-of-${kind}${lit ? " nnx-is-lit" : ""}${dim ? " nnx-is-dim" : ""}`,
        );
      })
    );
    for (const drawn of this.edges) {
      const { text, lit = false, dim = false, direction = "none", title = "" } = edge(
        drawn.l,
        drawn.i,
        drawn.j,
      );
      drawn.label.textContent = text;
      drawn.name.textContent = title;
      const state = `nnx-of-${direction}${lit ? " nnx-is-lit" : ""}${dim ? " nnx-is-dim" : ""}`;
      drawn.group.setAttribute("class", state);
      drawn.label.setAttribute("class", `nnx-edge-label ${state}`);
      const tip = direction === "none" ? "" : dim && !lit ? this.tips.plain : this.tips[direction];
      drawn.line.setAttribute("marker-end", direction === "forward" ? tip : "");
      drawn.line.setAttribute("marker-start", direction === "backward" ? tip : "");
    }
    this._settle();
  }
}
