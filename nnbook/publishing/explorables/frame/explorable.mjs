/**
 * The frame of all explorables: presets, reset, a link to the present state, and what is said.
 *
 * @typedef {import("./state.mjs").Fields} Fields
 * @typedef {import("./state.mjs").State} State
 * @typedef {import("./state.mjs").Texts} Texts
 * @typedef {object} Preset
 * @property {string} name
 * @property {Texts} state
 * @property {string} [ask] what is asked before it is shown
 * @property {string[]} [answers]
 * @property {string} [correct] the right one of them
 * @property {string} [before] the preset in whose state it is asked, and with which it compares;
 *   without it, it is asked in the first one
 *
 * @typedef {object} Tools what the frame offers to an explorable
 * @property {string} id of the box
 * @property {() => State} state
 * @property {(changes: State) => void} set changes values, and shows everything anew
 * @property {(problem: string) => void} tell shows what was refused; nothing takes it away
 * @property {any} facts data that the book's build has computed for the explorable; see facts.py
 *
 * @typedef {object} View what an explorable offers to the frame
 * @property {HTMLElement} element
 * @property {(state: State) => string} show shows a state, and returns in words what it is
 * @property {() => boolean} [isDone] whether what is shown has come to its end, if that takes time;
 *   when it comes to it, the frame is told by `set`
 *
 * @typedef {object} Definition
 * @property {Fields} fields
 * @property {(tools: Tools) => View} view
 */
import { html, write } from "../drawing/elements.mjs";
import { button } from "./controls.mjs";
import { addressOf, stateOf, textsInAddress, textsOf, withoutOutcome } from "./state.mjs";
import { halt } from "./watching.mjs";

const PAUSE = 400; // ms without a change before it is said

/** @type {Record<string, Definition>} */
const definitions = {};

/** @type {Record<string, any>} */
const facts = {};

/** Keep the data of an explorable for its boxes. @param {string} name @param {any} data */
export function know(name, data) {
  facts[name] = data;
}

/** Let the boxes of this name hold an explorable. @param {string} name @param {Definition} definition */
export function register(name, definition) {
  definitions[name] = definition;
}

/** Return what is wrong with the presets of an explorable: the book's build asks. @param {string} name @param {readonly Preset[]} presets @returns {string[]} */
export function problemsOf(name, presets) {
  const definition = definitions[name];
  if (!definition) {
    return [
      `there is no explorable "${name}": expected one of ${Object.keys(definitions).join(", ")}`,
    ];
  }
  const missing = Object.keys(definition.fields).filter((field) =>
    !Object.hasOwn(presets[0].state, field)
  );
  if (missing.length) return [`the first preset sets all: expected ${missing.join(", ")} as well`];
  const asked = presets.flatMap((preset) => problemsOfQuestion(preset, presets));
  if (asked.length) return asked;
  const found = presets.map((preset) => stateOf(definition.fields, preset.state, {}).problems);
  return found.flatMap((problems, k) =>
    problems.map((problem) => `preset "${presets[k].name}": ${problem}`)
  );
}

/** @param {Preset} preset @param {readonly Preset[]} presets @returns {string[]} */
function problemsOfQuestion({ name, ask, answers = [], before, correct }, presets) {
  const found = [];
  if (ask && new Set(answers).size < 2) {
    found.push(`a question has two or more different answers, received ${answers.length}`);
  }
  if (!ask && (answers.length || before)) {
    found.push("without a question there are no answers, and nothing is before");
  }
  if (correct && !answers.includes(correct)) {
    found.push(`no answer is "${correct}", which is to be right`);
  }
  if (before && !presets.some((one) => one.name === before && one.name !== name)) {
    found.push(`there is no other preset "${before}" to ask it in`);
  }
  return found.map((problem) => `preset "${name}": ${problem}`);
}

