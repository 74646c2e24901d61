/**
 * The pictures of the race: the ground, the plane of learning rate and momentum, the curves.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./race.mjs").Run} Run
 * @typedef {import("./surfaces.mjs").Surface} Surface
 */
import { color, shape } from "../../drawing/colors.mjs";
import { contours } from "../../drawing/contours.mjs";
import { html, svg } from "../../drawing/elements.mjs";
import { endLabels, line } from "../../drawing/lines.mjs";
import { RULES } from "./race.mjs";
import { alike, best, slowest, updatesForTen } from "./rates.mjs";

export const FASTEST = 4.2; // of the plane: the largest learning rate times curvature
const ISOCHRONES = [4, 8, 16, 32, 64, 128]; // updates for one digit
const NAMES = Object.keys(RULES);

/** @param {string} name */
export function sign(name) {
  const k = NAMES.indexOf(name);
  return svg("svg", {
    width: 14,
    height: 14,
    viewBox: "-7 -7 14 14",
    style: `color:${color(k)}`,
    "aria-hidden": "true",
  }, svg("path", { d: shape(k), class: "nnx-mark" }));
}
/** @param {Panel} panel @param {Surface} surface */
export function drawGround(panel, surface) {
  const { range, loss, minima } = surface;
  panel.ratio = (range.y[1] - range.y[0]) / (range.x[1] - range.x[0]); // angles are to be seen as they are
  panel.draw({ values: range.x, label: "w\u2081" }, { values: range.y, label: "w\u2082" });
  // Closer together near the minimum, where most of the race takes place.
  const corners = range.x.flatMap((x) => range.y.map((y) => loss(x, y)));
  const most = Math.max(...corners), count = 12;
  const levels = Array.from({ length: count }, (_, k) => most * ((k + 0.5) / count) ** 4);
  panel.below.replaceChildren(
    ...contours(panel, loss, levels).map((d) => svg("path", { class: "nnx-contour", d })),
    ...minima.map(([x, y]) =>
      svg("path", {
        class: "nnx-minimum",
        d: `M${panel.x.place(x) - 6} ${panel.y.place(y)}h12m-6 -6v12`,
      })
    ),
  );
}

/** @param {Panel} panel @param {readonly Run[]} runs @param {number} at */
export function showRuns(panel, runs, at) {
  panel.above.replaceChildren(
    ...runs.map(({ name, path }) =>
      line(panel, path.slice(0, at + 1), NAMES.indexOf(name), path.length < 60 || at < 60)
    ),
    svg("circle", {
      class: "nnx-start",
      r: 5,
      cx: panel.x.place(runs[0].path[0][0]),
      cy: panel.y.place(runs[0].path[0][1]),
    }),
  );
}

/** Paint the plane: the fewer updates one digit takes, the darker. @param {Panel} panel @param {number} ratio */
export function paint(panel, ratio) {
  const columns = 120, rows = 90;
  const canvas = html("canvas", { width: columns, height: rows });
  const pen = canvas.getContext("2d");
  const [left, right] = panel.x.places, [bottom, top] = panel.y.places;
  const updates = (/** @type {number} */ step, /** @type {number} */ beta) =>
    updatesForTen(slowest(beta, step, ratio));
  if (pen) {
    const pixels = pen.createImageData(columns, rows);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const n = updates(FASTEST * (i + 0.5) / columns, 1 - (j + 0.5) / rows);
        const share = n === Infinity
          ? 0
          : Math.min(1, Math.max(0.06, 1 - Math.log10(Math.max(1, n)) / 2.6));
        pixels.data.set([255, 255, 255, Math.round(255 * share * 0.85)], 4 * (j * columns + i));
      }
    }
    pen.putImageData(pixels, 0, 0);
  }
  const id = `${panel.svg.querySelector("clipPath")?.id}-mask`;
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  const mask = svg(
    "mask",
    { id },
    svg("image", { ...box, href: canvas.toDataURL(), preserveAspectRatio: "none" }),
  );
  const path = (/** @type {[number, number][]} */ places) =>
    places.map(([step, beta], k) =>
      `${k ? "L" : "M"}${panel.x.place(step).toFixed(1)} ${panel.y.place(beta).toFixed(1)}`
    ).join("");
  const lines = contours(
    panel,
    (step, beta) => Math.min(1e4, updates(Math.max(1e-6, step), beta)),
    ISOCHRONES,
    120,
  );
  panel.below.replaceChildren(
    mask,
    svg("rect", { ...box, class: "nnx-painted", mask: `url(#${id})` }),
    ...lines.map((d) => svg("path", { class: "nnx-contour", d })),
    svg("path", { class: "nnx-bound", d: path([[2, 0], [4, 1]]) }),
    svg("path", { class: "nnx-alike", d: path(alike(ratio, 30)) }),
  );
}

