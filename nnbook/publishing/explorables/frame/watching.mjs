/** What runs stops while nobody sees it; what is drawn follows the width that it has. */

const HALT = "nnx-halt";

/** Halt the clocks of an element: what the reader has chosen is to stay as it is. @param {Element} element */
export const halt = (element) => element.dispatchEvent(new Event(HALT));

/** A clock that ticks only while an element is on the screen, and stops where the element is halted. */
export class Clock {
  /** @param {Element} element @param {number} pause in milliseconds; then it ticks with the next frame @param {() => void} tick @param {(runs: boolean) => void} [changed] @param {() => void} [halted] */
  constructor(element, pause, tick, changed = () => {}, halted = () => this.stop()) {
    this.pause = pause;
    this.tick = tick;
    this.changed = changed;
    this.wanted = false;
    this.seen = true;
    this._timer = 0;
    this._frame = 0;
    new IntersectionObserver((entries) => {
      this.seen = entries[entries.length - 1].isIntersecting;
      this._go();
    }).observe(element);
    document.addEventListener("visibilitychange", () => this._go());
    element.addEventListener(HALT, halted);
  }

  start() {
    this.wanted = true;
    this.changed(true);
    this._go();
  }

  stop() {
    if (this.wanted) this.changed(false);
    this.wanted = false;
    this._go();
  }

  _go() {
    clearTimeout(this._timer);
    cancelAnimationFrame(this._frame);
    if (!this.wanted || !this.seen || document.hidden) return;
    const next = () => {
      this.tick();
      this._go();
    };
    // With the next frame: where frames come late, nothing is drawn that nobody would see.
    const wait = () => {
      this._frame = requestAnimationFrame(next);
    };
    if (this.pause) this._timer = window.setTimeout(wait, this.pause);
    else wait();
  }
}

/** Do something when the width of an element has changed, and when it is known first. @param {Element} element @param {() => void} redraw */
export function onWidth(element, redraw) {
  let width = 0;
  new ResizeObserver(() => {
    if (Math.abs(element.clientWidth - width) < 1) return;
    width = element.clientWidth;
    redraw();
  }).observe(element);
}

/** Whether the reader wants no motion. */
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
