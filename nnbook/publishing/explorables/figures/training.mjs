/**
 * A network that trains in the page: on a curve, on classes in the plane, on small digits.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./training/problems.mjs").Problem} Problem
 * @typedef {import("./training/trainer.mjs").Setting} Setting
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ACTIVATIONS, ChoiceField, NumberField } from "../frame/fields.mjs";
import { Clock, isStill, onWidth } from "../frame/watching.mjs";
import {
  showFit,
  showGradients,
  showLosses,
  showPlane,
  showWeights,
} from "./training/pictures.mjs";
import { problemOf } from "./training/problems.mjs";
import { Trainer } from "./training/trainer.mjs";
import { DrawnUnits } from "./training/units.mjs";
import { told } from "./training/words.mjs";

const EPOCHS = 1000;
const BUDGET = 10; // ms of training between two pictures
const PATIENT = 150; // ms where no motion is wanted
const PICTURES = 16; // of first-layer weights
const LOOK = 200; // ms between two drawings of the units

const fields = {
  problem: new ChoiceField("Learns", {
    digits: "small digits",
    rings: "two rings",
    spiral: "two spirals",
    eckerle4: "Eckerle4",
  }),
  layers: new NumberField("Hidden layers", { from: "1", to: "8", step: "1", whole: true }),
  units: new NumberField("Units in each", { from: "1", to: "50", step: "1", whole: true }),
  activation: new ChoiceField("Activation", ACTIVATIONS),
  initializer: new ChoiceField("Initial weights", {
    glorot_uniform: "Glorot",
    he_normal: "He",
    lecun_normal: "LeCun",
    wide: "normal, deviation 1",
  }),
  optimizer: new ChoiceField("Optimizer", {
    sgd: "SGD",
    momentum: "momentum 0.9",
    nesterov: "Nesterov 0.9",
    adagrad: "Adagrad",
    adadelta: "Adadelta",
    rmsprop: "RMSprop",
    adam: "Adam",
    nadam: "Nadam",
  }),
  rate: new NumberField("Learning rate", { from: "0.0001", to: "10", step: "0.05", log: true }),
  batch: new NumberField("Batch size", { from: "1", to: "500", step: "1", whole: true }),
  normalization: new ChoiceField("Batch normalization", {
    none: "none",
    before: "before the activation",
    after: "after the activation",
  }),
  dropout: new NumberField("Dropout", { from: "0", to: "0.8", step: "0.05" }),
  l1: new NumberField("L1", { from: "0", to: "0.01", step: "0.0001" }),
  l2: new NumberField("L2", { from: "0", to: "0.01", step: "0.0001" }),
  patience: new NumberField("Stop after epochs without gain (0: never)", {
    from: "0",
    to: "100",
    step: "1",
    whole: true,
  }),
  seed: new NumberField("Seed", { from: "1", to: "9999", step: "1", whole: true }),
  at: new NumberField("Epochs", { from: "0", to: String(EPOCHS), step: "1", whole: true }),
};

/** @param {Tools} tools */
function view({ state, set, tell, facts }) {
  /** @type {Record<string, SliderInput | ChoiceInput>} */
  const settings = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const changed = (/** @type {any} */ value) => set({ [name]: value });
      return [
        name,
        field instanceof NumberField
          ? new SliderInput(field, changed, tell)
          : new ChoiceInput(field, changed),
      ];
    }),
  );
  const row = (/** @type {(keyof typeof fields)[]} */ ...names) =>
    html("div", { class: "nnx-settings" }, ...names.map((name) => settings[name].element));
  const answers = new Panel("What the network answers", 0.72);
  const losses = new Panel("Training and validation loss against epochs", 0.5, 78);
  const gradients = new Panel("Norm of the gradient of each layer", 0.5, 78);
  const pictures = html("div", {
    class: "nnx-pictures",
    role: "img",
    "aria-label": "Weights of units of the first layer, as pictures",
  });
  const note = html("p", { class: "nnx-legend" }), words = html("p", { class: "nnx-happens" });
  const units = new DrawnUnits();
  const inside = html(
    "details",
    { class: "nnx-more" },
    html("summary", {}, "Look into the network"),
    units.element,
  );
  inside.addEventListener("toggle", () => draw());
  const train = button("Train", () => (wanted ? pause() : start()));
  const one = button("One epoch", () => {
    pause();
    set({ at: new Fraction(Math.min(EPOCHS, trainer.epoch + 1)) });
  });
  const again = button("Start again", () => {
    pause();
    set({ at: new Fraction(0) });
  });
  const element = html(
    "div",
    { class: "nnx-training" },
    row("problem", "activation", "initializer"),
    row("layers", "units"),
    row("optimizer", "rate", "batch"),
    row("normalization"),
    html(
      "div",
      { class: "nnx-settings nnx-walk" },
      html("div", { class: "nnx-buttons" }, train, one, again),
      settings.at.element,
    ),
    words,
    html(
      "div",
      { class: "nnx-plots" },
      html("div", {}, answers.element, pictures, note),
      html("div", {}, losses.element, gradients.element),
    ),
    inside,
    html(
      "details",
      { class: "nnx-more" },
      html("summary", {}, "Regularization, early stopping, seed"),
      row("dropout", "l1", "l2"),
      row("patience", "seed"),
    ),
  );

  let wanted = false, key = "", looked = 0;
  /** @type {Trainer} */
  let trainer;
  const clock = new Clock(element, 0, tick, undefined, () => wanted && pause());
  const start = () => {
    if (trainer.epoch >= EPOCHS || trainer.status !== "trains") renew();
    wanted = true;
    write(train, "Pause");
    clock.start();
  };
  const pause = () => {
    looked = 0;
    if (wanted) set({ at: new Fraction(trainer.epoch) });
    wanted = false;
    write(train, "Train");
    clock.stop();
  };
  const renew = () => {
    trainer = new Trainer(settingOf(state()), problemOf(state().problem, facts));
  };
  onWidth(element, () => draw());

  /** Train for a moment, until as many epochs are done as are wanted. */
  function tick() {
    const goal = wanted ? EPOCHS : Number(state().at);
    const end = performance.now() + (isStill() ? PATIENT : BUDGET);
    const isDone = () => trainer.epoch >= goal || trainer.status !== "trains";
    while (!isDone() && performance.now() < end) trainer.step();
    if (!isDone()) {
      if (wanted) set({ at: new Fraction(trainer.epoch) });
      else if (!isStill()) draw();
      return;
    }
    if (wanted) pause();
    else clock.stop();
    set({}); // what has come out is said
  }

  function draw() {
    const { shown: network, problem, history } = trainer, isRunning = wanted || clock.wanted;
    write(words, told(trainer));
    if (!element.clientWidth) return;
    const isImages = problem.kind === "images";
    answers.element.hidden = isImages;
    pictures.hidden = !isImages;
    if (isImages) showWeights(pictures, network, PICTURES);
    else if (problem.kind === "plane") {
      answers.ratio = 1;
      showPlane(answers, problem, network, isRunning);
    } else {
      answers.ratio = 0.72;
      showFit(answers, problem, network);
    }
    write(note, NOTES[problem.kind]);
    showLosses(losses, history, problem, Math.max(Number(state().at), trainer.epoch));
    showGradients(gradients, history);
    if (inside.open && !(isRunning && performance.now() < looked + LOOK)) {
      units.show(network, problem);
      looked = performance.now();
    }
  }

  /** @param {State} now */
  function show(now) {
    for (const [name, one] of Object.entries(settings)) one.show(now[name]);
    const wishes = JSON.stringify([now.problem, settingOf(now)]);
    if (wishes !== key || (!wanted && Number(now.at) < trainer.epoch)) {
      renew();
    }
    key = wishes;
    if (!wanted && trainer.status === "trains" && Number(now.at) > trainer.epoch) clock.start();
    draw();
    return told(trainer);
  }
  const isDone = () => trainer.status !== "trains" || trainer.epoch >= Number(state().at);
  return { element, show, isDone };
}

const NOTES = {
  images:
    "Weights of the first layer, unit by unit, each scaled to its largest: light is positive, dark negative.",
  plane:
    "Colors: the class that the network sees, the stronger the surer. Lines: where units of the first layer have z = 0.",
  curve:
    "Dots are learned, triangles are for validation. Ticks below: where units of the first layer have z = 0.",
};

/** @param {State} now @returns {Setting} */
const settingOf = (now) => ({
  layers: Number(now.layers),
  units: Number(now.units),
  activation: now.activation,
  initializer: now.initializer,
  optimizer: now.optimizer,
  rate: Number(now.rate),
  batch: Number(now.batch),
  l1: Number(now.l1),
  l2: Number(now.l2),
  dropout: Number(now.dropout),
  normalization: now.normalization,
  patience: Number(now.patience),
  seed: Number(now.seed),
});

register("training", { fields, view });
