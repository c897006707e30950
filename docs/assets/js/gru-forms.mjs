// @ts-check
/**
 * The GRU as PyTorch has it, and as the last version of Cho et al. (2014) has it: r before the matrix.
 *
 * A browser test holds both to torch in float64, to 1e-12.
 */

import { affine, step } from "./cells.mjs";

/** @typedef {import("./cells.mjs").CellWeights} CellWeights */
/** @typedef {import("./cells.mjs").Vector} Vector */

/**
 * Advance the paper's GRU by one step: n reads W_hn (r ⊙ h) + b_hn.
 * @param {CellWeights} weights as PyTorch has them
 * @param {Vector} x
 * @param {Vector} h
 * @param {Record<string, number | Vector>} [held] as `step` has it
 * @returns {Vector} the next h
 */
function paperStep(weights, x, h, held) {
  const { r, z, in: read } = step("GRU", weights, x, h, [], held);
  const rows = 2 * h.length; // r, z, then n
  const reset = h.map((value, unit) => r[unit] * value);
  const kept = affine(weights.weight_hh.slice(rows), reset, weights.bias_hh?.slice(rows));
  return kept.map((sum, unit) => {
    const n = Math.tanh(read[unit] + sum);
    return (1 - z[unit]) * n + z[unit] * h[unit];
  });
}

/**
 * Run both forms on the same weights and the same input, from zeros.
 * @param {CellWeights} weights
 * @param {Vector[]} input (L, H_in)
 * @param {Record<string, number | Vector>} [held]
 * @returns {{ torch: Vector[], paper: Vector[] }} h of each, (L, H)
 */
export function bothForms(weights, input, held) {
  const zeros = Array(weights.weight_hh[0].length).fill(0);
  let [torch, paper] = [zeros, zeros];
  const found = input.map((x) => {
    torch = step("GRU", weights, x, torch, [], held).h;
    paper = paperStep(weights, x, paper, held);
    return [torch, paper];
  });
  return { torch: found.map(([h]) => h), paper: found.map(([, h]) => h) };
}
