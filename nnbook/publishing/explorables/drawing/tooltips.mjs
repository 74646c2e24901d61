/**
 * What is under the pointer, in words; what it says can be had without a pointer, too.
 *
 * @typedef {import("./axes.mjs").Panel} Panel
 */
import { html } from "./elements.mjs";

/** @type {HTMLElement | null} */
let box = null;

/** Show a text beside the pointer while it is on a panel. @param {Panel} panel @param {(x: number, y: number) => string} textAt may be empty */
export function explain(panel, textAt) {
  const hide = () => {
    if (box) box.hidden = true;
  };
  panel.svg.addEventListener("pointermove", (event) => {
    const [x, y] = panel.pointed(event);
    const [[left, right], [bottom, top]] = [panel.x.values, panel.y.values];
    const text = x >= left && x <= right && y >= bottom && y <= top ? textAt(x, y) : "";
    if (!text) return hide();
    box ??= html("div", { class: "nnx-tooltip", "aria-hidden": "true" });
    // What a dialog shows lies above the page.
    const place = panel.svg.closest("dialog") ?? document.body;
    if (box.parentElement !== place) place.append(box);
    box.textContent = text;
    box.hidden = false;
    const toLeft = event.clientX + box.offsetWidth + 20 > innerWidth;
    box.style.left = `${
      Math.max(4, toLeft ? event.clientX - box.offsetWidth - 12 : event.clientX + 14)
    }px`;
    box.style.top = `${Math.max(4, event.clientY - box.offsetHeight - 10)}px`;
    return undefined;
  });
  panel.svg.addEventListener("pointerleave", hide);
  addEventListener("scroll", hide, { passive: true, capture: true });
}
