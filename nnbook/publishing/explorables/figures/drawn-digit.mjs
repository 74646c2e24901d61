/**
 * A digit that the reader draws, and what recorded networks answer.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./drawn-digit/networks.mjs").Packed} Packed
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, enable, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { NumberField } from "../frame/fields.mjs";
import { onWidth } from "../frame/watching.mjs";
import { imageOf, moved } from "./drawn-digit/image.mjs";
import { answerOf, networkOf } from "./drawn-digit/networks.mjs";
import { Pad } from "./drawn-digit/pad.mjs";
import { pictureOf, showImage, showProbabilities, showSlopes } from "./drawn-digit/pictures.mjs";
import { StrokesField } from "./drawn-digit/strokes.mjs";
import { short, steepest, told, within } from "./drawn-digit/words.mjs";

const SEEDS = 9999;

const movements = {
  right: new NumberField("Right (pixels)", { from: "-10", to: "10", step: "0.5" }),
  down: new NumberField("Down (pixels)", { from: "-10", to: "10", step: "0.5" }),
  turn: new NumberField("Turn (degrees)", { from: "-180", to: "180", step: "5" }),
  size: new NumberField("Size", { from: "0.5", to: "1.5", step: "0.05" }),
  warp: new NumberField("Warp (pixels)", { from: "0", to: "4", step: "0.2" }),
  seed: new NumberField("Seed", { from: "1", to: String(SEEDS), step: "1", whole: true }),
};
const UNMOVED = Object.fromEntries(
  Object.entries({ right: 0, down: 0, turn: 0, size: 1, warp: 0 })
    .map(([name, value]) => [name, new Fraction(value)]),
);
const fields = { strokes: new StrokesField("Strokes"), ...movements };

/** @param {Tools} tools */
function view({ state, set, tell, facts }) {
  const settings = Object.entries(movements).map(([name, field]) => ({
    name,
    input: new SliderInput(field, (value) => set({ [name]: value }), tell),
  }));
  const seed = settings[settings.length - 1].input;
  const back = button("Undo stroke", () => set({ strokes: state().strokes.slice(0, -1) }));
  // What moved or warped the old digit is not to befall the next one.
  const clear = button("Clear", () => set({ strokes: [], ...UNMOVED }));
  const pad = new Pad((strokes) => set({ strokes }), tell, [back, clear]);
  const image = pictureOf("The image that the networks get");
  const networks = /** @type {Packed[]} */ (facts.networks).map(networkOf);
  const views = networks.map(({ title }) => ({
    head: html("p", { class: "nnx-heading nnx-name" }),
    panel: new Panel(`${title}: the probability of each digit`, 0.7),
    picture: pictureOf(`${title}: where ink would raise the logit of the answer, and lower it`),
  }));
  const warp = button(
    "Warp in another way",
    () => set({ seed: new Fraction(Number(state().seed) % SEEDS + 1) }),
  );
  const words = html("p", { class: "nnx-happens" });
  const element = html(
    "div",
    { class: "nnx-drawn-digit" },
    html(
      "div",
      { class: "nnx-plots" },
      pad.element,
      html(
        "div",
        {},
        words,
        html("p", { class: "nnx-heading" }, "What the networks get"),
        image,
      ),
    ),
    html(
      "div",
      { class: "nnx-networks" },
      ...views.map(({ head, panel, picture }) => html("div", {}, head, panel.element, picture)),
    ),
    html(
      "p",
      { class: "nnx-legend" },
      "Squares: the slope, at each pixel, of the logit of the answer, which is the number that softmax turns into its probability. Light: ink there would raise it. Dark: ink would lower it. Gray: neither. The slope comes back through the same layers as the gradient in training. All have the same scale. One digit is an example, not a measurement: the recorded test accuracies are ",
      networks.map(({ title, accuracy }) =>
        `${(100 * accuracy).toFixed(2)}\u00a0% (${within(title)})`
      ).join(", "),
      ".",
    ),
    html(
      "div",
      { class: "nnx-settings" },
      ...settings.slice(0, -1).map(({ input }) => input.element),
      html("div", { class: "nnx-buttons nnx-walk" }, warp),
    ),
    html("details", { class: "nnx-more" }, html("summary", {}, "Seed of the warp"), seed.element),
  );
  onWidth(element, () => show(state()));

  /** @param {State} now */
  function show(now) {
    for (const { name, input } of settings) input.show(now[name]);
    pad.show(now.strokes);
    for (const one of [back, clear]) enable(one, now.strokes.length > 0);
    enable(warp, Number(now.warp) > 0);
    const pixels = moved(imageOf(now.strokes), {
      right: Number(now.right),
      down: Number(now.down),
      turn: Number(now.turn),
      size: Number(now.size),
      warp: Number(now.warp),
      seed: Number(now.seed),
    });
    const answers = networks.map(({ network }) => answerOf(network, pixels));
    const largest = Math.max(...answers.map(steepest));
    const text = told(networks, answers, pixels.every((ink) => ink === 0));
    write(words, text);
    showImage(image, pixels);
    views.forEach(({ head, panel, picture }, k) => {
      write(head, `${networks[k].title}: ${short(answers[k])}`);
      showSlopes(picture, answers[k].slopes, largest);
      if (element.clientWidth) showProbabilities(panel, answers[k]);
    });
    return text;
  }
  return { element, show };
}

register("drawn-digit", { fields, view });
