/**
 * The pictures: all settings of all factors, the curves of one factor, and training against validation error.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./runs.mjs").Facts} Facts
 * @typedef {import("./runs.mjs").Metric} Metric
 * @typedef {[number, number]} Point
 * @typedef {{factor: string, setting: number, x: number, y: number}} Spot a setting in a panel, in its numbers
 */
import { color, shape } from "../../drawing/colors.mjs";
import { svg } from "../../drawing/elements.mjs";
import { endLabels, pathOf } from "../../drawing/lines.mjs";
import { BASELINE, chosenOf, curveOf, endOf, seedsOf } from "./runs.mjs";
import { FACTORS, passingOf } from "./words.mjs";

const ERRORS = /** @type {const} */ ([1.7, 100]), NEAR = 26; // percent; px around a spot
const TIGHT = 130; // px: no room for all ticks
const LEAST = 0.02; // percent: a training error of 0 is drawn here

/** @param {Panel} panel @param {Point} point */
const place = (panel, [x, y]) =>
  `translate(${panel.x.place(x).toFixed(1)} ${panel.y.place(y).toFixed(1)})`;

/** Marks of the settings: those of the factor are dark, and the chosen one is large. @param {Panel} panel @param {readonly Spot[]} spots @param {string} factor @param {number} setting */
function marks(panel, spots, factor, setting) {
  const rank = (/** @type {Spot} */ spot) =>
    spot.factor !== factor ? 0 : spot.setting !== setting ? 1 : 2;
  return [...spots].sort((a, b) => rank(a) - rank(b)).map((spot) =>
    rank(spot) === 2
      ? svg("path", {
        class: "nnx-best",
        d: shape(3),
        transform: `${place(panel, [spot.x, spot.y])} scale(1.5)`,
      })
      : svg("circle", {
        class: rank(spot) ? "nnx-own" : "nnx-other",
        r: rank(spot) ? 5 : 3.5,
        transform: place(panel, [spot.x, spot.y]),
      })
  );
}

/** Draw a row for each factor, with a mark for each of its settings. @param {Panel} panel @param {Facts} facts @param {string} factor @param {number} setting @returns {Spot[]} */
export function showOverview(panel, facts, factor, setting) {
  const rows = Object.keys(FACTORS), { low, high } = endOf(facts.runs[BASELINE]).validation;
  const room = panel.element.clientWidth - panel.left - panel.right;
  const across = {
    kind: /** @type {const} */ ("log"),
    values: ERRORS,
    label: "validation error (%)",
  };
  panel.draw({ ...across, ticks: room < TIGHT ? 3 : 5 }, {
    values: [rows.length - 0.4, -0.6],
    label: "",
    ticks: 0,
  });
  const spots = rows.flatMap((name, y) =>
    facts.factors[name].map(([, run], k) => ({
      factor: name,
      setting: k + 1,
      x: endOf(facts.runs[run]).validation.mean,
      y,
    }))
  );
  const [left, right] = panel.x.places, [bottom, top] = panel.y.places;
  const row = panel.y.place(rows.indexOf(factor)), tall = (bottom - top) / rows.length;
  panel.below.replaceChildren(
    svg("rect", {
      class: "nnx-row-of-factor",
      x: left,
      y: row - tall / 2,
      width: right - left,
      height: tall,
    }),
    svg("rect", {
      class: "nnx-band nnx-of-baseline",
      x: panel.x.place(low),
      y: top,
      width: panel.x.place(high) - panel.x.place(low),
      height: bottom - top,
    }),
  );
  panel.above.replaceChildren(...marks(panel, spots, factor, setting));
  panel.labels.replaceChildren(...rows.map((name, y) =>
    svg("text", {
      class: name === factor ? "nnx-name-of-factor" : null,
      x: left - 6,
      y: panel.y.place(y),
      "text-anchor": "end",
    }, FACTORS[name])
  ));
  return spots;
}

/** Return what the curves of a factor are called, with their ends; the baseline is among them. @param {Facts} facts @param {string} factor @param {number} setting @param {Metric} metric */
export function labelsOf(facts, factor, setting, metric) {
  const settings = facts.factors[factor], chosen = chosenOf(facts, factor, setting).run;
  const named = settings.some(([, run]) => run === BASELINE)
    ? settings
    : [...settings, /** @type {[string, number]} */ (["baseline", BASELINE])];
  return named.map(([text, run]) => {
    const curve = curveOf(facts.runs[run], metric), count = curve.length;
    return {
      text,
      end: /** @type {Point} */ ([count, curve[count - 1].mean]),
      k: run === chosen ? 0 : run === BASELINE ? 1 : 6,
    };
  });
}

