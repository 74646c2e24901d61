/**
 * Where training stands, in words.
 *
 * @typedef {import("./problems.mjs").Problem} Problem
 * @typedef {import("./trainer.mjs").Trainer} Trainer
 */
import { decimal } from "../../drawing/numbers.mjs";

const STANDS = [0.98, 1.02]; // times the loss of a guess
const WHILE = 5; // epochs after which it is told that nothing has been learned

/** @param {Trainer} trainer */
export function told({ epoch, status, history, problem, best }) {
  const { training, validation, accuracy, gradients } = history[history.length - 1];
  const share = gradients[0] / gradients[gradients.length - 1];
  const counted = problem.metric
    ? `, validation ${problem.metric} ${(100 * accuracy).toFixed(1)} %`
    : "";
  const losses = `training loss ${decimal(training)}, validation loss ${
    decimal(validation)
  }${counted}`;
  const reach = Number.isFinite(share)
    ? ` The gradient of the first layer has ${
      decimal(Number(share.toPrecision(3)))
    } times the norm of that of the output layer.`
    : "";
  if (status === "diverged") {
    return `It has diverged: in epoch ${epoch} the loss grew beyond all bounds. Before that: ${losses}. A smaller learning rate may help.`;
  }
  if (status === "stopped") {
    return `Stopped early after epoch ${epoch}, because the validation loss had not fallen since epoch ${best.epoch}; the network of epoch ${best.epoch} is kept, with validation loss ${
      decimal(history[best.epoch].validation)
    }.`;
  }
  const learned = epoch >= WHILE ? comparedWithGuess(training, problem.guess) : "";
  const half = history.findIndex((measured) => measured.training < problem.guess / 2);
  const fell = half < 0
    ? ""
    : ` It fell below ${decimal(problem.guess / 2)}, half the loss of a guess, ${
      half ? `in epoch ${half}` : "before training"
    }.`;
  return `${
    epoch ? `After ${epoch} epoch${epoch === 1 ? "" : "s"}` : "Before training"
  }: ${losses}.${learned}${fell}${reach}`;
}

/** Return what is to be said of a loss that is no better than a guess. @param {number} loss @param {number} guess */
function comparedWithGuess(loss, guess) {
  const [low, high] = STANDS.map((factor) => factor * guess);
  if (!(loss > low)) return "";
  const guessed = `that of a guess, ${decimal(guess)}`;
  return loss > high
    ? ` It answers worse than a guess: its loss is above ${guessed}.`
    : ` It stands still: its loss is still ${guessed}.`;
}
