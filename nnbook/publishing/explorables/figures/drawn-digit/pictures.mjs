/**
 * The image that the networks get, their probabilities, and the pixels that matter.
 *
 * @typedef {import("../../drawing/axes.mjs").Panel} Panel
 * @typedef {import("./networks.mjs").Answer} Answer
 */
import { html, svg } from "../../drawing/elements.mjs";
import { gray, paint } from "../../drawing/rasters.mjs";
import { SIDE } from "./image.mjs";

/** Return a picture of pixels. @param {string} name what is seen, in words */
export const pictureOf = (name) =>
  html("canvas", {
    width: SIDE,
    height: SIDE,
    class: "nnx-weights",
    role: "img",
    "aria-label": name,
  });

/** Show an image: ink is dark. @param {HTMLCanvasElement} picture @param {Float64Array} image */
export const showImage = (picture, image) => paint(picture, (k) => gray(1 - image[k]));

/** Show where ink would raise the logit (light) or lower it (dark). @param {HTMLCanvasElement} picture @param {Float64Array} slopes @param {number} largest the slope that is white */
export const showSlopes = (picture, slopes, largest) =>
  paint(picture, (k) => gray((1 + slopes[k] / (largest || 1)) / 2));

/** Draw the ten probabilities as bars; that of the answer has an outline. @param {Panel} panel @param {Answer} answer */
export function showProbabilities(panel, { probabilities, digit }) {
  panel.draw({ values: [-0.7, 9.7], label: "digit", ticks: 11 }, {
    values: [0, 1],
    label: "probability",
  });
  const [bottom] = panel.y.places, half = (panel.x.place(1) - panel.x.place(0)) * 0.4;
  panel.above.replaceChildren(...probabilities.map((share, k) =>
    svg("rect", {
      class: k === digit ? "nnx-count nnx-answer" : "nnx-count",
      x: panel.x.place(k) - half,
      y: panel.y.place(share),
      width: 2 * half,
      height: bottom - panel.y.place(share),
    })
  ));
}
