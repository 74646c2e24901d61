/* The value under the pointer: of the nearest point of a figure, in its panel.
   What a figure shows is a script beside it, loaded when the pointer first comes upon it. */
(() => {
  const NEAR = 28;  // px
  const figures = new Map();
  const box = document.createElement("div");
  box.className = "nnb-value";
  box.popover = "manual";
  box.ariaHidden = "true";  // the data are below the figure, for all readers
  if (!box.showPopover) return;

  window.nnbookValues = (name, panels, boxes) => figures.set(name, { panels, boxes });
  function load(image) {
    const name = image.dataset.values;
    if (figures.has(name)) return figures.get(name);
    figures.set(name, null);
    const script = document.createElement("script");
    script.src = image.src.replace(/[^/]*$/, `${name}.js`);
    document.head.append(script);
    return null;
  }

  const scales = {
    linear: (v) => v,
    log: Math.log,
    // As matplotlib has it: linear to a threshold on either side of zero, then powers of a base.
    symlog: (v, threshold, length, base) => {
      const linear = length / (1 - 1 / base), size = Math.abs(v) / threshold;
      return size <= 1 ? linear * v / threshold
        : Math.sign(v) * (linear + Math.log(size) / Math.log(base));
    },
  };
  const share = ([kind, first, last, ...more], value) => {
    const [v, a, b] = [value, first, last].map((place) => scales[kind](place, ...more));
    return (v - a) / (b - a);
  };
  const known = (scale) => scale[0] in scales;

  function nearest({ panels, boxes }, image, x, y) {
    const { left, top, width, height } = image.getBoundingClientRect();
    const form = boxes[/-narrow\.svg$/.test(image.currentSrc) ? 1 : 0] ?? boxes[0];
    const point = 4 / 3 * width / (image.naturalWidth || width);  // px
    let best = null, least = NEAR;
    panels.forEach((panel, k) => {
      if (!panel.scales.every(known)) return;
      const [l, t, w, h] = form[k];
      for (const { label, x: xs, y: ys, aside = [0, 0], ...ends } of panel.series) xs.forEach((value, n) => {
        const [across, up] = [share(panel.scales[0], value), share(panel.scales[1], ys[n])];
        if (!(across > -0.01 && across < 1.01 && up > -0.01 && up < 1.01)) return;
        const px = left + width * (l + w * across) + point * aside[0];
        const py = top + height * (t + h * (1 - up)) - point * aside[1];
        const distance = Math.hypot(px - x, py - y);
        if (distance < least) {
          least = distance;
          const around = ["x", "y"].map((axis) => [ends[`${axis} low`]?.[n], ends[`${axis} high`]?.[n]]);
          best = { panel, label, value: [value, ys[n]], around, px, py };
        }
      });
    });
    return best;
  }

  const shown = (words, value) => words[value] ??
    value.toLocaleString("en", { maximumSignificantDigits: 4 }).replace("-", "\u2212");
  function show({ panel, label, value, around, px, py }) {
    const parts = ["x", "y"].map((axis, k) => {
      const ends = around[k].map((end) => end == null ? null : shown({}, end));
      const interval = ends.includes(null) ? "" : ` (${ends.join(" to ")})`;
      const text = shown(panel.words[k], value[k]) + interval;
      return panel[axis] && panel.words[k][value[k]] === undefined ? `${panel[axis]}: ${text}` : text;
    });
    box.replaceChildren(...[label, ...parts].filter(Boolean).map((line) =>
      Object.assign(document.createElement("div"), { textContent: line })));
    const modal = document.querySelector("dialog[open]");
    if (box.parentNode !== (modal ?? document.body)) (modal ?? document.body).append(box);
    box.showPopover();
    const right = px + 14 + box.offsetWidth < innerWidth ? px + 14 : px - 14 - box.offsetWidth;
    box.style.left = `${Math.max(4, right)}px`;
    box.style.top = `${Math.max(4, py - box.offsetHeight - 8)}px`;
    box.style.setProperty("--x", `${px}px`);
    box.style.setProperty("--y", `${py}px`);
  }
  const hide = () => { if (box.isConnected && box.matches(":popover-open")) box.hidePopover(); };

  let waiting = false;
  function look(event) {
    const image = event.target.closest?.("img[data-values]");
    if (!image || waiting) return image ? undefined : hide();
    const figure = load(image);
    if (!figure) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const found = nearest(figure, image, event.clientX, event.clientY);
      if (found) show(found);
      else hide();
    });
  }
  addEventListener("pointermove", look, { passive: true });
  addEventListener("scroll", hide, { passive: true, capture: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
