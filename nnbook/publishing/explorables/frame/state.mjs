/**
 * The state of an explorable: a value for each field, as texts in presets and in the address.
 *
 * @typedef {import("./fields.mjs").Field} Field
 * @typedef {Record<string, Field>} Fields
 * @typedef {Record<string, any>} State
 * @typedef {Record<string, string>} Texts
 */

/**
 * Return the state that texts stand for; what is missing or wrong is taken from another state.
 *
 * @param {Fields} fields @param {Texts} texts @param {State} instead
 * @returns {{state: State, problems: string[]}}
 */
export function stateOf(fields, texts, instead) {
  /** @type {State} */
  const state = {};
  const problems = [];
  for (const [name, field] of Object.entries(fields)) {
    if (!Object.hasOwn(texts, name)) {
      state[name] = instead[name];
      continue;
    }
    const { value, problem } = field.read(texts[name], instead[name]);
    state[name] = value;
    if (problem) problems.push(problem);
  }
  for (const name of Object.keys(texts)) {
    if (!Object.hasOwn(fields, name)) {
      problems.push(`There is nothing called \u201c${name.slice(0, 20)}\u201d.`);
    }
  }
  return { state, problems };
}

/** Return what is wrong according to a problem, without what the field has taken instead. @param {string} problem @returns {string} */
export const withoutOutcome = (problem) => problem.replace(/ It (is set to|stays) .*$/, "");

/** Return a state as texts. @param {Fields} fields @param {State} state @returns {Texts} */
export function textsOf(fields, state) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.write(state[name])]),
  );
}

/** Return what an address says of the explorable with a name. @param {string} search its part after "?" @param {string} id @returns {Texts} */
export function textsInAddress(search, id) {
  const found = [...new URLSearchParams(search)].filter(([name]) => name.startsWith(`${id}.`));
  return Object.fromEntries(found.map(([name, text]) => [name.slice(id.length + 1), text]));
}

/** Return the address of a page with the state of an explorable. @param {string} address @param {string} id @param {Texts} texts @returns {string} */
export function addressOf(address, id, texts) {
  const url = new URL(address);
  for (const name of [...url.searchParams.keys()]) {
    if (name.startsWith(`${id}.`)) url.searchParams.delete(name);
  }
  for (const [name, text] of Object.entries(texts)) url.searchParams.set(`${id}.${name}`, text);
  url.hash = id;
  // Signs that an address may hold are left as people write them.
  url.search = url.search.replace(/%2C/g, ",").replace(/%2F/g, "/");
  return url.href;
}