/** Put the explorable in the place of the figure in a box. @param {HTMLElement} box */
export function mount(box) {
  const { fields, view } = definitions[box.dataset.explorable ?? ""];
  /** @type {Preset[]} */
  const presets = JSON.parse(box.dataset.presets ?? "[]");
  const first = stateOf(fields, presets[0].state, {}).state;
  const { preset: called, ...arrived } = textsInAddress(location.search, box.id);
  const wanted = presets.find(({ name }) => name === called);
  const read = stateOf(fields, arrived, first);
  const problems = called === undefined || wanted
    ? read.problems
    : [`There is no preset called \u201c${called.slice(0, 20)}\u201d.`];
  let state = problems.length ? first : read.state;

  const said = html("p", { class: "nnx-said", role: "status" });
  const refused = html("p", { class: "nnx-refused", role: "alert", hidden: true });
  const asked = html("div", { class: "nnx-asked", hidden: true });
  let timer = 0, words = "";
  /** @type {{preset: Preset, asking: Preset, answer: string} | null} */
  let open = null; // the question that waits for its answer, or for the end of what it compares with
  /** @type {(() => void) | null} */
  let fold = null; // puts aside what stands where questions are asked

  const tell = (/** @type {string} */ problem) => {
    write(refused, problem);
    refused.hidden = !problem;
  };
  const show = () => {
    words = shown.show(state);
    clearTimeout(timer);
    // Only where changes rest they are said, once.
    timer = window.setTimeout(() => write(said, words), said.textContent ? PAUSE : 0);
    for (const [k, one] of buttons.entries()) {
      one.setAttribute("aria-pressed", String(isAt(presets[k])));
      if (open?.preset === presets[k]) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
  };
  const set = (/** @type {State} */ changes) => {
    state = { ...state, ...changes };
    if (open && !isAt(open.asking)) close(open.preset);
    show();
    if (open?.answer && isDone()) conclude();
  };
  const isAt = (/** @type {Preset} */ preset) => {
    const now = textsOf(fields, state),
      then = textsOf(fields, stateOf(fields, preset.state, first).state);
    return Object.keys(now).every((name) => now[name] === then[name]);
  };
  const go = (/** @type {Preset} */ preset) => {
    tell("");
    halt(shown.element);
    set(stateOf(fields, preset.state, first).state);
  };
  const isDone = () => shown.isDone?.() ?? true;
  const choose = (/** @type {Preset} */ preset) => {
    leave();
    if (!preset.ask) return go(preset);
    const asking = presets.find(({ name }) => name === preset.before) ?? presets[0];
    halt(shown.element);
    if (!isAt(asking)) go(asking); // the question speaks of it
    open = { preset, asking, answer: "" };
    show();
    const answers = (preset.answers ?? []).map((answer) => button(answer, () => take(answer)));
    asked.hidden = false;
    asked.replaceChildren(
      html("p", {}, preset.ask),
      html("div", { class: "nnx-buttons" }, ...answers),
      html("p", { class: "nnx-legend" }, `The figure still shows \u201c${asking.name}\u201d.`),
    );
    answers[0]?.focus();
    return undefined;
  };
  /** Have no question. */
  const leave = () => {
    asked.hidden = true;
    asked.style.minHeight = "";
    open = fold = null;
  };
  /** Leave a question, because something else was done. @param {Preset} preset */
  const close = ({ name }) => {
    open = null;
    const news =
      `The question of \u201c${name}\u201d is closed, because you changed something else.`;
    write(said, news); // at once: words may not rest for long
    asked.style.minHeight = `${asked.offsetHeight}px`; // what is dragged stays under the finger
    asked.replaceChildren(html("p", {}, news));
    fold = () => {
      asked.style.minHeight = "";
      fold = null;
    };
  };
  /** Take an answer to the open question. @param {string} answer */
  const take = (answer) => {
    if (!open) return;
    const { preset, asking } = open;
    open.answer = answer;
    buttons[presets.indexOf(preset)].focus(); // the answers go
    if (!preset.before || isDone()) return conclude();
    const wait = `\u201c${asking.name}\u201d is computed to its end first, to compare with.`;
    asked.replaceChildren(html("p", {}, `${preset.ask} Your answer: ${answer}. ${wait}`));
    write(said, wait);
  };
  /** Show what was asked about, beside the answer and what it compares with. */
  const conclude = () => {
    if (!open) return;
    const { preset, asking, answer } = open;
    const { correct } = preset;
    const judged =
      correct && (answer === correct ? " That is right." : ` The right one: ${correct}.`) ||
      "";
    const compared = preset.before && `\u201c${asking.name}\u201d: ${words}`;
    const kept = html(
      "details",
      { open: true },
      html("summary", {}, `${preset.ask} Your answer: ${answer}.${judged}`),
      compared && html("p", {}, compared),
    );
    open = null;
    asked.replaceChildren(kept);
    go(preset);
    clearTimeout(timer);
    write(said, `${judged} ${words}`.trim());
    fold = () => {
      if (isAt(preset)) return;
      kept.open = false;
      fold = null; // who opens it again wants it open
    };
  };

  const shown = view({
    id: box.id,
    state: () => state,
    set,
    tell,
    facts: facts[box.dataset.explorable ?? ""],
  });
  const buttons = presets.map((preset) => button(preset.name, () => choose(preset)));
  const link = button("Link to this", () => {
    const address = addressOf(location.href, box.id, textsOf(fields, state));
    try {
      history.replaceState(null, "", address);
    } catch { /* some browsers let no file have another address */ }
    const done = () => {
      write(link, "Link copied");
      setTimeout(() => write(link, "Link to this"), 2000);
    };
    const failed = () =>
      linked.replaceChildren(html("a", { href: address }, "This figure as it is now"));
    linked.replaceChildren();
    if (navigator.clipboard) navigator.clipboard.writeText(address).then(done, failed);
    else failed();
  });
  const linked = html("span", { role: "status" });
  const reset = button("Reset", () => {
    leave();
    linked.replaceChildren();
    go(presets[0]);
  });
  const stage = html("button", { type: "button", "data-stage": "" }, "Full screen");
  const bar = html(
    "div",
    { class: "nnx-bar" },
    html("div", { class: "nnx-buttons", role: "group", "aria-label": "Presets" }, ...buttons),
    html("div", { class: "nnx-buttons" }, reset, link, linked, stage),
  );
  const root = html(
    "div",
    { class: "nnx-root", role: "group", "aria-label": box.dataset.title ?? "Explorable" },
    bar,
    asked,
    refused,
    shown.element,
    said,
  );
  // Not while something is dragged, which would move with what is below the box.
  for (const kind of ["change", "click"]) root.addEventListener(kind, () => fold?.());
  show();
  const isHeld = box.contains(document.activeElement); // by who came with the Tab key before it was there
  box.replaceChildren(root);
  if (isHeld) buttons[0].focus();
  box.dataset.ready = "";
  if (wanted && !problems.length) choose(wanted);
  if (problems.length) {
    tell(
      `The address holds a state that cannot be shown. ${
        withoutOutcome(problems[0])
      } The first preset is shown instead.`,
    );
  }
}
