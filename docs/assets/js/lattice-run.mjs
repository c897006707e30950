// @ts-check
/**
 * A layer over its steps, cell by cell: the order in which torch computes them, where each row of
 * h_n is, and what made it.
 */

import { joins } from "./cell-run.mjs";
import { cellWeights, forward, step } from "./cells.mjs";

/** @typedef {import("./cells.mjs").Configuration} Configuration */

/**
 * @typedef {object} Shape what is drawn
 * @property {Configuration["mode"]} mode
 * @property {number} layers
 * @property {number} directions
 * @property {number} steps
 */

/**
 * @typedef {object} Cell
 * @property {number} layer
 * @property {number} direction 0 forward, 1 reverse
 * @property {number} step
 */

/**
 * @typedef {object} Row of h_n
 * @property {number} k
 * @property {number} layer
 * @property {number} direction 0 forward, 1 reverse
 * @property {number} step the last one that it reads
 * @property {string} twin the slice of output that equals it; "" if there is none
 * @property {string} view code that reads it by layer and direction
 */

export const DIRECTIONS = ["forward", "reverse"];

/** Kinds of layer: their names in the address, and as a reader calls them. */
export const KINDS = /** @type {const} */ ({
  LSTM: ["lstm", "LSTM"],
  GRU: ["gru", "GRU"],
  RNN_TANH: ["rnn-tanh", "RNN tanh"],
  RNN_RELU: ["rnn-relu", "RNN relu"],
});

export const MODES = /** @type {Configuration["mode"][]} */ (Object.keys(KINDS));

/** hidden_size of every layer that can be chosen. */
export const H = 3;

/**
 * @param {Shape} shape
 * @returns {Cell[]} every cell in the order in which torch computes it: layer by layer, forward
 *   from the left, then reverse from the right
 */
export function order({ layers, directions, steps }) {
  return Array.from({ length: layers * directions * steps }, (_, count) => {
    const row = Math.floor(count / steps);
    const direction = row % directions;
    const t = count % steps;
    return { layer: Math.floor(row / directions), direction, step: direction ? steps - 1 - t : t };
  });
}

/**
 * @param {number} layers
 * @param {number} directions
 * @param {number} steps
 * @returns {Row[]} the rows of h_n, in order
 */
export function rows(layers, directions, steps) {
  return Array.from({ length: layers * directions }, (_, k) => {
    const layer = Math.floor(k / directions);
    const direction = k % directions;
    const half = directions === 1 ? "" : direction ? `, :, ${H}:` : `, :, :${H}`;
    const twin = layer === layers - 1 ? `output[${direction ? 0 : -1}${half}]` : "";
    const view = `h_n.view(${layers}, ${directions}, 1, ${H})[${layer}, ${direction}]`;
    return { k, layer, direction, step: direction ? 0 : steps - 1, twin, view };
  });
}

/**
 * @param {Cell} cell
 * @param {number} directions
 * @returns {string} layer 1, reverse, step 3
 */
export const named = ({ layer, direction, step }, directions) =>
  `layer ${layer}${directions === 2 ? `, ${DIRECTIONS[direction]}` : ""}, step ${step}`;

/**
 * @param {Cell} cell
 * @param {Shape} shape
 * @returns {string} what the cell reads, in words
 */
export function reads({ layer, direction, step: t }, { mode, directions, steps }) {
  const before = direction ? t + 1 : t - 1;
  const first = before < 0 || before === steps;
  const states = mode === "LSTM" ? ["h", "c"] : ["h"];
  const row = layer * directions + direction;
  const past = states.map((state) => (first ? `${state}_0[${row}]` : state)).join(" and ");
  const below = layer ? `h of layer ${layer - 1}${directions === 2 ? ", both halves," : ""} at step ${t}` : `x[${t}]`;
  return `${below}; ${past}${first ? "" : ` of step ${before}`}`;
}

/**
 * @param {Shape} shape
 * @param {Record<string, any>} weights of at least so many layers, as `state_dict` names them
 * @param {import("./cells.mjs").Sequence} input of at least so many steps
 */
