// @ts-check
/**
 * The trained networks that come with the package, read and run in the page.
 *
 * The recurrent maths is `cells.mjs`; here are the file, the embedding and the readout. A browser
 * test holds every network of every experiment to torch.
 */

import { forward } from "./cells.mjs";

/** @typedef {import("./cells.mjs").Configuration} Configuration */

/**
 * @typedef {object} Experiment
 * @property {string} symbols what its networks read, a character each
 * @property {string[]} answers what they choose among
 * @property {{ kind: string, seed: number }[]} runs its networks
 * @property {Record<string, any>} tensors by KIND/SEED/PARAMETER, nested as `tolist()` gives them
 */

/**
 * @typedef {object} Reading
 * @property {Record<string, number[][]>} quantities by letter, for each symbol a number for each unit
 * @property {number[][]} chances for each symbol, of each answer
 */

/** @param {number} bits @returns {number} of a float16 */
export function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const rest = bits & 1023;
  if (exponent === 31) return rest ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + rest) : 2 ** -24 * rest);
}

/**
 * @param {number[]} values
 * @param {number[]} shape
 * @returns {any} nested lists
 */
function nested(values, shape) {
  if (shape.length < 2) return values;
  const size = values.length / shape[0];
  return Array.from({ length: shape[0] }, (_, row) =>
    nested(values.slice(row * size, (row + 1) * size), shape.slice(1)),
  );
}

/**
 * Read a file of the form safetensors: the length of a header, the header, the numbers.
 * @param {ArrayBuffer} file
 * @returns {Record<string, any>} nested lists by name
 */
function tensorsOf(file) {
  const view = new DataView(file);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, start - 8)));
  const readers = {
    F32: { size: 4, read: (/** @type {number} */ at) => view.getFloat32(at, true) },
    F16: { size: 2, read: (/** @type {number} */ at) => half(view.getUint16(at, true)) },
  };
  return Object.fromEntries(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, { dtype, shape, data_offsets }]) => {
        const { size, read } = readers[/** @type {keyof readers} */ (dtype)];
        const [from, to] = data_offsets;
        const values = Array.from({ length: (to - from) / size }, (_, index) =>
          read(start + from + size * index),
        );
        return [name, nested(values, shape)];
      }),
  );
}

/**
 * Fetch an experiment's networks.
 * @param {string} name
 * @returns {Promise<Experiment>}
 */
export async function fetched(name) {
  const files = ["json", "safetensors"].map((end) =>
    fetch(new URL(`../weights/${name}.${end}`, import.meta.url)),
  );
  const [known, weights] = await Promise.all(files);
  if (!known.ok || !weights.ok) throw new Error(`the weights of ${name} are not on this site`);
  const [experiment, tensors] = [await known.json(), tensorsOf(await weights.arrayBuffer())];
  // of some networks only the record is kept
  const runs = experiment.runs.filter(
    (/** @type {{ kind: string, seed: number }} */ { kind, seed }) =>
      `${kind}/${seed}/readout.bias` in tensors,
  );
  return { ...experiment, runs, tensors };
}

/**
 * @param {string} kind as an experiment names it
 * @returns {Configuration["mode"]} as torch does
 */
function modeOf(kind) {
  const name = kind.split(",")[0];
  return name === "RNN" ? "RNN_TANH" : /** @type {"LSTM" | "GRU"} */ (name);
}

/** What has read nothing yet. @type {Reading} */
const NOTHING = { quantities: {}, chances: [] };

/**
 * Have a network read a text.
 * @param {Experiment} experiment
 * @param {string} kind
 * @param {number} seed
 * @param {string} text of its symbols alone, at least one that `before` has not
 * @param {Reading} [before] what it read of the text's beginning: it goes on from there
 * @returns {Reading}
 */
export function reading(experiment, kind, seed, text, before = NOTHING) {
  const start = `${kind}/${seed}/`;
  /** @param {string} name */
  const part = (name) => experiment.tensors[start + name];
  const embedding = part("embedding.weight");
  const hidden_size = part("layer.weight_hh_l0")[0].length;
  const configuration = { mode: modeOf(kind), input_size: embedding[0].length, hidden_size };
  const names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
  const weights = Object.fromEntries(names.map((name) => [name, part(`layer.${name}`)]));
  const done = before.chances.length;
  const input = [...text].slice(done).map((symbol) => [embedding[experiment.symbols.indexOf(symbol)]]);
  const [h, c] = [before.quantities.h, before.quantities.c].map((all) => all && [[all[done - 1]]]);
  const state = done ? (configuration.mode === "LSTM" ? [h, c] : h) : undefined;
  const [[values]] = forward(configuration, weights, input, state).layers;
  const quantities = Object.fromEntries(
    Object.entries(values).map(([letter, steps]) => [
      letter,
      [...(before.quantities[letter] ?? []), ...steps.map(([units]) => units)],
    ]),
  );
  const [readout, bias] = [part("readout.weight"), part("readout.bias")];
  const chances = quantities.h.slice(done).map((h) => {
    const scores = readout.map((/** @type {number[]} */ row, /** @type {number} */ answer) =>
      row.reduce((sum, weight, unit) => sum + weight * h[unit], bias[answer]),
    );
    const largest = Math.max(...scores);
    const sizes = scores.map((/** @type {number} */ score) => Math.exp(score - largest));
    const total = sizes.reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0);
    return sizes.map((/** @type {number} */ one) => one / total);
  });
  return { quantities, chances: [...before.chances, ...chances] };
}

/**
 * @param {Reading} found
 * @param {number} count
 * @returns {Reading} of so many symbols at the beginning
 */
export function beginning({ quantities, chances }, count) {
  const cut = Object.entries(quantities).map(([letter, steps]) => [letter, steps.slice(0, count)]);
  return { quantities: Object.fromEntries(cut), chances: chances.slice(0, count) };
}

/**
 * Fetch the strips of a kind of network, which Python has drawn.
 * @param {string} kind as an experiment names it
 * @returns {Promise<string>} HTML
 */
export async function stripsOf(kind) {
  const file = `${modeOf(kind).toLowerCase().replace("_", "-")}.svg`;
  const answer = await fetch(new URL(`../typed/${file}`, import.meta.url));
  if (!answer.ok) throw new Error(`the drawing ${file} is not on this site`);
  return answer.text();
}
