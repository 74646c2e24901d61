/**
 * The pictures: the cloud of gradients, where they lead, their error against the size of the batch, and
 * what one update does to the loss.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./batches.mjs").Draws} Draws
 * @typedef {import("./batches.mjs").Examples} Examples
 * @typedef {import("./batches.mjs").Gradients} Gradients
 * @typedef {import("./batches.mjs").Pair} Pair
 *
 * @typedef {object} Seen
 * @property {Pair} w
 * @property {number} rate
 * @property {number} size
 * @property {number} count of examples
 * @property {Draws} draws
 * @property {Gradients} gradients
 * @property {Pair[]} measured sizes, and the root mean square error at each
 * @property {Pair[]} cloud gradients of the batches
 * @property {number} error root mean square
 * @property {number} formula what it should be
 * @property {number} before loss
 * @property {number[]} changed by how much each update changes the loss
 * @property {number[]} widest the same for batches of one
 * @property {number} full the same for the full gradient
 * @property {number} usual how far the axes of gradients reach at least
 * @property {number} outside so many updates lead to weights that are not shown
 */
import { color, dash, shape } from "../../drawing/colors.mjs";
import { contours } from "../../drawing/contours.mjs";
import { svg } from "../../drawing/elements.mjs";
import { pathOf } from "../../drawing/lines.mjs";
import { expected, lossAt, stepped } from "./batches.mjs";
import { brief, mean } from "./words.mjs";

const LEVELS = [0.31, 0.35, 0.4, 0.5, 0.65, 0.85, 1.1, 1.4, 1.8, 2.3, 3];
const CELLS = 45, CLASSES = 36;
const NARROW = 0.25; // of the axis: where all changes take less, the axis is theirs alone
const UNIT = 0.5; // of the axes of gradients
const ERRORS = /** @type {const} */ ([0.008, 1.5]); // that are shown

/** Sizes at which errors are measured, and at which a growing batch halts. @param {number} count */
export const stops = (count) => [
  ...[1, 2, 3, 4, 6, 10, 16, 25, 40, 63, 100, 160].filter((size) => size < count),
  count,
];

/** @param {Panel} panel @param {Pair} pair */
const place = (panel, [x, y]) =>
  `translate(${panel.x.place(x).toFixed(1)} ${panel.y.place(y).toFixed(1)})`;

/** Points that go downhill are round and of one color, those that go uphill square and of another. @param {Panel} panel @param {readonly Pair[]} points @param {readonly number[]} changed */
function dots(panel, points, changed) {
  const path = (/** @type {boolean} */ isUp) =>
    points.filter((_, k) => changed[k] >= 0 === isUp).map(([x, y]) =>
      `M${panel.x.place(x).toFixed(1)} ${panel.y.place(y).toFixed(1)}h0`
    ).join("");
  return [true, false].map((isUp) =>
    // those that go downhill lie above
    svg("path", {
      class: isUp ? "nnx-dots nnx-uphill" : "nnx-dots",
      style: `color:${color(isUp ? 1 : 0)}`,
      d: path(isUp),
    })
  );
}

/** @param {Panel} panel @param {Pair} from @param {Pair} to */
const arrow = (panel, from, to) => svg("path", { class: "nnx-full", d: pathOf(panel, [from, to]) });

/** A circle around a point of a plane whose two axes have the same unit. @param {Panel} panel @param {Pair} middle @param {number} radius */
const circle = (panel, middle, radius) =>
  svg("circle", {
    class: "nnx-expected",
    r: Math.abs(panel.x.place(radius) - panel.x.place(0)),
    transform: place(panel, middle),
  });

/** Draw the gradients of the batches around the full one. @param {Panel} panel @param {Seen} seen */
export function showGradients(panel, { gradients, usual, cloud, changed, formula }) {
  // The same axes wherever the weights are, so that clouds can be compared, unless one is wider.
  const farthest = Math.max(usual, ...cloud.flat().map(Math.abs));
  const end = UNIT * Math.ceil(farthest / UNIT), range = /** @type {const} */ ([-end, end]);
  panel.draw({ values: range, label: "gradient, by w\u2081", ticks: 4 }, {
    values: range,
    label: "by w\u2082",
    ticks: 4,
  });
  // Behind the line through 0 across the full gradient, short steps lead uphill.
  const [x, y] = gradients.mean, far = 4 * end / (Math.hypot(x, y) || 1);
  const corners = /** @type {Pair[]} */ ([[-y, x], [y, -x], [y - x, -x - y], [-y - x, x - y]]);
  panel.below.replaceChildren(
    svg("path", {
      class: "nnx-behind",
      d: pathOf(panel, corners.map(([a, b]) => [far * a, far * b])),
    }),
    svg("path", { class: "nnx-zero", d: pathOf(panel, [[-end, 0], [end, 0]]) }),
    svg("path", { class: "nnx-zero", d: pathOf(panel, [[0, -end], [0, end]]) }),
  );
  panel.above.replaceChildren(
    ...dots(panel, cloud, changed),
    circle(panel, gradients.mean, formula),
    arrow(panel, [0, 0], gradients.mean),
    svg("path", { class: "nnx-best", d: shape(0), transform: place(panel, gradients.mean) }),
  );
}

/** @type {WeakMap<Panel, number>} */
const widths = new WeakMap();

