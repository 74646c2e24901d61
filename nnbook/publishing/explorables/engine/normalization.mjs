/**
 * Normalization over the batch (Ioffe & Szegedy 2015) and over a layer (Ba et al. 2016).
 *
 * The mirror of `nnbook.theory.normalization`. It computes with floats.
 *
 * @typedef {import("./parts.mjs").Training} Training
 * @typedef {import("./parts.mjs").Part} Part
 * @typedef {{deviation: Float64Array, zHat: Matrix, own: boolean, mean: Matrix, variance: Matrix}} Normalized
 */
import {
  asFloats,
  filled,
  map,
  Matrix,
  plusColumn,
  rowSums,
  scaled,
  times,
  transposed,
} from "./arrays.mjs";

export const EPSILON = 1e-3; // Keras' default; it keeps the deviation of a constant unit from zero

/** Normalized over the batch in training, with stored statistics otherwise; then scaled and shifted. */
export class BatchNorm {
  /** @param {Matrix} gamma a column @param {Matrix} beta a column @param {Matrix} mean that is stored @param {Matrix} variance that is stored */
  constructor(gamma, beta, mean, variance) {
    /** @readonly */
    this.gamma = gamma;
    /** @readonly */
    this.beta = beta;
    /** @readonly */
    this.mean = mean;
    /** @readonly */
    this.variance = variance;
  }

  /** Return the part before training. @param {number} units */
  static initial(units) {
    return new BatchNorm(
      filled(units, 1, 1),
      filled(units, 1),
      filled(units, 1),
      filled(units, 1, 1),
    );
  }

  /** Normalize a batch; the way back needs deviation and zHat. @param {Matrix} z @param {Training} [training] @returns {[Matrix, Normalized]} */
  forward(z, training = false) {
    const floats = asFloats(z), own = training !== false;
    const mean = own ? rowMeans(floats) : this.mean;
    const centered = plusColumn(floats, scaled(-1, mean));
    const variance = own ? rowMeans(times(centered, centered)) : this.variance;
    const deviation = Float64Array.from(variance.entries, (v) => Math.sqrt(Number(v) + EPSILON));
    const zHat = byRow((entry, i) => entry / deviation[i], centered);
    const scaledRows = byRow((entry, i) => entry * Number(this.gamma.entries[i]), zHat);
    return [plusColumn(scaledRows, this.beta), { deviation, zHat, own, mean, variance }];
  }

  /** Return the gradient with respect to z: without its mean and its part along zHat. @param {Normalized} kept @param {Matrix} gradient @returns {Matrix} */
  pullBack({ deviation, zHat, own }, gradient) {
    const g = byRow((entry, i) => entry * Number(this.gamma.entries[i]), gradient);
    if (!own) return byRow((entry, i) => entry / deviation[i], g);
    const mean = rowMeans(g).entries, along = rowMeans(times(g, zHat)).entries;
    return byRow(
      (entry, i, k) =>
        (entry - Number(mean[i]) - Number(along[i]) * Number(zHat.entries[k])) / deviation[i],
      g,
    );
  }

  /** Return the derivatives with respect to gamma and beta. @param {Normalized} kept @param {Matrix} gradient */
  gradients({ zHat }, gradient) {
    return new BatchNorm(
      rowSums(times(gradient, zHat)),
      rowSums(gradient),
      this.mean,
      this.variance,
    );
  }

  /** Apply a function to each array of parameters. @param {(...arrays: Matrix[]) => Matrix} f @param {...Part} others @returns {BatchNorm} */
  map(f, ...others) {
    const norms = others.map((other) => /** @type {BatchNorm} */ (other));
    return new BatchNorm(
      f(this.gamma, ...norms.map((one) => one.gamma)),
      f(this.beta, ...norms.map((one) => one.beta)),
      this.mean,
      this.variance,
    );
  }

  /** The arrays of parameters; statistics are none. */
  arrays() {
    return [this.gamma, this.beta];
  }

  /** Return the part with statistics that have moved towards those of a batch. @param {Normalized} kept @param {number} share of the old ones that stays */
  following({ mean, variance }, share) {
    const mixed = (/** @type {Matrix} */ old, /** @type {Matrix} */ now) =>
      map((a, b) => share * a + (1 - share) * b, old, now);
    return new BatchNorm(
      this.gamma,
      this.beta,
      mixed(this.mean, mean),
      mixed(this.variance, variance),
    );
  }
}

/** Each example is normalized over the units of its layer, in training and afterwards alike. */
export class LayerNorm {
  /** @param {Matrix} gamma a column @param {Matrix} beta a column */
  constructor(gamma, beta) {
    /** @readonly */
    this.gamma = gamma;
    /** @readonly */
    this.beta = beta;
  }

  /** Return the part before training. @param {number} units */
  static initial(units) {
    return new LayerNorm(filled(units, 1, 1), filled(units, 1));
  }

  /** Normalize a batch; the way back needs what was kept of it. @param {Matrix} z @returns {[Matrix, {turned: Normalized, zHat: Matrix}]} */
  forward(z) {
    // What a batch normalization does to a row is done to a column, which is an example.
    const [byExample, turned] = BatchNorm.initial(z.columns).forward(transposed(z), true);
    const zHat = transposed(byExample);
    return [plusColumn(this._scaled(zHat), this.beta), { turned, zHat }];
  }

  /** Return the gradient with respect to z. @param {{turned: Normalized}} kept @param {Matrix} gradient @returns {Matrix} */
  pullBack({ turned }, gradient) {
    const norm = BatchNorm.initial(gradient.columns);
    return transposed(norm.pullBack(turned, transposed(this._scaled(gradient))));
  }

  /** Return the derivatives with respect to gamma and beta. @param {{zHat: Matrix}} kept @param {Matrix} gradient */
  gradients({ zHat }, gradient) {
    return new LayerNorm(rowSums(times(gradient, zHat)), rowSums(gradient));
  }

  /** Apply a function to each array of parameters. @param {(...arrays: Matrix[]) => Matrix} f @param {...Part} others @returns {LayerNorm} */
  map(f, ...others) {
    const norms = others.map((other) => /** @type {LayerNorm} */ (other));
    return new LayerNorm(
      f(this.gamma, ...norms.map((one) => one.gamma)),
      f(this.beta, ...norms.map((one) => one.beta)),
    );
  }

  /** The arrays of parameters. */
  arrays() {
    return [this.gamma, this.beta];
  }

  /** @param {Matrix} a */
  _scaled(a) {
    return byRow((entry, i) => entry * Number(this.gamma.entries[i]), a);
  }
}

/** @param {Matrix} a */
const rowMeans = (a) => scaled(1 / a.columns, rowSums(a));

/** Apply a function to each entry, with its row and its place. @param {(entry: number, row: number, place: number) => number} f @param {Matrix} a */
function byRow(f, a) {
  const result = new Float64Array(a.entries.length);
  for (let i = 0, k = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++, k++) result[k] = f(Number(a.entries[k]), i, k);
  }
  return new Matrix(a.rows, a.columns, result);
}
