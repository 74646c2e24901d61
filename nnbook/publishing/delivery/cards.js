/* A card shows what a link leads to: after a moment on the link, for the keyboard's focus, or on a tap.
   Its contents are a script of their own, loaded for the first card. */
(() => {
  const article = document.querySelector("article.bd-article");
  const address = document.documentElement.dataset.cards;
  if (!article || !address || !HTMLElement.prototype.showPopover) return;

  const GAP = 6, EDGE = 8, OPEN = 250, CLOSE = 300;  // px, ms
  const card = document.createElement("div");
  card.className = "nnb-card";
  card.popover = "manual";
  card.role = "dialog";
  card.tabIndex = 0;
  let contents, link = null, wanted = null, timer = 0, touched = false, returning = false;
  let pointer = "", dismissed = null;  // where the pointer is, and was when Escape closed a card

  function load() {
    return contents ??= new Promise((resolve) => {
      window.nnbookCards = resolve;
      const script = document.createElement("script");
      script.src = address;
      script.onerror = () => { contents = null; resolve({}); };
      document.head.append(script);
    });
  }

  async function open(target) {
    wanted = target;
    const found = (await load())[target.getAttribute("href")];
    if (wanted !== target) return false;  // the reader has gone on
    if (!found) { wanted = null; return false; }
    const [kind, way, content] = found;
    card.innerHTML = content;
    card.dataset.kind = kind;
    card.ariaLabel = `${kind[0].toUpperCase()}${kind.slice(1)}: ${target.textContent.trim()}`;
    const there = document.createElement("a");
    there.href = target.getAttribute("href");
    there.className = "nnb-card-way";
    there.textContent = way;
    card.append(there);
    show(target.querySelector("[data-value]")?.dataset.value);
    if (!card.isConnected) article.append(card);
    link = target;
    card.showPopover();
    card.scrollTop = 0;
    place();
    card.dispatchEvent(new CustomEvent("nnb-added", { bubbles: true }));
    return true;
  }

  // Of a claim: first the value that the link shows, then what is said of it, and nothing of others.
  function show(value) {
    const shown = value && card.querySelector(`[data-value="${value}"]`)?.closest("li");
    if (!shown) return;
    shown.classList.add("nnb-shown");
    const said = [...card.querySelectorAll("li > p:first-child > code:first-child")];
    const isOfIt = (relation) => relation.textContent.split(/\s+/).includes(value);
    for (const relation of said) relation.closest("li").hidden = !isOfIt(relation);
    shown.parentElement.prepend(shown, ...said.filter(isOfIt).map((relation) => relation.closest("li")));
  }

  // Below its link, or above where there is more room: never upon it, and within the window.
  function place() {
    const { clientWidth, clientHeight } = document.documentElement;
    const box = link.getBoundingClientRect();
    card.style.maxHeight = "";
    const room = { above: box.top - GAP - EDGE, below: clientHeight - box.bottom - GAP - EDGE };
    const isBelow = room.below >= Math.min(card.offsetHeight, 320) || room.below >= room.above;
    card.style.maxHeight = `${Math.max(isBelow ? room.below : room.above, 48)}px`;
    const top = isBelow ? box.bottom + GAP : box.top - GAP - card.offsetHeight;
    const first = link.getClientRects()[0] ?? box;
    const left = Math.min(Math.max(first.left - 16, EDGE), clientWidth - card.offsetWidth - EDGE);
    card.style.top = `${top + scrollY}px`;
    card.style.left = `${left + scrollX}px`;
  }

  function close() {
    clearTimeout(timer);
    wanted = null;
    if (!link) return;
    const back = card.contains(document.activeElement) && link;
    link = null;
    card.hidePopover();
    if (back) focus(back);
  }

  function focus(element) {
    returning = true;  // which opens no card
    element.focus({ preventScroll: true });
    returning = false;
  }

  function later(what, delay) {
    clearTimeout(timer);
    timer = setTimeout(what, delay);
  }

  // A card stays while the pointer is on it or its link, or one of them has the focus.
  const isUsed = () => card.contains(document.activeElement)
    || [card, link].some((e) => e.matches(":hover, :focus-visible"));
  const leave = () => { if (link || wanted) later(() => { if (!link || !isUsed()) close(); }, CLOSE); };

  const linkAt = (event) => {
    const found = event.target.closest?.("a[data-card]");
    return found && !card.contains(found) ? found : null;
  };
  function want(target) {
    if (target === link) return clearTimeout(timer);
    wanted = target;
    load();
    later(() => open(target), OPEN);
  }

  const spot = (event) => `${event.clientX} ${event.clientY}`;
  document.addEventListener("pointermove", (event) => {
    pointer = spot(event);
    if (pointer !== dismissed) dismissed = null;
  }, { passive: true });
  article.addEventListener("pointerover", (event) => {
    // What lies below a card that was closed comes under the pointer, which does not ask for it.
    if (event.pointerType === "touch" || spot(event) === dismissed) return;
    const target = linkAt(event);
    if (card.contains(event.target)) clearTimeout(timer);
    else if (target && !target.contains(event.relatedTarget)) want(target);
  });
  article.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "touch" && (linkAt(event) || card.contains(event.target))) leave();
  });
  article.addEventListener("focusin", (event) => {
    const target = linkAt(event);
    if (target && !returning && target.matches(":focus-visible")) want(target);
  });
  article.addEventListener("focusout", (event) => {
    if (linkAt(event) || card.contains(event.target)) leave();
  });

  // A tap opens the card instead; a second one closes it.
  article.addEventListener("click", async (event) => {
    const target = linkAt(event);
    if (!target || !touched || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (target === link) return close();
    clearTimeout(timer);
    if (await open(target)) focus(card);
    else if (wanted === null) location.href = target.href;
  });
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    if (link && !card.contains(event.target) && !link.contains(event.target)) close();
  }, true);

  addEventListener("keydown", (event) => {
    touched = false;
    if (event.key === "Escape" && (link || wanted)) {
      event.stopPropagation();
      dismissed = pointer;
      close();
    } else if (event.key === "Tab" && link) {
      // The card follows its link in the order of the keyboard.
      const stops = [card, ...card.querySelectorAll("a[href], summary, [tabindex]")].filter((e) => e.checkVisibility());
      const at = document.activeElement;
      if (at === link && !event.shiftKey) {
        event.preventDefault();
        card.focus();
      } else if (at === card && event.shiftKey) {
        event.preventDefault();
        close();
      } else if (at === stops.at(-1) && !event.shiftKey) close();  // and goes on from the link
    }
  }, true);
  addEventListener("resize", close);
  addEventListener("beforeprint", close);

  // What is told of a link is read out with it; a box of the browser would cover the card.
  article.querySelectorAll("a[data-card][title]").forEach((e) => {
    e.setAttribute("aria-description", e.title);
    e.removeAttribute("title");
  });
})();
