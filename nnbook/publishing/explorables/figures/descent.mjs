/**
 * Descent: optimizers race over a loss of two weights; beside it the plane of learning rate and
 * momentum, painted by how fast the heavy ball converges, with the reader's point in it.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./descent/race.mjs").Run} Run
 * @typedef {import("./descent/surfaces.mjs").Surface} Surface
 */
import { Panel } from "../drawing/axes.mjs";
import { color, shape } from "../drawing/colors.mjs";
import { contours } from "../drawing/contours.mjs";
import { html, svg, write } from "../drawing/elements.mjs";
import { endLabels, line } from "../drawing/lines.mjs";
import { decimal } from "../drawing/numbers.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, SetInput, SliderInput } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField, SetField } from "../frame/fields.mjs";
import { Clock, isStill } from "../frame/watching.mjs";
import { isAdaptive, RULES, run, UPDATES } from "./descent/race.mjs";
import { best, factor, slowest, updatesForTen } from "./descent/rates.mjs";
import { surfaceOf } from "./descent/surfaces.mjs";

const FASTEST = 4.2;  // of the plane: the largest learning rate times curvature
const ISOCHRONES = [4, 8, 16, 32, 64, 128];  // updates for one digit
const NAMES = Object.keys(RULES);

const fields = {
  surface: new ChoiceField("Loss", { bowl: "bowl", saddle: "saddle", rosenbrock: "Rosenbrock\u2019s valley" }),
  condition: new NumberField("Condition number", { from: "1", to: "200", step: "1", symbol: "\u03ba" }),
  angle: new NumberField("Angle", { from: "0", to: "90", step: "5" }),
  rate: new NumberField("Learning rate \u00d7 curvature", { from: "0", to: "4.2", step: "0.05", symbol: "\u03b7\u03bb" }),
  beta: new NumberField("Momentum", { from: "0", to: "0.99", step: "0.01", symbol: "\u03b2" }),
  pace: new NumberField("Adaptive learning rate", { from: "0", to: "1", step: "0.01", symbol: "\u03b7" }),
  noise: new NumberField("Noise of the batch", { from: "0", to: "5", step: "0.1" }),
  seed: new NumberField("Seed of the noise", { from: "0", to: "9999", step: "1", whole: true }),
  x: new NumberField("Start, w\u2081", { from: "-4", to: "4", step: "0.1" }),
  y: new NumberField("Start, w\u2082", { from: "-4", to: "4", step: "0.1" }),
  rules: new SetField("In the race", RULES),
  at: new NumberField("Updates", { from: "0", to: String(UPDATES), step: "1", whole: true }),
};

/** @param {string} name */
function sign(name) {
  const k = NAMES.indexOf(name);
  return svg("svg", { width: 14, height: 14, viewBox: "-7 -7 14 14", style: `color:${color(k)}`, "aria-hidden": "true" },
    svg("path", { d: shape(k), class: "nnx-mark" }));
}

