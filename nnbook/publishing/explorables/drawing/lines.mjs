/**
 * Lines with the dash and the mark of their color, and labels beside their ends.
 *
 * @typedef {import("./axes.mjs").Panel} Panel
 * @typedef {readonly [number, number]} Point
 */
import { color, dash, shape, textColor } from "./colors.mjs";
import { svg } from "./elements.mjs";

const LINE = 15; // px between two labels
const LETTER = 7; // px of a letter of theirs

/** Return points as the path of an SVG; the line ends where a number does. @param {Panel} panel @param {readonly Point[]} points */
export function pathOf(panel, points) {
  let text = "";
  for (const [x, y] of points) {
    const across = panel.x.place(x), up = panel.y.place(y);
    if (!Number.isFinite(across) || !Number.isFinite(up)) break;
    // Far away is far enough: renderers do not like large numbers.
    text += `${text ? "L" : "M"}${bounded(across)} ${bounded(up)}`;
  }
  return text;
}

/** @param {number} place */
const bounded = (place) => Math.min(1e4, Math.max(-1e4, place)).toFixed(1);

/** Return a line of the k-th color with its mark at the last point, and with dots at all if asked. @param {Panel} panel @param {readonly Point[]} points @param {number} k @param {boolean} [dotted] */
export function line(panel, points, k, dotted = false) {
  const places = points.map(([x, y]) => [panel.x.place(x), panel.y.place(y)]).filter(([x, y]) =>
    Number.isFinite(x) && Number.isFinite(y)
  );
  const last = places[places.length - 1];
  return svg(
    "g",
    { style: `color:${color(k)}` },
    svg("path", { class: "nnx-line", d: pathOf(panel, points), "stroke-dasharray": dash(k) }),
    dotted && svg("path", {
      class: "nnx-dots",
      d: places.map(([x, y]) => `M${bounded(x)} ${bounded(y)}h0`).join(""),
    }),
    last &&
      svg("path", {
        class: "nnx-mark",
        d: shape(k),
        transform: `translate(${bounded(last[0])} ${bounded(last[1])})`,
      }),
  );
}

/** Return labels beside the ends of lines, pushed down where they would cover each other. @param {Panel} panel @param {readonly {text: string, end: Point, k?: number}[]} labels without k in the color of all text */
export function endLabels(panel, labels) {
  const [bottom, top] = panel.y.places;
  const placed = labels
    .map(({ text, end, k }) => ({
      text,
      k,
      x: Math.min(panel.x.places[1], panel.x.place(end[0])) + 9,
      y: Math.min(bottom, Math.max(top, panel.y.place(end[1]))),
    }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .sort((a, b) => a.y - b.y);
  const end = (/** @type {{text: string, x: number}} */ { text, x }) => x + LETTER * text.length;
  placed.forEach((label, n) => {
    for (const one of placed.slice(0, n)) {
      if (one.x < end(label) && label.x < end(one)) label.y = Math.max(label.y, one.y + LINE);
    }
  });
  const over = Math.max(0, ...placed.map(({ y }) => y - bottom));
  for (let n = placed.length - 1, most = bottom; over && n >= 0; n--, most -= LINE) {
    placed[n].y = Math.min(placed[n].y, most);
  }
  return placed.map(({ text, x, y, k }) =>
    svg("text", { x, y, style: k === undefined ? null : `fill:${textColor(k)}` }, text)
  );
}
