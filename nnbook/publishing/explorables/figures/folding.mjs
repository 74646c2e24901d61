/**
 * Folding: layers of two ReLU units fold a strip, stretch it or not, and its straight pieces are counted.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./folding/folds.mjs").Corner} Corner
 * @typedef {import("./folding/folds.mjs").Count} Count
 */
import { across, Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { decimal, shown } from "../drawing/numbers.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { button, ChoiceInput, enable, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField } from "../frame/fields.mjs";
import { onWidth } from "../frame/watching.mjs";
import { countOf, KINDS, MOST_LAYERS, stripsOf, wayOf } from "./folding/folds.mjs";
import { showCounts, showOutput, showStrip } from "./folding/pictures.mjs";
import { inOneLayer, told, written } from "./folding/words.mjs";

const fields = {
  kind: new ChoiceField("After a fold the strip", KINDS),
  layers: new NumberField("Hidden layers", {
    from: "0",
    to: String(MOST_LAYERS),
    step: "1",
    whole: true,
  }),
  crease: new NumberField("Crease at", { from: "1/2", to: "9/10", step: "1/20" }),
  x: new NumberField("Input x", { from: "0", to: "1", step: "1/64" }),
};

const LEGEND =
  "Output: the thin line is that of one layer less. Strip: seen from the side, its pieces one above the other. The point is the input x on its way. In one layer: the most pieces that as many units in total make in a single hidden layer. Crease: as a share of the strip.";

/** @param {Tools} tools */
function view({ state, set, tell }) {
  const settings = {
    kind: new ChoiceInput(fields.kind, (kind) => set({ kind })),
    layers: new SliderInput(fields.layers, (layers) => set({ layers }), tell),
    crease: new SliderInput(fields.crease, (crease) => set({ crease }), tell),
    x: new SliderInput(fields.x, (x) => set({ x }), tell),
  };
  const output = new Panel("Output against input", 0.75);
  const strip = new Panel("The folded strip from the side", 0.75);
  const numbers = new Panel("Pieces and steepest slope against hidden layers", 0.32, 96);
  output.onDrag((x) => set({ x: fields.x.nearest(x) }), "x");
  numbers.onDrag((layers) => set({ layers: fields.layers.nearest(layers) }), "x");
  explain(output, (x) => {
    const { kind, crease, layers } = state(), at = fields.x.nearest(x);
    const way = wayOf({ kind, crease }, at, Number(layers));
    return `x = ${shown(at)}, output ${shown(way[way.length - 1])}`;
  });
  explain(numbers, (at) => {
    const layers = Math.min(MOST_LAYERS, Math.max(0, Math.round(at)));
    const { pieces, most } = counts[layers];
    return `${layers} layers: ${pieces} pieces\none layer: at most ${
      inOneLayer(layers)
    }\nsteepest slope ${decimal(most)}`;
  });
  const steps = [1, -1].map((step) =>
    button(
      step > 0 ? "Fold once more" : "Unfold",
      () => set({ layers: fields.layers.moved(state().layers, step) }),
    )
  );
  const words = html("p", { class: "nnx-happens" }), units = html("p", {});
  const element = html(
    "div",
    { class: "nnx-folding" },
    html("div", { class: "nnx-settings" }, settings.kind.element),
    html("div", { class: "nnx-settings" }, settings.crease.element, settings.x.element),
    html(
      "div",
      { class: "nnx-settings nnx-walk" },
      html("div", { class: "nnx-buttons" }, ...steps),
      settings.layers.element,
    ),
    html("div", { class: "nnx-plots" }, output.element, strip.element, across(numbers)),
    words,
    units,
    html("p", { class: "nnx-legend" }, LEGEND),
  );
  onWidth(element, () => show(state()));

  let folded = "";
  /** @type {Corner[][]} */
  let strips = [];
  /** @type {Count[]} */
  let counts = [];

  /** @param {State} now */
  function show(now) {
    for (const [name, one] of Object.entries(settings)) one.show(now[name]);
    const { kind, crease } = now, layers = Number(now.layers);
    if (folded !== `${kind} ${crease}`) {
      folded = `${kind} ${crease}`;
      strips = stripsOf({ kind, crease });
      counts = strips.map(countOf);
    }
    const way = wayOf({ kind, crease }, now.x, layers);
    const text = told(counts, layers, way);
    write(words, text);
    write(units, layers ? written({ kind, crease }, layers, way[layers - 1], way[layers]) : "");
    enable(steps[0], layers < MOST_LAYERS);
    enable(steps[1], layers > 0);
    if (element.clientWidth) {
      const [x, y] = [Number(now.x), Number(way[layers])];
      showOutput(output, strips, layers, x, y);
      showStrip(strip, strips[layers], x, y);
      showCounts(numbers, counts, layers);
    }
    return text;
  }
  return { element, show };
}

register("folding", { fields, view });
