/* A question or an explorable on the whole screen, in large type: for a lecture. */
(() => {
  const QUESTION = ".nnq", BOXES = `${QUESTION}, [data-explorable]`;
  const STEP = 1.15, SMALLEST = 0.8, LARGEST = 4;
  let dialog = null;

  function enter(box) {
    const place = document.createComment("the box is on the stage");
    box.before(place);
    dialog = document.createElement("dialog");
    dialog.className = "nnb-stage";
    dialog.setAttribute("aria-label", "Full screen");
    const frame = document.createElement("div");
    frame.className = "nnb-stage-frame bd-article bd-content";
    const width = box.matches(QUESTION) ? 800 : 1000; // px of the page's type
    let size = Math.min(2.2, Math.max(1, innerWidth / width));
    const scale = (factor) => () => {
      size = Math.min(LARGEST, Math.max(SMALLEST, size * factor));
      frame.style.zoom = size;
    };
    scale(1)();
    const bar = document.createElement("div");
    bar.className = "nnb-stage-bar";
    const control = (text, press) => {
      const element = document.createElement("button");
      element.type = "button";
      element.textContent = text;
      element.addEventListener("click", press);
      bar.append(element);
      return element;
    };
    control("Smaller type", scale(1 / STEP));
    control("Larger type", scale(STEP));
    const leave = control("Leave full screen", () => dialog.close());
    dialog.append(bar, frame);
    document.body.append(dialog);
    frame.append(box);
    dialog.addEventListener("close", () => {
      place.replaceWith(box);
      dialog.remove();
      dialog = null;
      if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
      box.querySelector("[data-stage]")?.focus();
    });
    // The dialog comes after the screen is filled, so that it lies on top.
    const show = () => {
      if (!dialog || dialog.open) return;
      dialog.showModal();
      leave.focus();
    };
    const filled = document.documentElement.requestFullscreen?.();
    if (filled) filled.then(show, show);
    else show();
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-stage]")?.closest(BOXES);
    if (box && !dialog) enter(box);
    else if (box) dialog.close();
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && dialog?.open) dialog.close();
  });
  // The key f does the same where the focus is on a box.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "f" || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range])")) return;
    if (dialog) dialog.close();
    else if (target.closest(BOXES)) enter(target.closest(BOXES));
  });
})();
