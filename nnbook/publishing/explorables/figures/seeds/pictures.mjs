/**
 * The pictures: the recorded runs above the intervals of the last samples, and coverage forming.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./samples.mjs").Recorded} Recorded
 * @typedef {import("./samples.mjs").Sample} Sample
 */
import { color, shape } from "../../drawing/colors.mjs";
import { svg } from "../../drawing/elements.mjs";
import { pathOf } from "../../drawing/lines.mjs";
import { deviationOf, meanOf } from "./samples.mjs";

export const SHOWN = 25; // intervals
const CLAIMED = 95, LEAST_COVERAGE = 40; // percent

/** Draw recorded runs, with the last sample among them, and an interval for each of the last samples. @param {Panel} panel @param {Recorded} recorded @param {readonly Sample[]} samples */
export function showSamples(panel, recorded, samples) {
  const { values, label } = recorded, last = samples.slice(-SHOWN);
  const least = Math.min(...values), most = Math.max(...values), room = deviationOf(values) * 1.5;
  panel.draw({ values: [least - room, most + room], label, ticks: 5 }, {
    values: [-SHOWN - 0.5, 4],
    label: "newest sample first",
    ticks: 0,
  });
  const truth = panel.x.place(meanOf(values)), [bottom, top] = panel.y.places;
  const place = (/** @type {number} */ value, /** @type {number} */ row) =>
    `translate(${panel.x.place(value).toFixed(1)} ${panel.y.place(row).toFixed(1)})`;
  panel.below.replaceChildren(
    svg("path", { class: "nnx-minimum", d: `M${truth} ${bottom}V${top}` }),
  );
  const drawn = last[last.length - 1]?.values ?? [];
  panel.labels.replaceChildren(
    ...[["all", 2.7], ["sample", 1.3]].map(([text, row]) =>
      svg("text", { x: panel.x.places[0] + 5, y: panel.y.place(Number(row)) }, String(text))
    ),
  );
  panel.above.replaceChildren(
    ...values.map((value) =>
      svg("circle", { class: "nnx-recorded", r: 4, transform: place(value, 2.7) })
    ),
    // A run that is drawn twice stands twice.
    ...drawn.map((value, k) =>
      svg("path", {
        class: "nnx-mark",
        style: `color:${color(0)}`,
        d: shape(0),
        transform: place(value, 1.3 - 0.35 * drawn.slice(0, k).filter((v) => v === value).length),
      })
    ),
    ...last.map((sample, k) => interval(panel, sample, k - last.length)),
  );
}

/** One that misses the mean is told by its color, its dashes and its mark. @param {Panel} panel @param {Sample} sample @param {number} row */
function interval(panel, { mean, low, high, covers }, row) {
  const k = covers ? 0 : 1, ends = Number.isFinite(low) ? [low, high] : [mean, mean];
  return svg(
    "g",
    { style: `color:${color(k)}`, class: row === -1 ? "nnx-last" : null },
    svg("path", {
      class: "nnx-line",
      d: pathOf(panel, [[ends[0], row], [ends[1], row]]),
      "stroke-dasharray": covers ? "" : "5 2.5",
    }),
    svg("path", {
      class: "nnx-mark",
      d: shape(covers ? 0 : 3),
      transform: `translate(${panel.x.place(mean).toFixed(1)} ${panel.y.place(row).toFixed(1)})`,
    }),
  );
}

/** Draw the share of intervals so far that cover the mean, and what they claim. @param {Panel} panel @param {readonly Sample[]} samples */
export function showCoverage(panel, samples) {
  panel.draw({ values: [0, Math.max(20, samples.length)], label: "samples" }, {
    values: [LEAST_COVERAGE, 101],
    label: "intervals that cover (%)",
  });
  let covered = 0;
  /** @type {[number, number][]} */
  const line = samples.map(({ covers }, k) => {
    covered += Number(covers);
    return [k + 1, 100 * covered / (k + 1)];
  });
  const claimed = panel.y.place(CLAIMED), [left, right] = panel.x.places;
  panel.below.replaceChildren(
    svg("path", { class: "nnx-guess", d: `M${left} ${claimed}H${right}` }),
  );
  const [x, y] = line[line.length - 1] ?? [0, NaN];
  panel.above.replaceChildren(
    svg(
      "g",
      { style: `color:${color(0)}` },
      svg("path", { class: "nnx-line", d: pathOf(panel, line) }),
      Number.isFinite(y) &&
        svg("path", {
          class: "nnx-mark",
          d: shape(0),
          transform: `translate(${panel.x.place(x).toFixed(1)} ${panel.y.place(y).toFixed(1)})`,
        }),
    ),
  );
  panel.labels.replaceChildren(
    svg("text", { x: right - 6, y: claimed - 9, "text-anchor": "end" }, `claimed: ${CLAIMED} %`),
  );
}

/** Draw how often each mean and each standard deviation came: bars over the same number of classes. @param {Panel} panel @param {string} label @param {readonly number[]} found @param {number} truth @param {readonly [number, number]} range */
export function showCounts(panel, label, found, truth, range) {
  const classes = 24, counts = new Array(classes).fill(0);
  for (const value of found) {
    const share = (value - range[0]) / (range[1] - range[0]);
    counts[Math.min(classes - 1, Math.max(0, Math.floor(share * classes)))] += 1;
  }
  panel.draw({ values: range, label, ticks: 4 }, {
    values: [0, Math.max(5, ...counts) * 1.05],
    label: "samples",
    ticks: 3,
  });
  const [bottom, top] = panel.y.places, wide = (range[1] - range[0]) / classes;
  panel.below.replaceChildren(...counts.map((count, k) => {
    const left = panel.x.place(range[0] + k * wide), high = panel.y.place(count);
    return svg("rect", {
      class: "nnx-count",
      x: left,
      y: high,
      width: Math.max(1, panel.x.place(range[0] + (k + 1) * wide) - left - 1),
      height: Math.max(0, bottom - high),
    });
  }));
  panel.above.replaceChildren(
    svg("path", { class: "nnx-minimum", d: `M${panel.x.place(truth)} ${bottom}V${top}` }),
  );
}
