/* The menus of the header: opened by click and key, walked with the arrow keys, closed with Escape. */
(() => {
  const buttons = [...document.querySelectorAll('[data-bs-toggle="dropdown"]')];
  const isOpen = (button) => button.classList.contains("show");
  function show(button, open) {
    button.ariaExpanded = open;
    for (const part of [button, button.nextElementSibling]) part.classList.toggle("show", open);
  }

  addEventListener("click", (event) => {
    for (const button of buttons) show(button, button.contains(event.target) && !isOpen(button));
  });
  addEventListener("keydown", (event) => {
    const button = buttons.find((b) => b === document.activeElement || isOpen(b));
    if (!button) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && isOpen(button)) {
      show(button, false);
      button.focus();
    } else if (step) {
      event.preventDefault();
      show(button, true);
      const items = [...button.nextElementSibling.querySelectorAll("a, button")];
      const next = items.indexOf(document.activeElement) + step;
      items.at(next === -2 ? -1 : next % items.length).focus();
    }
  }, true);
  for (const button of buttons)
    button.parentElement.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !button.parentElement.contains(event.relatedTarget)) show(button, false);
    });

  // On narrow screens the menus stand in a box that the browser opens and closes.
  const tools = document.querySelector(".nnb-tools");
  tools?.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !tools.contains(event.relatedTarget)) tools.hidePopover?.();
  });
  matchMedia("(max-width: 40rem)").addEventListener("change", () => tools?.hidePopover?.());
})();