/** Draw the loss, and where one update leads. @param {Panel} panel @param {Examples} examples @param {Seen} seen @param {readonly [number, number][]} ranges */
export function showWeights(panel, examples, seen, ranges) {
  const { w, rate, gradients, cloud, changed, formula } = seen;
  panel.draw({ values: ranges[0], label: "w\u2081" }, { values: ranges[1], label: "w\u2082" });
  if (widths.get(panel) !== panel.width) { // the loss is always the same
    widths.set(panel, panel.width);
    const lines = contours(panel, (x, y) => lossAt(examples, [x, y]), LEVELS, CELLS);
    panel.below.replaceChildren(...lines.map((d) => svg("path", { class: "nnx-contour", d })));
  }
  const after = stepped(w, rate, gradients.mean);
  panel.above.replaceChildren(
    ...dots(panel, cloud.map((g) => stepped(w, rate, g)), changed),
    circle(panel, after, rate * formula),
    arrow(panel, w, after),
    svg("path", { class: "nnx-best", d: shape(0), transform: place(panel, after) }),
    svg("circle", { class: "nnx-point", r: 6, transform: place(panel, w) }),
  );
}

/** Draw the error of the gradient against the size of the batch. @param {Panel} panel @param {Seen} seen */
export function showErrors(panel, { gradients, measured, size, count, draws, error }) {
  const length = Math.hypot(...gradients.mean), [low, high] = ERRORS;
  panel.draw({ kind: "log", values: [1, count * 1.15], label: "batch size B" }, {
    kind: "log",
    values: ERRORS,
    label: "error of the gradient",
  });
  const [left, right] = panel.x.places, [bottom, top] = panel.y.places;
  const here = panel.x.place(size), signal = panel.y.place(length);
  panel.below.replaceChildren(
    svg("path", { class: "nnx-guess", d: `M${here} ${bottom}V${top}` }),
    svg("path", { class: "nnx-guess", d: `M${left} ${signal}H${right}` }),
  );
  const curve = (/** @type {Draws} */ kind) =>
    Array.from({ length: 201 }, (_, k) => {
      const x = count ** (k / 200);
      return /** @type {Pair} */ ([
        x,
        Math.sqrt(Math.max(1e-12, expected(gradients.spread, x, count, kind))),
      ]);
    });
  panel.above.replaceChildren(
    ...["with", "without"].map((kind, k) =>
      svg("path", {
        class: kind === draws ? "nnx-line" : "nnx-before",
        style: `color:${color(0)}`,
        d: pathOf(panel, curve(/** @type {Draws} */ (kind))),
        "stroke-dasharray": dash(k ? 0 : 1),
      })
    ),
    ...measured.filter(([, value]) => value > low).map((point) =>
      svg("circle", { class: "nnx-kink", r: 3.5, transform: place(panel, point) })
    ),
    ...error > low
      ? [svg("path", {
        class: "nnx-best",
        d: shape(0),
        transform: `${place(panel, [size, error])} scale(1.3)`,
      })]
      : [],
  );
  const isShort = length < Math.sqrt(low * high); // then the curve leaves room at the left
  const label = length > low && length < high
    ? [svg("text", {
      x: isShort ? left + 5 : right - 4,
      y: signal - 9,
      "text-anchor": isShort ? "start" : "end",
    }, `full gradient: ${brief(length)}`)]
    : [];
  panel.labels.replaceChildren(...label);
}

/**
 * Return classes of the changes of the loss, of which 0 is an edge; the last one holds all larger changes.
 *
 * The size of the batch leaves their range alone, unless nearly all of it would be empty.
 *
 * @param {Pick<Seen, "changed" | "widest" | "full">} seen
 * @returns {{first: number, wide: number, counts: number[]}} the class k goes from (first + k) wide to (first + k + 1) wide
 */
export function classesOf({ changed, widest, full }) {
  const single = [...widest].sort((a, b) => a - b)[Math.floor(0.9 * widest.length)];
  let most = Math.max(single, mean(changed), full, 0);
  let least = Math.min(...widest, ...changed, full, 0);
  const own = [Math.min(...changed, full, 0), Math.max(...changed, full, 0)];
  if (own[1] - own[0] < NARROW * (most - least)) [least, most] = own;
  const room = 0.02 * (most - least || 1);
  const wide = (most - least + 2 * room) / CLASSES;
  const first = Math.floor((least - room) / wide);
  const counts = new Array(Math.ceil((most + room) / wide) - first).fill(0);
  for (const value of changed) {
    counts[Math.min(counts.length - 1, Math.floor(value / wide) - first)] += 1;
  }
  return { first, wide, counts };
}

/** Draw how often an update changes the loss by how much. @param {Panel} panel @param {Seen} seen */
export function showChanges(panel, seen) {
  const { changed, full } = seen, { first, wide, counts } = classesOf(seen);
  const from = first * wide, to = (first + counts.length) * wide;
  panel.draw({ values: [from, to], label: "change of the loss by one update", ticks: 4 }, {
    values: [0, 1.05 * Math.max(...counts)],
    label: "batches",
    ticks: 3,
  });
  const [bottom, top] = panel.y.places;
  const upright = (/** @type {string} */ name, /** @type {number} */ x) =>
    svg("path", { class: name, d: `M${panel.x.place(x).toFixed(1)} ${bottom}V${top}` });
  panel.below.replaceChildren(
    ...counts.map((count, k) => {
      const [left, right] = [first + k, first + k + 1].map((x) => panel.x.place(x * wide));
      return svg("rect", {
        class: "nnx-count",
        x: left.toFixed(1),
        y: panel.y.place(count).toFixed(1),
        width: Math.max(1, right - left - 1).toFixed(1),
        height: Math.max(0, bottom - panel.y.place(count)).toFixed(1),
      });
    }),
    upright("nnx-zero", 0),
  );
  panel.above.replaceChildren(
    upright("nnx-guess nnx-whole", full),
    upright("nnx-minimum", mean(changed)),
  );
}
