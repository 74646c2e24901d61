/**
 * Vanishing gradients: a network before training, layer by layer, beside recorded ones.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./vanishing/pictures.mjs").Band} Band
 * @typedef {import("./vanishing/signals.mjs").Setting} Setting
 * @typedef {import("./vanishing/signals.mjs").Signals} Signals
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { decimal } from "../drawing/numbers.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ACTIVATIONS, ChoiceField, NumberField } from "../frame/fields.mjs";
import { Pieces } from "../frame/pieces.mjs";
import { onWidth } from "../frame/watching.mjs";
import { showLayers, SHOWN } from "./vanishing/pictures.mjs";
import { batchOf, signalsIn } from "./vanishing/signals.mjs";
import { told } from "./vanishing/words.mjs";

const SEEDS = 9999;
const RECORDED_WIDTH = 30;

const fields = {
  depth: new NumberField("Hidden layers", { from: "1", to: "20", step: "1", whole: true }),
  width: new NumberField("Units in each", { from: "2", to: "100", step: "1", whole: true }),
  activation: new ChoiceField("Activation", ACTIVATIONS),
  initializer: new ChoiceField("Initial weights", {
    glorot_uniform: "Glorot",
    he_normal: "He",
    lecun_normal: "LeCun",
    random_normal: "normal",
  }),
  scale: new NumberField("Weights times", { from: "0.1", to: "20", step: "0.1" }),
  deviation: new NumberField("Deviation of the weights", { from: "0.01", to: "6", step: "0.01" }),
  seed: new NumberField("Seed", { from: "1", to: String(SEEDS), step: "1", whole: true }),
};

/** @param {Tools} tools */
function view({ state, set, tell, facts }) {
  const batch = batchOf(facts.batch);
  const slider = (/** @type {"depth" | "width" | "scale" | "deviation" | "seed"} */ name) =>
    new SliderInput(fields[name], (value) => set({ [name]: value }), tell);
  const settings = {
    depth: slider("depth"),
    width: slider("width"),
    activation: new ChoiceInput(fields.activation, (activation) => set({ activation })),
    initializer: new ChoiceInput(fields.initializer, (initializer) => set({ initializer })),
    scale: slider("scale"),
    deviation: slider("deviation"),
    seed: slider("seed"),
  };
  const names = /** @type {(keyof typeof SHOWN)[]} */ (Object.keys(SHOWN));
  const panels = names.map((name) => new Panel(`${SHOWN[name]} of each layer`, 0.55));
  panels.forEach((panel, k) => explain(panel, (x) => valueAt(names[k], Math.round(x))));
  const again = button(
    "Draw other weights",
    () => set({ seed: new Fraction(Number(state().seed) % SEEDS + 1) }),
  );
  const words = html("p", { class: "nnx-happens" }), recorded = html("p", { class: "nnx-legend" });
  const element = html(
    "div",
    { class: "nnx-vanishing" },
    html("div", { class: "nnx-settings" }, settings.depth.element, settings.width.element),
    html(
      "div",
      { class: "nnx-settings" },
      settings.activation.element,
      settings.initializer.element,
      settings.scale.element,
      settings.deviation.element,
    ),
    html("div", { class: "nnx-plots" }, ...panels.map((panel) => panel.element)),
    words,
    recorded,
    html("div", { class: "nnx-settings nnx-walk" }, again, settings.seed.element),
  );

  /** @type {Signals | undefined} */
  let withGlorot;
  let glorot = ""; // of which setting; most changes leave it as it is
  const computed = new Pieces(function* (/** @type {Setting} */ setting) {
    const found = yield* signalsIn(setting, batch), plain = withGlorotOf(setting);
    if (setting.initializer === plain.initializer && setting.scale === plain.scale) {
      return [found, found];
    }
    const key = JSON.stringify(plain);
    if (key !== glorot || !withGlorot) {
      [withGlorot, glorot] = [yield* signalsIn(plain, batch, true), key];
    }
    return [found, withGlorot];
  }, () => set({}));
  /** @type {Signals} */
  let signals = { slope: [], steepness: [], activation: [], error: [], gradient: [] };
  let said = "";
  /** @type {Record<string, Band> | undefined} */
  let bands;
  onWidth(element, () => show(state()));

  /** @param {keyof typeof SHOWN} name @param {number} layer */
  function valueAt(name, layer) {
    const value = signals[name][layer - 1], band = bands?.[name];
    if (value === undefined) return "";
    const range = band
      ? `\nrecorded: ${decimal(band[0][layer - 1])} to ${decimal(band[1][layer - 1])}`
      : "";
    return `layer ${layer}${layer === signals.gradient.length ? ", output" : ""}: ${
      decimal(value)
    }${range}`;
  }

  /** @param {State} now */
  function show(now) {
    for (const [name, one] of Object.entries(settings)) one.show(now[name]);
    const isNormal = now.initializer === "random_normal";
    settings.scale.element.hidden = isNormal;
    settings.deviation.element.hidden = !isNormal;
    const setting = settingOf(now), found = computed.of(setting);
    element.setAttribute("aria-busy", String(!found));
    if (!found) return said; // until it is there, what was there before stays
    signals = found[0];
    bands = facts.bands[keyOf(setting)];
    const texts = told(setting, signals, found[1], Boolean(bands));
    said = `${texts[0]} ${texts[1]}`;
    write(words, said);
    write(recorded, texts[2]);
    if (element.clientWidth) {
      panels.forEach((panel, k) =>
        showLayers(panel, names[k], signals[names[k]], bands?.[names[k]], setting.depth + 1)
      );
    }
    return said;
  }
  return { element, show };
}

/** @param {State} now @returns {Setting} */
const settingOf = (now) => ({
  depth: Number(now.depth),
  width: Number(now.width),
  activation: now.activation,
  initializer: now.initializer,
  scale: Number(now.scale),
  deviation: Number(now.deviation),
  seed: Number(now.seed),
});

/** Return the setting with Glorot's weights: what has no part in them is left out. @param {Setting} setting @returns {Setting} */
const withGlorotOf = (setting) => ({
  ...setting,
  initializer: "glorot_uniform",
  scale: 1,
  deviation: 0,
});

/** Return the name of the recorded networks that are like this one, if there are any. @param {Setting} setting */
function keyOf({ depth, width, activation, initializer, scale, deviation }) {
  const isNormal = initializer === "random_normal";
  if (width !== RECORDED_WIDTH || (!isNormal && scale !== 1)) return "";
  return [activation, initializer, ...(isNormal ? [deviation] : []), depth].join(" ");
}

register("vanishing", { fields, view });