/** @param {Tools} tools */
function view(tools) {
  const { state, set, tell } = tools;
  const slider = (/** @type {keyof typeof fields} */ name) =>
    new SliderInput(/** @type {NumberField} */ (fields[name]), (value) => set({ [name]: value }), tell);
  const settings = {
    surface: new ChoiceInput(fields.surface, (surface) => set({ surface })),
    condition: slider("condition"), angle: slider("angle"), rate: slider("rate"), beta: slider("beta"),
    pace: slider("pace"), noise: slider("noise"), seed: slider("seed"), x: slider("x"), y: slider("y"), at: slider("at"),
    rules: new SetInput(fields.rules, (rules) => set({ rules }), tell, sign),
  };
  const ground = new Panel("The loss as contour lines, and the paths over it", 0.75);
  const plane = new Panel("The plane of learning rate and momentum, colored where the distance shrinks", 0.75);
  const curves = new Panel("Loss against updates", 0.42, 118);
  ground.onDrag((x, y) => { clock.stop(); set({ x: fields.x.nearest(x), y: fields.y.nearest(y) }); });
  plane.onDrag((rate, beta) => set({ rate: fields.rate.nearest(rate), beta: fields.beta.nearest(beta) }));

  explain(plane, (rate, beta) => `learning rate \u00d7 curvature ${decimal(rate)}, momentum ${decimal(beta)}: ${pace(slowest(beta, rate, ratioOf(state())))}`);
  explain(curves, (t) => runs.map(({ name, losses }) => (
    `${RULES[/** @type {keyof typeof RULES} */ (name)]} ${decimal(losses[Math.min(losses.length - 1, Math.round(t))])}`)).join("\n"));
  explain(ground, (x, y) => `loss ${decimal(surfaceOf(state().surface, Number(state().condition), Number(state().angle)).loss(x, y))}`);

  const at = () => Number(state().at);
  const go = (/** @type {number} */ updates) => set({ at: new Fraction(Math.min(UPDATES, Math.max(0, updates))) });
  const play = button("Race", () => {
    if (clock.wanted) return clock.stop();
    if (at() === UPDATES) go(0);
    return clock.start();
  });
  const one = button("One update", () => { clock.stop(); go(at() + 1); });
  const words = html("p", { class: "nnx-happens" });
  const list = html("ul", { class: "nnx-standing" });
  const caption = html("p", { class: "nnx-legend" });
  const element = html("div", { class: "nnx-descent" },
    html("div", { class: "nnx-settings" }, settings.surface.element, settings.condition.element, settings.angle.element),
    html("div", { class: "nnx-settings" }, settings.rate.element, settings.beta.element, settings.pace.element),
    settings.rules.element,
    html("div", { class: "nnx-plots" }, ground.element, html("div", {}, plane.element, caption)),
    html("div", { class: "nnx-settings nnx-walk" }, html("div", { class: "nnx-buttons" }, isStill() ? null : play, one), settings.at.element),
    curves.element, words, list,
    html("details", { class: "nnx-more" }, html("summary", {}, "Start and noise"),
      html("div", { class: "nnx-settings" }, settings.x.element, settings.y.element, settings.noise.element, settings.seed.element)));
  const clock = new Clock(element, 60, () => { go(at() + 1); if (at() === UPDATES) clock.stop(); }, (runs) => write(play, runs ? "Stop" : "Race"));
  let width = 0;
  new ResizeObserver(() => {
    if (Math.abs(element.clientWidth - width) < 1) return;
    width = element.clientWidth;
    drawn = "";
    show(state());
  }).observe(element);

  let drawn = "", raced = "", painted = -1;
  /** @type {Run[]} */
  let runs = [];

  /** @param {State} now */
  function show(now) {
    const [condition, angle, rate, beta, pace, noise] = [now.condition, now.angle, now.rate, now.beta, now.pace, now.noise].map(Number);
    const surface = surfaceOf(now.surface, condition, angle);
    const ratio = ratioOf(now);
    for (const [name, one_] of Object.entries(settings)) one_.show(now[name]);
    for (const part of [settings.condition, settings.angle]) part.element.hidden = now.surface !== "bowl";
    settings.pace.element.hidden = !now.rules.some(isAdaptive);
    const setting = {
      start: inside(surface, Number(now.x), Number(now.y)), rate: rate / surface.curvatures[1], pace, beta, noise, seed: Number(now.seed),
    };
    const race = JSON.stringify([now.surface, condition, angle, setting, now.rules]);
    if (race !== raced) runs = now.rules.map((/** @type {string} */ name) => run(name, surface, setting));
    raced = race;
    const grounds = `${now.surface} ${condition} ${angle} ${element.clientWidth}`;
    if (element.clientWidth && grounds !== drawn) {
      drawGround(ground, surface);
      plane.draw({ values: [0, FASTEST], label: "learning rate \u00d7 largest curvature" }, { values: [0, 1], label: "momentum" });
      if (painted !== ratio || !drawn) paint(plane, ratio);
      painted = ratio;
      drawn = grounds;
    }
    if (!element.clientWidth) return "";
    showRuns(ground, runs, Number(now.at));
    showPoint(plane, rate, beta, ratio);
    showCurves(curves, runs, Number(now.at));
    const words_ = told(runs, Number(now.at), rate, beta, ratio, now);
    write(words, words_.point);
    list.replaceChildren(...words_.standing.map((text, n) => html("li", {}, sign(runs[n].name), text)));
    write(caption, words_.plane);
    one.disabled = at() === UPDATES;
    return `${words_.point} ${words_.standing.join(" ")}`;
  }
  return { element, show };
}

