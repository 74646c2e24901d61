/** Pictures of pixels: their colors are their own, and do not follow the theme. */

/** @typedef {readonly [number, number, number, number]} Color red, green, blue and opacity, from 0 to 255 */

/** Give each pixel of a canvas a color. @param {HTMLCanvasElement} canvas @param {(place: number) => Color} colorAt */
export function paint(canvas, colorAt) {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const pixels = pen.createImageData(canvas.width, canvas.height);
  for (let k = 0; k < canvas.width * canvas.height; k++) pixels.data.set(colorAt(k), 4 * k);
  pen.putImageData(pixels, 0, 0);
}

/** Return a shade of gray. @param {number} light from 0, black, to 1, white @returns {Color} */
export function gray(light) {
  const level = Math.round(255 * light);
  return [level, level, level, 255];
}
