/* Self-checks: questions that answer back. What was answered is kept in the reader's own browser. */
(() => {
  const STORE = "nnbook.self-checks";
  const SIGN = { right: "\u2713", wrong: "\u2717", open: "" };
  const SAID = { right: "right", wrong: "not right yet", open: "open" };

  // What is remembered; where a browser keeps nothing, as long as the page is open.
  let memory = {}, keeps = true;
  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}") ?? {};
      memory = Object.fromEntries(Object.entries(kept).filter(([, answer]) => answer?.version));
    } catch (problem) {
      if (!(problem instanceof SyntaxError)) keeps = false;
    }
    return memory;
  }
  /* What was answered to a question as it is now: it may have changed since. */
  const answered = (name, version) => (memory[name]?.version === version ? memory[name] : undefined);
  function remember(name, answer) {
    recall();
    if (answer) memory[name] = answer;
    else delete memory[name];
    try { localStorage.setItem(STORE, JSON.stringify(memory)); } catch { keeps = false; }
  }

  /* The numbers that a text may stand for: 0.1, 0,1, 1/10, 1e-1, 10⁻¹, 10 %, -1, 1 1/2; 1,000 is 1000 or 1. */
  const RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
  const isShare = (unit) => /^(%|percent)/.test(unit);
  function numbers(text, unit = "") {
    let plain = text.trim().toLowerCase().replace(/^[=\u2248~]\s*/, "").replace(/\s+/g, " ");
    const ending = [unit, unit.replace(/s$/, "")].find((one) => one && one !== "%" && plain.endsWith(one.toLowerCase()));
    if (ending) plain = plain.slice(0, -ending.length);
    const percent = /(%|per ?cent)$/;
    const share = percent.test(plain) && !isShare(unit);
    plain = plain.replace(percent, "").trim()
      .replace(new RegExp(`\u207b?[${RAISED}]+`, "g"), (all) => `^${all.replace(/./g, (one) => (one === "\u207b" ? "-" : RAISED.indexOf(one)))}`)
      .replace(/[\u2010-\u2015\u2212]/g, "-").replace(/[\u2044\u2215]/g, "/")
      .replace(/ ?([/^\u00b7\u22c5\u00d7*xe]) ?/g, "$1").replace(/^([+-]) /, "$1")
      .replace(/[\u00b7\u22c5\u00d7*x]10\^\(?([+-]?\d+)\)?$/, "e$1").replace(/^([+-]?)10\^\(?([+-]?\d+)\)?$/, "$11e$2")
      .replace(/^([+-]?)(\d+) ([1-9]\d*)\/(\d+)$/, (all, sign, whole, over, under) => `${sign}${whole * under + Number(over)}/${under}`);
    const parts = plain.split("/").map(readings);
    if (parts.length > 2) return [];
    const values = parts.length === 2 ? parts[0].flatMap((over) => parts[1].map((under) => over / under)) : parts[0];
    return values.map((value) => (share ? value / 100 : value)).filter(Number.isFinite);
  }
  /* The numbers that digits may stand for, with a point, a comma, or what stands between thousands. */
  function readings(text) {
    const [, digits, power = "0"] = /^(.*?)(?:e([+-]?\d{1,3}))?$/.exec(text);
    const thousands = /^[+-]?[1-9]\d{0,2}([,.'\u2019 ])\d{3}(\1\d{3})*((?!\1)[.,]\d+)?$/.exec(digits);
    const found = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(digits) ? [digits] : [];
    if (thousands) found.push(digits.replaceAll(thousands[1], ""));
    return found.map((one) => Number(`${one.replace(",", ".")}e${power}`));
  }

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  /* The words of a node for a screen reader; a formula has MathML, whose letters alone would lose roots and powers. */
  const FORMS = {
    mfrac: (over, under) => `${over} over ${under}`,
    mover: (base, sign) => `${base} ${sign === "^" ? "hat" : sign}`,
    msqrt: (...inside) => `the root of ${inside.join("")}`,
    msub: (base, index) => `${base} sub ${index}`,
    msubsup: (base, index, power) => `${base} sub ${index} superscript ${power}`,
    msup: (base, power) => `${base} superscript ${power}`,
  };
  function words(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.matches?.(".katex-html, annotation")) return "";
    const parts = [...node.childNodes].map(words), form = FORMS[node.localName];
    return form ? ` ${form(...parts)} ` : parts.join("");
  }
  const spoken = (node) => words(node).replace(/\s+/g, " ").trim();
  const button = (text, press) => {
    const element = make("button", { type: "button" }, text);
    element.addEventListener("click", press);
    return element;
  };

  /* Each kind makes its controls, and says of them: { given, problem, right, words, show }. */
  const KINDS = {
    choice: pick,
    error: pick,
    numeric: type,
    order: sort,
  };

  function pick(box, data) {
    const many = data.right.length > 1, rows = [...box.querySelector(".nnq-answers").children];
    const reasons = [...box.querySelector(".nnq-reasons").children];
    const inputs = rows.map((row, k) => {
      const input = make("input", { type: many ? "checkbox" : "radio", name: box.id, value: k });
      const words = make("span", {}, ...row.childNodes);
      if (words.querySelector(".katex")) input.ariaLabel = spoken(words);
      const label = make("label", {}, input, words);
      const reason = make("div", { class: "nnq-reason", hidden: "" });
      row.append(label, reason);
      return input;
    });
    const given = () => inputs.flatMap((input, k) => (input.checked ? [k] : []));
    return {
      given,
      put: (answer) => inputs.forEach((input, k) => { input.checked = answer.includes(k); }),
      problem: () => (given().length ? "" : "Choose an answer first."),
      right: () => String(given()) === String(data.right),
      words: () => {
        const wrong = given().filter((k) => !data.right.includes(k));
        const missing = many && data.right.some((k) => !given().includes(k));
        if (wrong.length && missing && given().length > wrong.length) return "Partly: not all that you chose is right, and something is missing.";
        if (wrong.length) return many ? "Not all that you chose is right." : "No.";
        return "What you chose is right, but something is missing.";
      },
      show: (checked) => rows.forEach((row, k) => {
        const chosen = checked && inputs[k].checked, reason = row.querySelector(".nnq-reason");
        reason.hidden = !chosen;
        reason.replaceChildren();
        if (chosen) reason.append(make("span", { class: "nnq-sign" }, data.right.includes(k) ? SIGN.right : SIGN.wrong), ...copy(reasons[k]).childNodes);
        row.dataset.result = chosen ? (data.right.includes(k) ? "right" : "wrong") : "";
      }),
    };
  }

  function type(box, data) {
    const input = make("input", { type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", id: `${box.id}-number` });
    const label = make("label", { for: input.id }, "Your answer:");
    const reason = make("div", { class: "nnq-reason", hidden: "" });
    box.querySelector(".nnq-question").after(make("div", { class: "nnq-number" }, label, input, data.unit ? make("span", {}, data.unit) : ""), reason);
    const reasons = [...box.querySelector(".nnq-reasons").children];
    const near = (value) => numbers(input.value, data.unit).some((found) => Math.abs(found - value) <= data.room * (1 + 1e-9));
    return {
      given: () => input.value,
      put: (answer) => { input.value = answer; },
      problem: () => (numbers(input.value, data.unit).length ? "" : "That is no number. Write it as 0.1, 0,1, 1/10 or 1e-1."),
      right: () => near(data.value),
      words: () => {
        const found = numbers(input.value, data.unit), off = (by) => Math.abs(by * found[0] - data.value);
        if (isShare(data.unit) && off(100) <= data.room) return `No: it is asked for in ${data.unit}.`;
        return data.wrong.some(near) || off(1) > 0.05 * Math.abs(data.value) ? "No." : "Not yet: that is close, but not exact enough.";
      },
      show: (checked) => {
        const k = checked && !near(data.value) ? data.wrong.findIndex(near) : -1;
        reason.hidden = k < 0;
        reason.replaceChildren(...(k < 0 ? [] : copy(reasons[k]).childNodes));
      },
    };
  }

  function sort(box, data, said) {
    const list = box.querySelector(".nnq-answers"), steps = [...list.children];
    list.classList.add("nnq-steps");
    const place = (step) => [...list.children].indexOf(step);
    const refresh = () => steps.forEach((step) => {
      const [up, down] = step.querySelectorAll("button");
      up.setAttribute("aria-disabled", place(step) === 0);
      down.setAttribute("aria-disabled", place(step) === steps.length - 1);
    });
    steps.forEach((step, k) => {
      step.dataset.step = data.order[k];
      step.dataset.letter = `${String.fromCharCode(97 + k)}.`; // by which the key names it, wherever it is
      const words = make("div", {}, ...step.childNodes), name = spoken(words).slice(0, 60);
      const move = (by) => (event) => {
        const to = place(step) + by, pressed = event.currentTarget;
        if (to < 0 || to >= steps.length) return;
        list.insertBefore(step, by < 0 ? list.children[to] : list.children[to].nextSibling);
        pressed.focus();
        refresh();
        said(`${name}: now ${to + 1} of ${steps.length}`);
      };
      const up = button("\u2191", move(-1)), down = button("\u2193", move(1));
      up.ariaLabel = `Up: ${name}`;
      down.ariaLabel = `Down: ${name}`;
      step.append(words, make("div", { class: "nnq-moves" }, up, down));
    });
    refresh();
    const given = () => [...list.children].map((step) => data.order[steps.indexOf(step)]);
    const good = () => given().findIndex((which, k) => which !== k);
    return {
      given,
      put: (answer) => {
        answer.forEach((which) => list.append(steps[data.order.indexOf(which)]));
        refresh();
      },
      problem: () => "",
      right: () => good() < 0,
      words: () => (good() === 0 ? "No: another step comes first." : `No: the first ${good() === 1 ? "step is" : `${good()} steps are`} right, then another one follows.`),
      show: () => {},
    };
  }

  const copy = (node) => {
    const twin = node.cloneNode(true);
    for (const element of twin.querySelectorAll("[id]")) element.removeAttribute("id");
    return twin;
  };

  function begin(box) {
    const data = JSON.parse(box.dataset.check), name = `${data.page}#${box.id}`;
    const key = box.querySelector(".nnq-key"), title = box.querySelector(".nnq-title");
    const question = box.querySelector(".nnq-question");
    question.id ||= `${box.id}-question`;
    const result = make("p", { class: "nnq-result", role: "status" });
    const said = (text) => { result.textContent = text; };
    const set = make("fieldset", { "aria-describedby": question.id });
    const legend = make("legend", {}, ...title.childNodes);
    title.remove();
    set.append(legend, ...[...box.childNodes].filter((node) => node !== key));
    box.prepend(set);
    const kind = KINDS[data.kind](box, data, said);

    const check = button("Check", () => {
      const problem = kind.problem();
      if (problem) return said(problem);
      show();
      remember(name, { version: data.version, result: kind.right() ? "right" : "wrong", answer: kind.given() });
      return undefined;
    });
    check.className = "nnq-check";
    set.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input") && !event.isComposing) check.click();
    });
    const open = button("Show the answer", () => {
      key.hidden = !key.hidden;
      key.open = true;
    });
    const again = button("Forget my answer", () => {
      remember(name, null);
      check.focus(); // this button goes
      kind.show(false);
      key.hidden = true;
      box.dataset.result = "open";
      again.hidden = true;
      said("Forgotten.");
    });
    const large = make("button", { type: "button", "data-stage": "" }, "Full screen");
    again.hidden = true;
    open.setAttribute("aria-expanded", "false");
    // It is shown by the buttons, and by page.js to who follows a link into it.
    new MutationObserver(() => open.setAttribute("aria-expanded", !key.hidden))
      .observe(key, { attributeFilter: ["hidden"] });
    key.hidden = true;
    set.append(make("div", { class: "nnq-buttons" }, check, open, again, large), result);

    function show() {
      const right = kind.right();
      kind.show(!right); // what is right is explained below
      box.dataset.result = right ? "right" : "wrong";
      said(right ? `${SIGN.right} Right.` : `${SIGN.wrong} ${kind.words()}`);
      key.hidden = !right;
      if (right) key.open = true;
      again.hidden = false;
    }
    recall();
    const before = answered(name, data.version);
    if (before) {
      kind.put(before.answer);
      show();
    } else if (memory[name]) said("This question has changed since you answered it.");
  }

  /* The list of all self-checks says beside each how it was answered. */
  function summarize(lists) {
    const links = [...lists].flatMap((list) => [...list.querySelectorAll("a")]);
    const total = document.querySelector(".nnq-total");
    const forget = document.querySelector(".nnq-summary button");
    forget.addEventListener("click", () => {
      try { localStorage.removeItem(STORE); } catch { keeps = false; }
      memory = {};
      show();
      total.focus();
    });
    function show() {
      recall();
      const counts = { right: 0, wrong: 0, open: 0 };
      for (const link of links) {
        const item = link.closest("li"), name = nameOf(link);
        const result = answered(name, item.className.replace("nnq-of-", ""))?.result ?? "open";
        counts[result] += 1;
        item.dataset.result = result;
        let mark = item.querySelector(".nnq-mark");
        if (!mark) link.parentElement.append(mark = make("span", { class: "nnq-mark" }));
        mark.textContent = ` ${SIGN[result]} ${SAID[result]}${result === "open" && memory[name] ? ", changed since you answered it" : ""}`;
      }
      total.textContent = `${counts.right} right, ${counts.wrong} not right yet, ${counts.open} open.` + (keeps ? "" : " This browser keeps no answers.");
      forget.disabled = !keeps || counts.right + counts.wrong === 0;
    }
    show();
    addEventListener("pageshow", show);
    addEventListener("storage", show);
  }
  function nameOf(link) {
    const [path, anchor] = link.getAttribute("href").replace(/^(\.\.\/)+/, "").split("#");
    return `${path.replace(/\.html.*$/, "")}#${anchor}`;
  }

  /* On paper a key stands at the end. */
  function print(boxes) {
    let whole = null;
    addEventListener("beforeprint", () => {
      whole = make("section", { class: "nnq-printed" }, make("h2", {}, "Answers to the self-checks"));
      for (const box of boxes) {
        const key = copy(box.querySelector(".nnq-key"));
        whole.append(make("p", {}, make("strong", {}, box.querySelector("legend").textContent)), ...[...key.children].slice(1));
      }
      document.querySelector("article.bd-article")?.append(whole);
    });
    addEventListener("afterprint", () => whole?.remove());
  }

  const boxes = document.querySelectorAll(".nnq[data-check]");
  boxes.forEach(begin);
  if (boxes.length) print(boxes);
  const lists = document.querySelectorAll(".nnq-answered");
  if (lists.length) summarize(lists);
  self.nnbookNumbers = numbers;
})();
