// @ts-check
/**
 * torch.nn's recurrent layers, in the only place where this site's scripts compute them.
 *
 * `forward` takes what torch takes and returns what torch returns, with every gate of every step. A
 * browser test holds it to torch in float64, to 1e-12, over every configuration.
 */

import { BLOCKS, refuse } from "./cells-expected.mjs";

/** @typedef {number[]} Vector one number for each unit */
/** @typedef {Vector[][]} Sequence (L, N, H): steps, sequences, units */

/**
 * @typedef {object} Configuration names of torch's constructor
 * @property {"LSTM" | "GRU" | "RNN_TANH" | "RNN_RELU"} mode
 * @property {number} input_size
 * @property {number} hidden_size
 * @property {number} [num_layers] 1 if left out
 * @property {boolean} [bias] true if left out
 * @property {boolean} [bidirectional] false if left out
 * @property {number} [proj_size] 0 if left out; LSTM only
 */

/**
 * @typedef {object} Result
 * @property {Sequence} output (L, N, D·H_out); zeros beyond the end of a shorter sequence
 * @property {Vector[][]} h_n (D·num_layers, N, H_out)
 * @property {Vector[][]} [c_n] LSTM: (D·num_layers, N, H_cell)
 * @property {Record<string, Sequence>[][]} layers layers[layer][direction]: each letter, (L, N, H),
 *   steps in the input's order; NaN beyond the end of a shorter sequence
 */

/** The letters of each cell, in the order of its equations. */
export const LETTERS = {
  LSTM: ["i", "f", "g", "o", "c", "h"],
  GRU: ["r", "z", "n", "h"],
  RNN_TANH: ["h"],
  RNN_RELU: ["h"],
};

/** @param {number} sum */
export const sigmoid = (sum) => 1 / (1 + Math.exp(-sum));

/** @param {number} sum */
const relu = (sum) => (sum < 0 ? 0 : sum); // NaN stays NaN

/**
 * @param {number[][]} weight
 * @param {Vector} vector
 * @param {Vector} [bias]
 * @returns {Vector} weight · vector + bias
 */
export const affine = (weight, vector, bias) =>
  weight.map((row, unit) => {
    let sum = bias ? bias[unit] : 0;
    for (let column = 0; column < row.length; column += 1) sum += row[column] * vector[column];
    return sum;
  });

/**
 * @typedef {object} CellWeights of one layer in one direction, without the layer's suffix
 * @property {number[][]} weight_ih
 * @property {number[][]} weight_hh
 * @property {Vector} [bias_ih]
 * @property {Vector} [bias_hh]
 * @property {number[][]} [weight_hr]
 */

/**
 * Compute the weighted sums of one step, before anything is squashed.
 * @param {Configuration["mode"]} mode
 * @param {CellWeights} weights
 * @param {Vector} x what it reads
 * @param {Vector} h hidden state before, (H_out)
 * @returns {Record<string, Vector>} pre_i, pre_f, …; of a GRU pre_r, pre_z and the two parts of n's,
 *   `in` and `hn`
 */
function sums(mode, weights, x, h) {
  const read = affine(weights.weight_ih, x, weights.bias_ih);
  const kept = affine(weights.weight_hh, h, weights.bias_hh);
  const size = read.length / BLOCKS[mode];
  /** @param {Vector} rows @param {number} block */
  const part = (rows, block) => rows.slice(block * size, (block + 1) * size);
  /** @param {number} block */
  const both = (block) => part(read, block).map((sum, unit) => sum + kept[block * size + unit]);
  if (mode === "LSTM") return { pre_i: both(0), pre_f: both(1), pre_g: both(2), pre_o: both(3) };
  if (mode !== "GRU") return { pre_h: both(0) };
  return { pre_r: both(0), pre_z: both(1), in: part(read, 2), hn: part(kept, 2) };
}

/**
 * Advance one cell by one step.
 * @param {Configuration["mode"]} mode
 * @param {CellWeights} weights
 * @param {Vector} x what it reads
 * @param {Vector} h hidden state before, (H_out)
 * @param {Vector} c cell state before, (H_cell); not read but by an LSTM
 * @param {Record<string, number | Vector>} [held] gates and candidates that someone holds at a number,
 *   or at one for each unit
 * @returns {Record<string, Vector>} each letter of LETTERS, and the weighted sums
 */
export function step(mode, weights, x, h, c, held = {}) {
  const found = sums(mode, weights, x, h);
  /** @param {string} letter @param {(sum: number) => number} squash */
  const gate = (letter, squash) => {
    const fixed = [held[letter]].flat();
    found[letter] = found[`pre_${letter}`].map(
      (sum, unit) => (fixed.length > 1 ? fixed[unit] : fixed[0]) ?? squash(sum),
    );
    return found[letter];
  };
  if (mode === "LSTM") {
    const [i, f, g, o] = [..."ifgo"].map((letter) => gate(letter, letter === "g" ? Math.tanh : sigmoid));
    const next = c.map((old, unit) => f[unit] * old + i[unit] * g[unit]);
    const full = next.map((value, unit) => o[unit] * Math.tanh(value));
    return { ...found, c: next, h: weights.weight_hr ? affine(weights.weight_hr, full) : full };
  }
  if (mode === "GRU") {
    const [r, z] = [..."rz"].map((letter) => gate(letter, sigmoid));
    // r multiplies W_hn h + b_hn, after the product
    found.pre_n = found.in.map((sum, unit) => sum + r[unit] * found.hn[unit]);
    const n = gate("n", Math.tanh);
    return { ...found, h: n.map((value, unit) => (1 - z[unit]) * value + z[unit] * h[unit]) };
  }
  gate("h", mode === "RNN_RELU" ? relu : Math.tanh);
  return found;
}

