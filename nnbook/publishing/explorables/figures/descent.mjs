/**
 * Descent: optimizers race over a loss of two weights; beside it the plane of learning rate and
 * momentum, painted by how fast momentum converges, with the reader's point in it.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./descent/race.mjs").Run} Run
 * @typedef {import("./descent/surfaces.mjs").Surface} Surface
 */
import { Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { decimal } from "../drawing/numbers.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, enable, SetInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField, SetField } from "../frame/fields.mjs";
import { Clock, isStill, onWidth } from "../frame/watching.mjs";
import {
  drawGround,
  FASTEST,
  paint,
  showCurves,
  showPoint,
  showRuns,
  sign,
} from "./descent/pictures.mjs";
import { isAdaptive, RULES, run, UPDATES } from "./descent/race.mjs";
import { slowest } from "./descent/rates.mjs";
import { surfaceOf } from "./descent/surfaces.mjs";
import { pace, ratioOf, told } from "./descent/words.mjs";

const fields = {
  surface: new ChoiceField("Loss", {
    bowl: "bowl",
    saddle: "saddle",
    rosenbrock: "Rosenbrock\u2019s valley",
    cut: "a network\u2019s, cut",
  }),
  condition: new NumberField("Condition number", {
    from: "1",
    to: "200",
    step: "1",
    symbol: "\u03ba",
  }),
  angle: new NumberField("Angle", { from: "0", to: "90", step: "5" }),
  rate: new NumberField("Learning rate \u00d7 curvature", {
    from: "0",
    to: "4.2",
    step: "0.05",
    symbol: "\u03b7\u03bb",
  }),
  beta: new NumberField("Momentum", { from: "0", to: "0.99", step: "0.01", symbol: "\u03b2" }),
  pace: new NumberField("Adaptive learning rate", {
    from: "0",
    to: "1",
    step: "0.01",
    symbol: "\u03b7",
  }),
  noise: new NumberField("Noise of the batch", { from: "0", to: "5", step: "0.1" }),
  seed: new NumberField("Seed of the noise", { from: "0", to: "9999", step: "1", whole: true }),
  x: new NumberField("Start, w\u2081", { from: "-4", to: "4", step: "0.1" }),
  y: new NumberField("Start, w\u2082", { from: "-4", to: "4", step: "0.1" }),
  rules: new SetField("In the race", RULES),
  at: new NumberField("Updates", { from: "0", to: String(UPDATES), step: "1", whole: true }),
};

/** @param {Tools} tools */
function view(tools) {
  const { state, set, tell, facts } = tools;
  const slider = (/** @type {keyof typeof fields} */ name) =>
    new SliderInput(
      /** @type {NumberField} */ (fields[name]),
      (value) => set({ [name]: value }),
      tell,
    );
  const settings = {
    surface: new ChoiceInput(fields.surface, (surface) => set({ surface })),
    condition: slider("condition"),
    angle: slider("angle"),
    rate: slider("rate"),
    beta: slider("beta"),
    pace: slider("pace"),
    noise: slider("noise"),
    seed: slider("seed"),
    x: slider("x"),
    y: slider("y"),
    at: slider("at"),
    rules: new SetInput(fields.rules, (rules) => set({ rules }), tell, sign),
  };
  const ground = new Panel("The loss as contour lines, and the paths over it", 0.75);
  const plane = new Panel(
    "The plane of learning rate and momentum, colored where the distance shrinks",
    0.75,
  );
  const curves = new Panel("Loss against updates", 0.42, 118);
  ground.onDrag((x, y) => {
    clock.stop();
    set({ x: fields.x.nearest(x), y: fields.y.nearest(y) });
  });
  plane.onDrag((rate, beta) =>
    set({ rate: fields.rate.nearest(rate), beta: fields.beta.nearest(beta) })
  );

  explain(
    plane,
    (rate, beta) =>
      `learning rate \u00d7 curvature ${decimal(rate)}, momentum ${decimal(beta)}: ${
        pace(slowest(beta, rate, ratioOf(state(), facts)))
      }`,
  );
  explain(curves, (t) =>
    runs.map(({ name, losses }) => (
      `${RULES[/** @type {keyof typeof RULES} */ (name)]} ${
        decimal(losses[Math.min(losses.length - 1, Math.round(t))])
      }`
    )).join("\n"));
  explain(
    ground,
    (x, y) =>
      `loss ${
        decimal(
          surfaceOf(state().surface, Number(state().condition), Number(state().angle), facts)
            .loss(x, y),
        )
      }`,
  );

  const at = () => Number(state().at);
  const go = (/** @type {number} */ updates) =>
    set({ at: new Fraction(Math.min(UPDATES, Math.max(0, updates))) });
  const play = button("Race", () => {
    if (clock.wanted) return clock.stop();
    if (at() === UPDATES) go(0);
    return clock.start();
  });
  const one = button("One update", () => {
    clock.stop();
    go(at() + 1);
  });
  const words = html("p", { class: "nnx-happens" });
  const list = html("ul", { class: "nnx-standing" });
  const caption = html("p", { class: "nnx-legend" });
  const element = html(
    "div",
    { class: "nnx-descent" },
    html(
      "div",
      { class: "nnx-settings" },
      settings.surface.element,
      settings.condition.element,
      settings.angle.element,
      settings.rate.element,
      settings.beta.element,
      settings.pace.element,
    ),
    settings.rules.element,
    html(
      "div",
      { class: "nnx-plots" },
      ground.element,
      plane.element,
      html(
        "div",
        { class: "nnx-settings nnx-walk nnx-across" },
        html("div", { class: "nnx-buttons" }, isStill() ? null : play, one),
        settings.at.element,
      ),
      curves.element,
      html("div", {}, words, list),
    ),
    caption,
    html(
      "details",
      { class: "nnx-more" },
      html("summary", {}, "Start and noise"),
      html(
        "div",
        { class: "nnx-settings" },
        settings.x.element,
        settings.y.element,
        settings.noise.element,
        settings.seed.element,
      ),
    ),
  );
  const clock = new Clock(element, 60, () => {
    go(at() + 1);
    if (at() === UPDATES) clock.stop();
  }, (runs) => write(play, runs ? "Stop" : "Race"));
  onWidth(element, () => {
    drawn = "";
    show(state());
  });

  let drawn = "", raced = "", painted = -1;
  /** @type {Run[]} */
  let runs = [];

  /** @param {State} now */
  function show(now) {
    const [condition, angle, rate, beta, pace, noise] = [
      now.condition,
      now.angle,
      now.rate,
      now.beta,
      now.pace,
      now.noise,
    ].map(Number);
    const surface = surfaceOf(now.surface, condition, angle, facts);
    const ratio = ratioOf(now, facts);
    for (const [name, one_] of Object.entries(settings)) one_.show(now[name]);
    for (const part of [settings.condition, settings.angle]) {
      part.element.hidden = now.surface !== "bowl";
    }
    settings.pace.element.hidden = !now.rules.some(isAdaptive);
    const setting = {
      start: inside(surface, Number(now.x), Number(now.y)),
      rate: rate / surface.curvatures[1],
      pace,
      beta,
      noise,
      seed: Number(now.seed),
    };
    const race = JSON.stringify([now.surface, condition, angle, setting, now.rules]);
    if (race !== raced) {
      runs = now.rules.map((/** @type {string} */ name) => run(name, surface, setting));
    }
    raced = race;
    const grounds = `${now.surface} ${condition} ${angle} ${element.clientWidth}`;
    if (element.clientWidth && grounds !== drawn) {
      drawGround(ground, surface);
      plane.draw({ values: [0, FASTEST], label: "learning rate \u00d7 largest curvature" }, {
        values: [0, 1],
        label: "momentum",
      });
      if (painted !== ratio || !drawn) paint(plane, ratio);
      painted = ratio;
      drawn = grounds;
    }
    if (element.clientWidth) {
      showRuns(ground, runs, Number(now.at));
      showPoint(plane, rate, beta, ratio);
      showCurves(curves, runs, Number(now.at));
    }
    const words_ = told(runs, Number(now.at), rate, beta, ratio, now);
    write(words, words_.point);
    list.replaceChildren(
      ...words_.standing.map((text, n) => html("li", {}, sign(runs[n].name), text)),
    );
    write(caption, words_.plane);
    enable(one, at() < UPDATES);
    return `${words_.point} ${words_.standing.join(" ")}`;
  }
  return { element, show };
}

/** Return the place within the picture that is nearest. @param {Surface} surface @param {number} x @param {number} y @returns {[number, number]} */
function inside({ range }, x, y) {
  return [
    Math.min(range.x[1], Math.max(range.x[0], x)),
    Math.min(range.y[1], Math.max(range.y[0], y)),
  ];
}

register("descent", { fields, view });
