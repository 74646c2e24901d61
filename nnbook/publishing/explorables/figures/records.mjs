/**
 * The records by factor: the recorded runs around a baseline, with the chosen setting marked in all panels.
 *
 * @typedef {import("../frame/state.mjs").State} State
 * @typedef {import("../frame/explorable.mjs").Tools} Tools
 * @typedef {import("./records/pictures.mjs").Spot} Spot
 */
import { across, LEFT, Panel } from "../drawing/axes.mjs";
import { html, write } from "../drawing/elements.mjs";
import { explain } from "../drawing/tooltips.mjs";
import { Fraction } from "../engine/fractions.mjs";
import { button, ChoiceInput, enable } from "../frame/controls.mjs";
import { register } from "../frame/explorable.mjs";
import { ChoiceField, NumberField } from "../frame/fields.mjs";
import { onWidth } from "../frame/watching.mjs";
import { nearestOf, showCurves, showEnds, showOverview } from "./records/pictures.mjs";
import { BASELINE, chosenOf, endOf } from "./records/runs.mjs";
import { baselineOf, FACTORS, told } from "./records/words.mjs";

const LABELS = 82, END = 14; // px at the right of the panels
const MOST = 8; // settings of a factor
const NARROW = 544; // px: of a narrow box
const ROOM = 150, LITTLE_ROOM = 141, ROW = 20; // px: for the names of factors

const fields = {
  factor: new ChoiceField("Factor", FACTORS),
  setting: new NumberField("Setting", { from: "1", to: String(MOST), step: "1", whole: true }),
  metric: new ChoiceField("Curves", { error: "validation error", loss: "validation loss" }),
};

const LEGEND =
  "Click or touch a point or a curve to choose it. Points: errors in the end. Diamond: the chosen setting; filled: the others of its factor. Curves: the chosen setting with its seeds, the baseline dashed, both with the range of their seeds. Strip: the range of the baseline. Training errors of 0 stand at the left edge. Dotted: both errors equal.";

/** @param {Tools} tools */
function view({ state, set, tell, facts }) {
  const factor = new ChoiceInput(fields.factor, (name) => turn(name));
  const metric = new ChoiceInput(fields.metric, (name) => go({ metric: name }));
  const select = html("select", { id: "nnx-setting" });
  select.addEventListener("change", () => choose(Number(select.value)));
  const before = button("Previous setting", () => choose(here() - 1));
  const after = button("Next setting", () => choose(here() + 1));
  const overview = new Panel(
    "Validation error of every setting, a row for each factor",
    0.6,
    END,
    ROOM,
  );
  const curves = new Panel("Curves of the factor's settings", 0.95, LABELS);
  const ends = new Panel("Validation error against training error, in the end", 0.95, END);
  const here = () => chosenOf(facts, state().factor, Number(state().setting)).place + 1;
  const go = (/** @type {State} */ changes) => {
    tell("");
    set(changes);
  };
  const choose = (/** @type {number} */ setting) => go({ setting: new Fraction(setting) });
  const turn = (/** @type {string} */ name) => {
    const place = facts.factors[name].findIndex((/** @type {[string, number]} */ [, run]) =>
      run === BASELINE
    );
    go({ factor: name, setting: new Fraction(Math.max(0, place) + 1) });
  };
  /** @type {Map<Panel, Spot[]>} */
  const spots = new Map();
  for (const panel of [overview, curves, ends]) {
    const at = (/** @type {number} */ x, /** @type {number} */ y) =>
      nearestOf(panel, spots.get(panel) ?? [], state().factor, x, y);
    panel.svg.classList.add("nnx-choosable");
    panel.svg.addEventListener("click", (event) => {
      const found = at(...panel.pointed(event));
      if (found) go({ factor: found.factor, setting: new Fraction(found.setting) });
    });
    explain(panel, (x, y) => {
      const found = at(x, y);
      if (!found) return "";
      const { label, run } = chosenOf(facts, found.factor, found.setting);
      const { validation, training } = endOf(facts.runs[run]);
      return `${FACTORS[found.factor]}: ${label}\nvalidation ${
        validation.mean.toFixed(2)
      } %, training ${training.mean.toFixed(2)} %`;
    });
  }
  const words = html("p", { class: "nnx-happens" });
  const element = html(
    "div",
    { class: "nnx-records" },
    html("div", { class: "nnx-settings" }, factor.element, metric.element),
    html(
      "div",
      { class: "nnx-settings" },
      html(
        "div",
        { class: "nnx-choice" },
        html("label", { for: "nnx-setting" }, "Setting"),
        select,
      ),
      html("div", { class: "nnx-buttons nnx-walk" }, before, after),
    ),
    html("div", { class: "nnx-plots" }, across(overview), curves.element, ends.element),
    words,
    html("p", { class: "nnx-legend" }, `${baselineOf(facts)} ${LEGEND}`),
  );
  onWidth(element, () => show(state()));

  /** @param {State} now */
  function show(now) {
    factor.show(now.factor);
    metric.show(now.metric);
    const settings = facts.factors[now.factor], setting = here();
    if (Number(now.setting) > setting) {
      tell(`Setting: this factor has only ${settings.length}. The last one is shown.`);
      set({ setting: new Fraction(setting) }); // shows it
      return told(facts, now.factor, setting);
    }
    if (select.dataset.factor !== now.factor) {
      select.dataset.factor = now.factor;
      select.replaceChildren(
        ...settings.map((/** @type {[string, number]} */ [label, run], /** @type {number} */ k) =>
          html("option", { value: k + 1 }, run === BASELINE ? `${label} (baseline)` : label)
        ),
      );
    }
    select.value = String(setting);
    enable(before, setting > 1);
    enable(after, setting < settings.length);
    const text = told(facts, now.factor, setting);
    write(words, text);
    const width = element.clientWidth;
    if (width) {
      const isNarrow = width <= NARROW;
      [overview.left, overview.right] = isNarrow ? [LITTLE_ROOM, 18] : [ROOM, END];
      const across = overview.element.clientWidth - overview.left - overview.right;
      const tall = ROW * Object.keys(FACTORS).length;
      overview.ratio = Math.max(isNarrow ? 1.9 : 0.72, tall / Math.max(1, across));
      const wide = curves.element.clientWidth - LEFT; // both as high
      curves.ratio = ends.ratio * (wide - END) / Math.max(1, wide - LABELS);
      spots.set(overview, showOverview(overview, facts, now.factor, setting));
      spots.set(curves, showCurves(curves, facts, now.factor, setting, now.metric));
      spots.set(ends, showEnds(ends, facts, now.factor, setting));
    }
    return text;
  }
  return { element, show };
}

register("records", { fields, view });