/** @param {Panel} panel @param {number} rate @param {number} beta @param {number} ratio */
export function showPoint(panel, rate, beta, ratio) {
  const found = best(ratio),
    place = (/** @type {number} */ x, /** @type {number} */ y) =>
      `translate(${panel.x.place(x)} ${panel.y.place(y)})`;
  panel.above.replaceChildren(
    svg("path", { class: "nnx-best", d: shape(3), transform: place(found.step, found.beta) }),
    svg("circle", { class: "nnx-point", r: 8, transform: place(rate, beta) }),
    svg("circle", { class: "nnx-point-middle", r: 2.5, transform: place(rate, beta) }),
  );
  panel.labels.replaceChildren(
    svg(
      "text",
      { x: panel.x.place(3.95), y: panel.y.place(0.16), "text-anchor": "end" },
      "diverges",
    ),
    svg("text", {
      x: panel.x.place(found.step),
      y: panel.y.place(found.beta) + 16,
      "text-anchor": "middle",
    }, "best"),
    ...isochroneLabels(panel, ratio),
  );
}

/**
 * Label the lines where they are level: there both directions swing, so that only the momentum counts.
 *
 * @param {Panel} panel @param {number} ratio
 */
function isochroneLabels(panel, ratio) {
  return ISOCHRONES.slice(0, -1).flatMap((updates) => {
    const root = 0.1 ** (1 / updates); // of the momentum; so much closer comes each update
    const [from, to] = [ratio * (1 - root) ** 2, (1 + root) ** 2];
    if (from >= 0.8 * to) return [];
    const place = {
      x: panel.x.place(Math.max(0.35, (from + 2 * to) / 3)),
      y: panel.y.place(root ** 2),
    };
    return [svg("text", { ...place, "text-anchor": "middle" }, String(updates))];
  });
}

/** @param {Panel} panel @param {readonly Run[]} runs @param {number} at */
export function showCurves(panel, runs, at) {
  const seen = runs.map(({ losses }) =>
    losses.slice(0, at + 1).map((
      loss,
      t,
    ) => /** @type {[number, number]} */ ([t, Math.max(1e-12, loss)]))
  );
  const values = seen.flat().map(([, loss]) => loss);
  const least = Math.max(1e-12, Math.min(...values, 0.1)),
    most = Math.min(1e6, Math.max(...values, 1));
  panel.draw({ values: [0, Math.max(20, at)], label: "updates" }, {
    kind: "log",
    values: [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most * 1.001))],
    label: "loss above the minimum",
  });
  panel.above.replaceChildren(
    ...seen.map((points, n) => line(panel, points, NAMES.indexOf(runs[n].name))),
  );
  panel.labels.replaceChildren(...endLabels(
    panel,
    seen.map((points, n) => ({
      text: RULES[/** @type {keyof typeof RULES} */ (runs[n].name)],
      end: points[points.length - 1],
      k: NAMES.indexOf(runs[n].name),
    })),
  ));
}