export function compute({ mode, layers, directions, steps }, weights, input) {
  const configuration = { mode, input_size: 5, hidden_size: H, num_layers: layers, bidirectional: directions === 2 };
  return forward(configuration, weights, input.slice(0, steps));
}

/**
 * @param {Shape} shape
 * @param {Record<string, any>} weights
 * @param {import("./cells.mjs").Sequence} input
 * @param {import("./cells.mjs").Result} result what `compute` gave
 * @param {Cell} cell
 * @returns {Record<string, number[]>} what passes each join inside one cell
 */
export function inside(shape, weights, input, { layers }, { layer, direction, step: t }) {
  const before = direction ? t + 1 : t - 1;
  const own = layers[layer][direction];
  const past = (/** @type {string} */ state) => own[state]?.[before]?.[0] ?? Array(H).fill(0);
  const x = layer ? layers[layer - 1].flatMap(({ h }) => h[t][0]) : input[t][0];
  const cell = cellWeights(weights, `_l${layer}${direction ? "_reverse" : ""}`);
  const [h_prev, c_prev] = [past("h"), past("c")];
  return joins(shape.mode, { ...step(shape.mode, cell, x, h_prev, c_prev), x, h_prev, c_prev });
}

/** A part's name in the drawing, taken apart. */
const PART =
  /^(?:(?<tag>[hc])_(?<low>[0n])-(?<k>\d+)(?<on>-on)?(?:-twin)?|(?:(?<kind>cell|[hc]|in|up)-|row-)l(?<layer>\d+)-(?<way>forward|reverse)(?:-t(?<t>\d+)(?<out>-on)?)?|(?:row-)?(?:read-l(?<reader>\d+)|(?<end>x|output))(?:-(?<half>forward|reverse))?(?:-t(?<step>\d+))?(?:-name)?)$/;

/** @type {Map<string, Record<string, string> | undefined>} names that were taken apart */
const known = new Map();

/** @param {string} name of a part of the drawing @returns {Record<string, string> | undefined} */
function apart(name) {
  if (!known.has(name)) known.set(name, PART.exec(name)?.groups);
  return known.get(name);
}

/**
 * @param {string} name of a part of the drawing
 * @param {Row} row of h_n
 * @param {Shape} shape
 * @returns {boolean} whether it lies on the way from x to that row, or to what equals it
 */
export function onPath(name, row, { directions, steps }) {
  const part = apart(name);
  if (!part) return true;
  const last = (/** @type {number} */ direction) => (direction ? 0 : steps - 1);
  if (part.tag) {
    const k = Number(part.k);
    if (part.low === "n") return k === row.k && part.tag === "h";
    return k === row.k || Math.floor(k / directions) < row.layer;
  }
  if (part.layer) {
    const [layer, direction, t] = [Number(part.layer), DIRECTIONS.indexOf(part.way), Number(part.t)];
    const own = layer === row.layer && direction === row.direction;
    if (part.kind === "up") return layer < row.layer || (own && row.twin !== "" && t === row.step);
    const leaves = part.out && t === last(direction); // into h_n or c_n
    return leaves ? own && part.kind === "h" : own || layer < row.layer;
  }
  if (part.reader) return Number(part.reader) <= row.layer;
  if (part.end === "x") return true;
  const equal = row.twin !== "" && Number(part.step) === row.step;
  return equal && (!part.half || part.half === DIRECTIONS[row.direction]);
}

/**
 * @param {string} name of a part of the drawing
 * @param {Shape} shape
 * @returns {number} how many cells are computed when the part is there; 0 if it is from the start
 */
export function computedWith(name, { directions, steps }) {
  const part = apart(name);
  const count = (/** @type {number} */ row, /** @type {number} */ t) =>
    row * steps + (row % directions ? steps - t : t + 1);
  if (part?.tag) return part.low === "n" ? (Number(part.k) + 1) * steps : 0;
  if (part?.t && part.kind !== "in") return count(Number(part.layer) * directions + DIRECTIONS.indexOf(part.way), Number(part.t));
  return 0;
}