/** Draw the curves of a factor: means of all settings, and band and seeds of the chosen one and of the baseline. @param {Panel} panel @param {Facts} facts @param {string} factor @param {number} setting @param {Metric} metric @returns {Spot[]} */
export function showCurves(panel, facts, factor, setting, metric) {
  const settings = facts.factors[factor], chosen = chosenOf(facts, factor, setting).run;
  const curves = settings.map(([, run]) => curveOf(facts.runs[run], metric));
  const base = curveOf(facts.runs[BASELINE], metric), count = base.length;
  const all = [...curves, base].flat();
  const low = Math.min(...all.map((one) => one.low)),
    high = Math.max(...all.map((one) => one.high));
  panel.draw({ values: [1, count], label: passingOf(factor), ticks: 4 }, {
    kind: "log",
    values: [0.93 * low, Math.min(metric === "error" ? 100 : Infinity, 1.07 * high)],
    label: metric === "error" ? "validation error (%)" : "validation loss",
  });
  const points = (/** @type {number[]} */ values) =>
    values.map((value, t) => /** @type {Point} */ ([t + 1, value]));
  const full = (/** @type {number} */ run, /** @type {number} */ k) => {
    const ranges = curveOf(facts.runs[run], metric);
    const rim = [
      ...points(ranges.map((one) => one.low)),
      ...points(ranges.map((one) => one.high)).reverse(),
    ];
    return svg(
      "g",
      { style: `color:${color(k)}` },
      svg("path", { class: "nnx-band nnx-filled", d: pathOf(panel, rim) }),
      ...k
        ? []
        : seedsOf(facts.runs[run], metric).map((values) =>
          svg("path", { class: "nnx-seed", d: pathOf(panel, points(values)) })
        ),
      svg("path", {
        class: "nnx-line",
        d: pathOf(panel, points(ranges.map((one) => one.mean))),
        "stroke-dasharray": k ? "6 2.5" : "",
      }),
    );
  };
  panel.below.replaceChildren(
    ...curves.map((curve) =>
      svg("path", { class: "nnx-before", d: pathOf(panel, points(curve.map((one) => one.mean))) })
    ),
  );
  panel.above.replaceChildren(...chosen === BASELINE ? [] : [full(BASELINE, 1)], full(chosen, 0));
  panel.labels.replaceChildren(
    ...endLabels(panel, labelsOf(facts, factor, setting, metric)),
  );
  return curves.flatMap((curve, k) =>
    curve.map(({ mean }, t) => ({ factor, setting: k + 1, x: t + 1, y: mean }))
  );
}

/** Draw the validation error in the end against the training error. @param {Panel} panel @param {Facts} facts @param {string} factor @param {number} setting @returns {Spot[]} */
export function showEnds(panel, facts, factor, setting) {
  panel.draw({ kind: "log", values: [LEAST * 0.8, 100], label: "training error (%)" }, {
    kind: "log",
    values: ERRORS,
    label: "validation error (%)",
  });
  panel.below.replaceChildren(
    svg("path", { class: "nnx-guess", d: pathOf(panel, [[ERRORS[0], ERRORS[0]], [100, 100]]) }),
  );
  const spots = Object.entries(facts.factors).flatMap(([name, settings]) =>
    settings.map(([, run], k) => {
      const { validation, training } = endOf(facts.runs[run]);
      return {
        factor: name,
        setting: k + 1,
        x: Math.max(LEAST, training.mean),
        y: validation.mean,
      };
    })
  );
  panel.above.replaceChildren(...marks(panel, spots, factor, setting));
  return spots;
}

/** Return the spot that is nearest to a place, if one is near; among equals one of the factor. @param {Panel} panel @param {readonly Spot[]} spots @param {string} factor @param {number} x @param {number} y @returns {Spot | null} */
export function nearestOf(panel, spots, factor, x, y) {
  let best = null, least = NEAR;
  for (const spot of spots) {
    const across = panel.x.place(spot.x) - panel.x.place(x);
    const far = Math.hypot(across, panel.y.place(spot.y) - panel.y.place(y));
    if (far < least || (best && far === least && spot.factor === factor)) {
      [best, least] = [spot, far];
    }
  }
  return best;
}