/** Return the place within the picture that is nearest. @param {Surface} surface @param {number} x @param {number} y @returns {[number, number]} */
function inside({ range }, x, y) {
  return [Math.min(range.x[1], Math.max(range.x[0], x)), Math.min(range.y[1], Math.max(range.y[0], y))];
}

/** @param {Panel} panel @param {Surface} surface */
function drawGround(panel, surface) {
  const { range, loss, minima } = surface;
  panel.ratio = (range.y[1] - range.y[0]) / (range.x[1] - range.x[0]);  // angles are to be seen as they are
  panel.draw({ values: range.x, label: "w\u2081" }, { values: range.y, label: "w\u2082" });
  // Closer together near the minimum, where most of the race takes place.
  const corners = range.x.flatMap((x) => range.y.map((y) => loss(x, y)));
  const most = Math.max(...corners), count = 12;
  const levels = Array.from({ length: count }, (_, k) => most * ((k + 0.5) / count) ** 4);
  panel.below.replaceChildren(...contours(panel, loss, levels).map((d) => svg("path", { class: "nnx-contour", d })),
    ...minima.map(([x, y]) => svg("path", { class: "nnx-minimum", d: `M${panel.x.place(x) - 6} ${panel.y.place(y)}h12m-6 -6v12` })));
}

/** @param {Panel} panel @param {readonly Run[]} runs @param {number} at */
function showRuns(panel, runs, at) {
  panel.above.replaceChildren(...runs.map(({ name, path }) => line(panel, path.slice(0, at + 1), NAMES.indexOf(name), path.length < 60 || at < 60)),
    svg("circle", { class: "nnx-start", r: 5, cx: panel.x.place(runs[0].path[0][0]), cy: panel.y.place(runs[0].path[0][1]) }));
}

/** Paint the plane: the fewer updates one digit takes, the darker. @param {Panel} panel @param {number} ratio */
function paint(panel, ratio) {
  const columns = 120, rows = 90;
  const canvas = html("canvas", { width: columns, height: rows });
  const pen = canvas.getContext("2d");
  const [left, right] = panel.x.places, [bottom, top] = panel.y.places;
  const updates = (/** @type {number} */ step, /** @type {number} */ beta) => updatesForTen(slowest(beta, step, ratio));
  if (pen) {
    const pixels = pen.createImageData(columns, rows);
    for (let j = 0; j < rows; j++)
      for (let i = 0; i < columns; i++) {
        const n = updates(FASTEST * (i + 0.5) / columns, 1 - (j + 0.5) / rows);
        const share = n === Infinity ? 0 : Math.min(1, Math.max(0.06, 1 - Math.log10(Math.max(1, n)) / 2.6));
        pixels.data.set([255, 255, 255, Math.round(255 * share * 0.85)], 4 * (j * columns + i));
      }
    pen.putImageData(pixels, 0, 0);
  }
  const id = `${panel.svg.querySelector("clipPath")?.id}-mask`;
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  const mask = svg("mask", { id }, svg("image", { ...box, href: canvas.toDataURL(), preserveAspectRatio: "none" }));
  const bound = Array.from({ length: 51 }, (_, k) => `${k ? "L" : "M"}${panel.x.place(2 * (1 + k / 50)).toFixed(1)} ${panel.y.place(k / 50).toFixed(1)}`);
  const lines = contours(panel, (step, beta) => Math.min(1e4, updates(Math.max(1e-6, step), beta)), ISOCHRONES, 120);
  panel.below.replaceChildren(mask, svg("rect", { ...box, class: "nnx-painted", mask: `url(#${id})` }),
    ...lines.map((d) => svg("path", { class: "nnx-contour", d })), svg("path", { class: "nnx-bound", d: bound.join("") }));
}

