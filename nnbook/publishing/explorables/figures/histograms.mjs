/**
 * Batch normalization: histograms of what the layers of a random network receive and pass on, while
 * the scale of the weights and the normalization are switched.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./histograms/layers.mjs").Measured} Measured
 * @typedef {import("./histograms/layers.mjs").Over} Over
 * @typedef {import("./histograms/layers.mjs").Setting} Setting
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { decimal } from "../drawing/numbers.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ACTIVATIONS, ChoiceField, NumberField } from "../frame/fields.mjs";
import { latest } from "../frame/latest.mjs";
import { digitsOf } from "../frame/packed.mjs";
import { onWidth } from "../frame/watching.mjs";
import {
  flatShareOf,
  measured,
  momentsOf,
  networkOf,
  sharesOf,
  UNITS,
  weightsOf,
} from "./histograms/layers.mjs";
import { CLASSES, OVERS, rangeOf, showGradients, showHistograms } from "./histograms/pictures.mjs";
import { told } from "./histograms/words.mjs";

const IMAGES = 100, SEEDS = 9999;
const LABELS = 92; // px, beside the gradients

const fields = {
  over: new ChoiceField("Normalization", OVERS),
  activation: new ChoiceField("Activation", ACTIVATIONS),
  depth: new NumberField("Hidden layers", { from: "1", to: "10", step: "1", whole: true }),
  scale: new NumberField("Scale of the weights", {
    from: "0.1",
    to: "20",
    step: "0.05",
    log: true,
    symbol: "c",
  }),
  bias: new NumberField("Bias of all units", { from: "-5", to: "5", step: "0.5" }),
  images: new NumberField("Images in the batch", {
    from: "2",
    to: String(IMAGES),
    step: "1",
    whole: true,
  }),
  seed: new NumberField("Seed", { from: "1", to: String(SEEDS), step: "1", whole: true }),
};

const LEGEND =
  `Each layer has its histogram, ${UNITS} units times the images, turned upright; the wider it is at a value, the more values are there (by the root of their share, so that rare ones are seen). Received: what the activation is applied to. At scale 1 the hidden weights have LeCun\u2019s size. Vertical axes reach farther where the values do. Gradient: by the weights of each layer; 0 has no line.`;

/** What the three panels with histograms show. */
const SHOWN = /** @type {const} */ ({
  sums: "received",
  activations: "activation",
  slopes: "slope",
});

/** @param {Tools} tools */
function view({ state, set, tell, facts }) {
  const slider = (/** @type {"depth" | "scale" | "bias" | "images" | "seed"} */ name) =>
    new SliderInput(fields[name], (value) => set({ [name]: value }), tell);
  const settings = {
    over: new ChoiceInput(fields.over, (over) => set({ over })),
    activation: new ChoiceInput(fields.activation, (activation) => set({ activation })),
    depth: slider("depth"),
    scale: slider("scale"),
    bias: slider("bias"),
    images: slider("images"),
    seed: slider("seed"),
  };
  const names = /** @type {(keyof typeof SHOWN)[]} */ (Object.keys(SHOWN));
  const panels = names.map((name) => {
    const panel = new Panel(`Histograms of each layer: ${SHOWN[name]}`, 0.62);
    explain(panel, (layer, value) => sharesAt(name, Math.round(layer), value));
    return panel;
  });
  const gradients = new Panel("Norm of the gradient of each layer", 0.62, LABELS);
  explain(gradients, (layer) => {
    const l = Math.round(layer);
    const lines = Object.entries(found).map(([name, one]) =>
      `${OVERS[/** @type {Over} */ (name)]}: ${decimal(one.gradients[l - 1])}`
    );
    return [`layer ${l}`, ...lines].join("\n");
  });
  const again = button(
    "Draw other weights",
    () => set({ seed: new Fraction(Number(state().seed) % SEEDS + 1) }),
  );
  const words = html("p", { class: "nnx-happens" });
  const row = (/** @type {(keyof typeof settings)[]} */ ...names) =>
    html("div", { class: "nnx-settings" }, ...names.map((name) => settings[name].element));
  const element = html(
    "div",
    { class: "nnx-histograms" },
    row("over", "activation"),
    row("scale", "depth"),
    row("images", "bias"),
    html(
      "div",
      { class: "nnx-plots" },
      ...panels.map((panel) => panel.element),
      gradients.element,
    ),
    words,
    html("p", { class: "nnx-legend" }, `${LEGEND} Digits: ${facts.digits.source}.`),
    html("div", { class: "nnx-settings nnx-walk" }, again, settings.seed.element),
  );
  onWidth(element, () => show(state()));

  /** What is measured with each normalization, at the same weights. */
  const measuredOf = latest((/** @type {Setting} */ setting, /** @type {number} */ images) => {
    const batch = digitsOf(facts.digits, 0, images), weights = weightsOf(setting, batch);
    return /** @type {Record<Over, Measured>} */ (Object.fromEntries(
      Object.keys(OVERS).map((over) => [
        over,
        measured(networkOf(weights, { ...setting, over: /** @type {Over} */ (over) }), batch),
      ]),
    ));
  });
  /** @type {Record<Over, Measured>} */
  let found;

  /** @param {keyof typeof SHOWN} name @param {number} layer @param {number} value */
  function sharesAt(name, layer, value) {
    const { over, activation } = state(), values = found[/** @type {Over} */ (over)][name];
    const range = rangeOf(name, activation, values), [low, high] = range;
    const place = Math.floor((value - low) / (high - low) * CLASSES);
    if (!values[layer - 1] || place < 0 || place >= CLASSES) return "";
    const [from, to] = [place, place + 1].map((n) => low + n * (high - low) / CLASSES);
    const share = sharesOf(values[layer - 1], range, CLASSES)[place];
    return `layer ${layer}\n${decimal(Number(from.toPrecision(3)))} to ${
      decimal(Number(to.toPrecision(3)))
    }: ${(100 * share).toFixed(1)} %`;
  }

  /** @param {State} now */
  function show(now) {
    for (const [name, one] of Object.entries(settings)) one.show(now[name]);
    const setting = settingOf(now), images = Number(now.images);
    found = measuredOf({ ...setting, over: "none" }, images); // all of them, whichever is shown
    const { over, activation } = setting, one = found[over];
    const norms = /** @type {Record<Over, number[]>} */ (Object.fromEntries(
      Object.entries(found).map(([name, { gradients: all }]) => [name, all]),
    ));
    const text = told({
      over,
      activation,
      images,
      layers: one.sums.map((sums, l) => ({
        sums: momentsOf(sums).deviation,
        flat: flatShareOf(one.slopes[l], activation),
      })),
      gradients: norms,
    });
    write(words, text);
    if (element.clientWidth) {
      panels.forEach((panel, k) => {
        const values = one[names[k]];
        showHistograms(
          panel,
          SHOWN[names[k]],
          values,
          rangeOf(names[k], activation, values),
          3 + k,
        );
      });
      showGradients(gradients, norms, over);
    }
    return text;
  }
  return { element, show };
}

/** @param {State} now @returns {Setting} */
const settingOf = (now) => ({
  over: now.over,
  activation: now.activation,
  depth: Number(now.depth),
  scale: Number(now.scale),
  bias: Number(now.bias),
  seed: Number(now.seed),
});

register("histograms", { fields, view });
