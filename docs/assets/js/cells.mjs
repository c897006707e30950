// @ts-check
/**
 * The cells of torch.nn, in the only place where this site's scripts compute them.
 *
 * A browser test holds them to torch in float64, to 1e-12.
 */

/**
 * @typedef {object} Weights of one layer in one direction, stacked as torch stacks them
 * @property {number[][]} weight_ih
 * @property {number[][]} weight_hh
 * @property {number[]} bias_ih
 * @property {number[]} bias_hh
 */

/**
 * @typedef {object} LSTMStep each of length H
 * @property {number[]} i
 * @property {number[]} f
 * @property {number[]} g
 * @property {number[]} o
 * @property {number[]} c
 * @property {number[]} h
 */

/** @param {number} sum */
const sigmoid = (sum) => 1 / (1 + Math.exp(-sum));

/**
 * @param {number[]} row
 * @param {number[]} vector
 */
const dot = (row, vector) => row.reduce((sum, weight, place) => sum + weight * vector[place], 0);

/**
 * @param {Weights} weights of an nn.LSTM without a projection: rows i, f, g, o
 * @param {number[][]} x (L, H_in)
 * @returns {LSTMStep[]} every step, from zero states
 */
export function lstm(weights, x) {
  const size = weights.bias_ih.length / 4;
  let h = Array(size).fill(0);
  let c = h;
  return x.map((x_t) => {
    const pre = weights.weight_ih.map(
      (row, place) =>
        dot(row, x_t) +
        weights.bias_ih[place] +
        dot(weights.weight_hh[place], h) +
        weights.bias_hh[place],
    );
    const [i, f, g, o] = [0, 1, 2, 3].map((block) =>
      pre.slice(block * size, (block + 1) * size).map(block === 2 ? Math.tanh : sigmoid),
    );
    c = c.map((old, unit) => f[unit] * old + i[unit] * g[unit]);
    h = c.map((state, unit) => o[unit] * Math.tanh(state));
    return { i, f, g, o, c, h };
  });
}
