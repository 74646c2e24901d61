/**
 * The four panels: a number of each layer, drawn from the input to the output.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("../../drawing/axes.mjs").Axis} Axis
 * @typedef {readonly [readonly number[], readonly number[]]} Band
 */
import { svg } from "../../drawing/elements.mjs";
import { line, pathOf } from "../../drawing/lines.mjs";

const LEAST = 1e-30; // what is smaller than all else is not followed further
const HELD = [1e-8, 10]; // where a logarithmic axis reaches at least, so that networks compare by eye

/** What each panel shows; its place in the list is that of its color. */
export const SHOWN = {
  slope: "mean slope",
  activation: "activation (rms)",
  error: "error signal (rms)",
  gradient: "norm of the gradient",
};

/**
 * Draw the numbers of the layers, and a band behind them.
 *
 * @param {Panel} panel @param {keyof typeof SHOWN} name @param {readonly number[]} values
 * @param {Band | undefined} band @param {number} layers in the whole network
 */
export function showLayers(panel, name, values, band, layers) {
  const k = Object.keys(SHOWN).indexOf(name);
  panel.draw({ values: [0.5, layers + 0.5], label: "layer", ticks: Math.min(11, layers) }, {
    ...vertical(name, [...values, ...(band ?? []).flat()]),
    label: SHOWN[name],
  });
  panel.below.replaceChildren(...(band ? [bandOf(panel, band, k)] : []));
  panel.above.replaceChildren(
    line(panel, values.map((value, l) => [l + 1, value || LEAST / 10]), k, true),
  );
  const missing = values.flatMap((value, l) => (value === 0 ? [l + 1] : []));
  const place = { x: (panel.x.places[0] + panel.x.places[1]) / 2, y: panel.y.places[0] - 12 };
  panel.labels.replaceChildren(
    ...(missing.length
      ? [
        svg(
          "text",
          { ...place, "text-anchor": "middle" },
          `exactly 0 in layer ${missing.join(", ")}`,
        ),
      ]
      : []),
  );
}

/** Return the vertical axis of a panel. @param {string} name @param {readonly number[]} values @returns {{kind: "linear" | "log", values: readonly [number, number]}} */
export function vertical(name, values) {
  if (name === "slope") {
    return { kind: "linear", values: [0, Math.max(...values) > 0.26 ? 1.05 : 0.3] };
  }
  const positive = values.filter((value) => value > LEAST);
  return {
    kind: "log",
    values: [
      10 ** Math.floor(Math.log10(Math.min(...positive, HELD[0]))),
      10 ** Math.ceil(Math.log10(Math.max(...positive, HELD[1]))),
    ],
  };
}

/** A band from the least to the largest value, a little wider than its layers. @param {Panel} panel @param {Band} band @param {number} k */
function bandOf(panel, [low, high], k) {
  const edge = (/** @type {readonly number[]} */ values) => /** @type {[number, number][]} */ ([
    [0.85, values[0]],
    ...values.map((value, l) => [l + 1, value]),
    [values.length + 0.15, values[values.length - 1]],
  ]);
  return svg("path", {
    class: "nnx-band",
    style: `fill:var(--nnx-c${k})`,
    d: `${pathOf(panel, [...edge(low), ...edge(high).reverse()])}Z`,
  });
}