/**
 * @param {Record<string, any>} weights as `state_dict` names them
 * @param {string} suffix "_l0", "_l0_reverse", …
 * @returns {CellWeights} those of one layer in one direction
 */
export function cellWeights(weights, suffix) {
  const names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];
  const found = names.filter((name) => weights[name + suffix] !== undefined);
  return /** @type {CellWeights} */ (
    Object.fromEntries(found.map((name) => [name, weights[name + suffix]]))
  );
}

/**
 * Run one layer in one direction.
 * @param {Configuration["mode"]} mode
 * @param {CellWeights} weights
 * @param {Sequence} input (L, N, H_in)
 * @param {Vector[]} h_0 (N, H_out)
 * @param {Vector[]} c_0 (N, H_cell)
 * @param {number[]} lengths steps of each sequence
 * @param {boolean} reverse whether it reads the last step first
 * @returns {Record<string, Sequence>} each letter, (L, N, H)
 */
function run(mode, weights, input, h_0, c_0, lengths, reverse) {
  const letters = LETTERS[mode];
  /** @type {Record<string, Sequence>} */
  const found = Object.fromEntries(letters.map((letter) => [letter, input.map(() => [])]));
  lengths.forEach((length, sequence) => {
    let [h, c] = [h_0[sequence], c_0[sequence]];
    for (let count = 0; count < length; count += 1) {
      const t = reverse ? length - 1 - count : count;
      const values = step(mode, weights, input[t][sequence], h, c);
      for (const letter of letters) found[letter][t][sequence] = values[letter];
      ({ h, c = c } = values);
    }
    for (let t = length; t < input.length; t += 1)
      for (const letter of letters) {
        const size = (letter === "h" ? h : c).length;
        found[letter][t][sequence] = Array(size).fill(NaN);
      }
  });
  return found;
}

/**
 * Run a layer as torch does.
 * @param {Configuration} configuration
 * @param {Record<string, any>} weights names of `state_dict`, arrays nested as `tolist()` gives them
 * @param {Sequence} input (L, N, H_in)
 * @param {Vector[][] | [Vector[][], Vector[][]] | null} [state] nothing for zeros; h_0; for an LSTM
 *   [h_0, c_0]; each (D·num_layers, N, H)
 * @param {number[]} [lengths] steps of each sequence, as of a packed input; all if left out
 * @returns {Result}
 * @throws {Error} what torch would refuse too, in one sentence
 */
export function forward(configuration, weights, input, state, lengths) {
  refuse(configuration, weights, input, state, lengths);
  const { mode, hidden_size, num_layers = 1, bidirectional = false, proj_size = 0 } = configuration;
  const sequences = input[0].length;
  const ends = lengths ?? Array(sequences).fill(input.length);
  const suffixes = bidirectional ? ["", "_reverse"] : [""];
  const rows = num_layers * suffixes.length;
  /** @param {number} size */
  const zeros = (size) =>
    Array.from({ length: rows }, () => Array.from({ length: sequences }, () => Array(size).fill(0)));
  const given = mode === "LSTM" ? (state ?? []) : [state ?? undefined];
  const h_0 = /** @type {Vector[][]} */ (given[0] ?? zeros(proj_size || hidden_size));
  const c_0 = /** @type {Vector[][]} */ (given[1] ?? zeros(hidden_size));
  const layers = [];
  const last = { h: /** @type {Vector[][]} */ ([]), c: /** @type {Vector[][]} */ ([]) };
  let read = input;
  for (let layer = 0; layer < num_layers; layer += 1) {
    const directions = suffixes.map((suffix, direction) => {
      const row = layer * suffixes.length + direction;
      const cell = cellWeights(weights, `_l${layer}${suffix}`);
      const found = run(mode, cell, read, h_0[row], c_0[row], ends, direction === 1);
      for (const letter of /** @type {const} */ (["h", "c"]))
        last[letter].push(ends.map((length, n) => (found[letter] ?? [])[direction ? 0 : length - 1]?.[n]));
      return found;
    });
    layers.push(directions);
    read = input.map((_, t) =>
      ends.map((length, n) =>
        directions.flatMap(({ h }) => (t < length ? h[t][n] : h[t][n].map(() => 0))),
      ),
    );
  }
  const result = { output: read, h_n: last.h, layers };
  return mode === "LSTM" ? { ...result, c_n: last.c } : result;
}
