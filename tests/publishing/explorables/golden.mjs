// What nnbook has computed, and how close the engine has to come to it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { asNumbers } from "../../../nnbook/publishing/explorables/engine/arrays.mjs";
import { Layer, Network } from "../../../nnbook/publishing/explorables/engine/network.mjs";

/** The golden values, which pytest has nnbook write. */
export const golden = JSON.parse(readFileSync(process.env.NNBOOK_GOLDEN, "utf8"));

/** Return the network that a list of layers stands for. */
export const networkOf = (layers) =>
  new Network(
    layers.map(({ weights, biases, activation }) =>
      new Layer(asNumbers(weights), asNumbers(biases), activation)
    ),
  );

/** Compare numbers, relative to the largest of those that belong together. */
export function assertClose(received, expected, what, tolerance = 1e-12) {
  const [a, b] = [received, expected].map((value) => [value].flat(9).map(Number));
  assert.equal(a.length, b.length, what);
  const scale = Math.max(...b.map(Math.abs));
  a.forEach((value, k) =>
    assert.ok(
      Math.abs(value - b[k]) <= tolerance * scale,
      `${what}: expected ${b[k]}, received ${value}`,
    )
  );
}