/** @param {Panel} panel @param {number} rate @param {number} beta @param {number} ratio */
function showPoint(panel, rate, beta, ratio) {
  const found = best(ratio), place = (/** @type {number} */ x, /** @type {number} */ y) => `translate(${panel.x.place(x)} ${panel.y.place(y)})`;
  panel.above.replaceChildren(
    svg("path", { class: "nnx-best", d: shape(3), transform: place(found.step, found.beta) }),
    svg("circle", { class: "nnx-point", r: 8, transform: place(rate, beta) }), svg("circle", { class: "nnx-point-middle", r: 2.5, transform: place(rate, beta) }));
  panel.labels.replaceChildren(
    svg("text", { x: panel.x.place(3.95), y: panel.y.place(0.16), "text-anchor": "end" }, "diverges"),
    svg("text", { x: panel.x.place(found.step), y: panel.y.place(found.beta) + 16, "text-anchor": "middle" }, "best"));
}

/** @param {Panel} panel @param {readonly Run[]} runs @param {number} at */
function showCurves(panel, runs, at) {
  const seen = runs.map(({ losses }) => losses.slice(0, at + 1).map((loss, t) => /** @type {[number, number]} */ ([t, Math.max(1e-12, loss)])));
  const values = seen.flat().map(([, loss]) => loss);
  const least = Math.max(1e-12, Math.min(...values, 0.1)), most = Math.min(1e6, Math.max(...values, 1));
  panel.draw({ values: [0, Math.max(20, at)], label: "updates" },
    { kind: "log", values: [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most * 1.001))], label: "loss above the minimum" });
  panel.above.replaceChildren(...seen.map((points, n) => line(panel, points, NAMES.indexOf(runs[n].name))));
  panel.labels.replaceChildren(...endLabels(panel, seen.map((points, n) => ({
    text: RULES[/** @type {keyof typeof RULES} */ (runs[n].name)], end: points[points.length - 1], k: NAMES.indexOf(runs[n].name),
  }))));
}

/** How many times the curvatures at a minimum are apart. @param {State} now */
function ratioOf(now) {
  const [least, most] = surfaceOf(now.surface, Number(now.condition), Number(now.angle)).curvatures;
  return most / least;
}

/** @param {number} factor */
const pace = (factor) => (factor > 1 ? "diverges" : `${whole(updatesForTen(factor))} make the distance ten times smaller`);

/** @param {number} updates */
const whole = (updates) => (updates < 1e6 ? `${Math.ceil(updates - 1e-9)} update${updates > 1 ? "s" : ""}` : "more than a million updates");

/** Say where the race stands. @param {readonly Run[]} runs @param {number} at @param {number} rate @param {number} beta @param {number} ratio @param {State} now */
function told(runs, at, rate, beta, ratio, now) {
  const r = slowest(beta, rate, ratio), n = updatesForTen(r), found = best(ratio);
  const place = now.surface === "bowl" ? "In this bowl" : "Near a minimum";
  const across = factor(beta, rate), along = factor(beta, rate / ratio);
  const point = r > 1 + 1e-9
    ? `${place} momentum diverges with these settings: the distance grows by the factor ${decimal(r)} per update.`
    : r > 1 - 1e-9 ? `${place} momentum does not come nearer with these settings.`
      : `${place} an update multiplies the distance by ${decimal(along)} where the loss is flat and by ${decimal(across)} where it is steep, with momentum ${decimal(beta)}: ${whole(n)} make it ten times smaller.`;
  const standing = runs.map(({ name, losses, left }) => {
    const title = RULES[/** @type {keyof typeof RULES} */ (name)];
    return left >= 0 && at >= left - 1
      ? `${title} has diverged: it was out of all bounds at update ${left}.`
      : `${title}: loss ${decimal(losses[Math.min(at, losses.length - 1)])} after ${at} update${at === 1 ? "" : "s"}.`;
  });
  const plane = `Momentum, with curvatures ${decimal(ratio)} times apart. The stronger the color, the faster. Lines: ${ISOCHRONES.join(", ")} updates make the distance ten times smaller; at the diamond, the best, ${whole(updatesForTen(found.factor))} do.`;
  return { point, standing, plane };
}

register("descent", { fields, view });
