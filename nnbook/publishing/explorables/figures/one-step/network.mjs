/**
 * The network, with the numbers of a place of the walk.
 *
 * @typedef {import("../../frame/state.mjs").State} State
 * @typedef {import("./walk.mjs").Moment} Moment
 * @typedef {ReturnType<typeof import("./walk.mjs").computed>} Found
 * @typedef {import("./known.mjs").Known} Known
 * @typedef {import("../../drawing/networks.mjs").DrawnNetwork} DrawnNetwork
 */
import { brief, shown } from "../../drawing/numbers.mjs";
import { multiply, signOf } from "../../engine/fractions.mjs";

/** @param {DrawnNetwork} drawn @param {State} now @param {Found} found @param {Moment | null} moment @param {Known} known */
export function draw(drawn, now, found, moment, known) {
  const k = Number(now.example) - 1, phase = moment?.phase ?? "forward";
  const { network, forward, backward, after, again, slopes } = found;
  const lit = new Set(moment?.edges), zero = (/** @type {any} */ value) => signOf(value) === 0;
  const isForward = phase === "forward" || phase === "loss";
  /** @param {boolean} isKnown @param {any} value */
  const filled = (isKnown, value) => ({
    text: isKnown ? brief(value) : "",
    dim: isKnown && zero(value),
  });
  /** @param {number} l @param {number} i @returns {import("../../drawing/networks.mjs").UnitMark} */
  const unit = (l, i) => {
    const isLit = moment?.unit === `${l}.${i}`;
    if (l === 0) return { text: brief(now.x.at(i, k)) };
    if (phase === "check") {
      return {
        text: brief(again.a[l].at(i, k)),
        lit: isLit,
        kind: "forward",
        below: l === 1 ? `z = ${brief(again.z[1].at(i, k))}` : `y = ${brief(now.y.at(0, k))}`,
      };
    }
    if (isForward || phase === "step") {
      const isKnown = l === 1 ? known("a1", i, k) : known("prediction", 0, k);
      const value = forward.a[l].at(i, k);
      const below = l === 2
        ? `y = ${brief(now.y.at(0, k))}`
        : isKnown
        ? `z = ${brief(forward.z[1].at(i, k))}`
        : "";
      return { ...filled(isKnown, value), below, lit: isLit, kind: "forward" };
    }
    const isKnown = known(`delta${l}`, i, k), value = backward.deltas[l].at(i, k);
    const below = l === 1 && (isKnown || phase === "gradients")
      ? `f\u2032 = ${brief(slopes.at(i, k))}`
      : "";
    return { ...filled(isKnown, value), below, lit: isLit, kind: "backward" };
  };
  /** @param {number} l @param {number} i @param {number} j @returns {import("../../drawing/networks.mjs").EdgeMark} */
  const edge = (l, i, j) => {
    const isLit = lit.has(`${l}.${i}.${j}`), weight = network.layer(l).weights.at(i, j);
    const title = `Weight ${j + 1} of ${l === 2 ? "the output" : `unit ${i + 1}`}: ${
      shown(weight)
    }`;
    if (isForward) {
      const isKnown = l === 1 || known("a1", j, k);
      return {
        text: brief(weight),
        lit: isLit,
        dim: isKnown && zero(multiply(weight, forward.a[l - 1].at(j, k))),
        direction: "forward",
        title,
      };
    }
    if (phase === "backward") {
      if (l === 1) return { text: "", direction: "none", dim: true, title };
      const sent = multiply(weight, backward.deltas[2].at(0, k));
      return {
        text: known("delta1", j, k) ? brief(sent) : "",
        lit: isLit,
        dim: zero(sent) || !known("delta1", j, k),
        direction: "backward",
        title,
      };
    }
    if (phase === "gradients") {
      const value = backward.gradients.layer(l).weights.at(i, j), isKnown = known(`dW${l}`, i, j);
      return {
        text: isKnown ? brief(value) : "",
        lit: isLit,
        dim: !isKnown || zero(value),
        direction: "none",
        title,
      };
    }
    const isNew = known(`newW${l}`, 0, 0), now_ = isNew ? after.layer(l).weights.at(i, j) : weight;
    const isDim = phase === "check"
      ? zero(multiply(now_, again.a[l - 1].at(j, k)))
      : isNew && zero(backward.gradients.layer(l).weights.at(i, j));
    return { text: brief(now_), lit: isLit, dim: isDim, direction: "forward", title };
  };
  drawn.show(unit, edge);
}
