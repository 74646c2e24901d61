/**
 * What the race and the plane show, in words.
 *
 * @typedef {import("../../frame/state.mjs").State} State
 * @typedef {import("./race.mjs").Run} Run
 */
import { decimal } from "../../drawing/numbers.mjs";
import { isAdaptive, RULES } from "./race.mjs";
import { best, factor, factorOf, slowest, updatesForTen } from "./rates.mjs";
import { surfaceOf } from "./surfaces.mjs";

const AT_ONCE = 1e-9; // the factor of an update that leaves nothing of the distance

/** How many times the curvatures at a minimum are apart. @param {State} now @param {import("./surfaces.mjs").Cut} facts */
export function ratioOf(now, facts) {
  const { surface, condition, angle } = now;
  const [least, most] = surfaceOf(surface, Number(condition), Number(angle), facts).curvatures;
  return most / least;
}

/** @param {number} factor */
export const pace = (
  factor,
) => (factor > 1
  ? "diverges"
  : factor < AT_ONCE
  ? "one update leads to the minimum"
  : `${making(updatesForTen(factor))} the distance ten times smaller`);

/** @param {number} updates */
const making = (updates) => `${whole(updates)} make${updates > 1 ? "" : "s"}`;

/** @param {number} updates */
const whole = (
  updates,
) => (updates < 1e6
  ? `${Math.ceil(updates - 1e-9)} update${updates > 1 ? "s" : ""}`
  : "more than a million updates");

/** Say where the race stands. @param {readonly Run[]} runs @param {number} at @param {number} rate @param {number} beta @param {number} ratio @param {State} now */
export function told(runs, at, rate, beta, ratio, now) {
  const r = slowest(beta, rate, ratio), n = updatesForTen(r), found = best(ratio);
  const place = now.surface === "bowl" ? "In this bowl" : "Near a minimum";
  const across = factor(beta, rate), along = factor(beta, rate / ratio);
  const point = r > 1 + 1e-9
    ? `${place} momentum diverges with these settings: the distance from the minimum grows by the factor ${
      decimal(r)
    } per update.`
    : r > 1 - 1e-9
    ? `${place} momentum does not come nearer with these settings.`
    : r < AT_ONCE
    ? `${place} one update leads to the minimum.`
    : `${place} an update with momentum ${
      decimal(beta)
    } multiplies the distance from the minimum in the long run by ${both(along, across, beta)}: ${
      making(n)
    } it ten times smaller.`;
  const isBowl = now.surface === "bowl";
  const diverges = (/** @type {string} */ name) =>
    (factorOf(name, beta, rate, ratio) ?? 0) > 1 + 1e-9;
  const other = isBowl && runs.some(({ name }) => name === "nesterov") && diverges("nesterov")
    ? " Nesterov diverges with these settings."
    : "";
  const plain = (ratio - 1) / (ratio + 1);
  const bests = isBowl && ratio > 1
    ? ` At its best momentum needs ${
      whole(updatesForTen(found.factor))
    } for a tenth of it, gradient descent ${Math.ceil(updatesForTen(plain) - 1e-9)}.`
    : "";
  const standing = runs.map(({ name, losses, left }) => {
    const title = RULES[/** @type {keyof typeof RULES} */ (name)];
    if (left >= 0 && at >= left - 1) {
      return `${title} has diverged: it was out of all bounds at update ${left}.`;
    }
    const loss = losses[Math.min(at, losses.length - 1)];
    const after = `${decimal(loss)} after ${at} update${at === 1 ? "" : "s"}`;
    return isBowl && diverges(name) && loss > losses[0]
      ? `${title} diverges: its loss has grown to ${after}.`
      : `${title}: loss ${after}.`;
  });
  const strangers = runs.map(({ name }) => name).filter((name) =>
    name !== "sgd" && name !== "momentum"
  )
    .map((name) => RULES[/** @type {keyof typeof RULES} */ (name)]);
  const not = strangers.length ? `, but not for ${listed(strangers)}` : "";
  const later = runs.some(({ name }) => isAdaptive(name))
    ? " Adagrad, RMSprop and Adam belong to the next chapter."
    : "";
  const cut = now.surface === "cut"
    ? "The loss is that of a network on Eckerle4 while two weights of one of its six tanh units change: w\u2081 is an eighth of the incoming weight, w\u2082 of the bias. "
    : "";
  const plane =
    `${cut}This plane holds for momentum and, on its lower edge, for gradient descent${not}.${later} \u03bb is the largest curvature${
      isBowl ? `, here ${decimal(ratio)}, which makes \u03b7 = ${brief(rate / ratio)}` : ""
    }; \u03ba, the condition number, is its ratio to the smallest one: ${
      decimal(ratio)
    }. The stronger the color, the faster. The number on a line says how many updates make the distance ten times smaller there; the diamond is momentum\u2019s best place. Within the dashed line all directions shrink alike, by \u221a\u03b2 per update, however curved they are.`;
  return { point: point + bests + other, standing, plane };
}

/** Say by which factors two directions shrink; only once where they are the same. @param {number} along @param {number} across @param {number} beta */
function both(along, across, beta) {
  const [flat, steep] = [decimal(along), decimal(across)], root = Math.sqrt(beta);
  if (beta && along === root && across === root) {
    return `\u221a${decimal(beta)} = ${flat} in all directions`;
  }
  return flat === steep
    ? `${flat} in all directions`
    : `${flat} where the loss is flat and by ${steep} where it is steep`;
}

/** @param {number} value */
const brief = (value) => decimal(Number(value.toPrecision(2)));

/** @param {readonly string[]} names */
const listed = (names) =>
  names.length < 2
    ? names.join()
    : `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
