// @ts-check
/**
 * One cell over a sequence, as its reader has set it: every number of every step, and the settings.
 */

import { LETTERS, step } from "./cells.mjs";

/**
 * @typedef {object} Preset of rnn_figures/course/cell_player.py
 * @property {string} name
 * @property {string} slug its name in the address
 * @property {string} why
 * @property {string[]} names of its inputs
 * @property {Record<string, any>} weights as `state_dict` names them
 * @property {number[][]} input (L, H_in)
 * @property {number} step the one shown first
 * @property {string} text what the input spells; "" for numbers
 */

/**
 * @typedef {object} Settings
 * @property {"LSTM" | "GRU" | "RNN_TANH" | "RNN_RELU"} mode
 * @property {boolean} simple
 * @property {Record<string, [number, number]>} axes ends of each strip
 * @property {Preset[]} presets
 * @property {Record<string, number[]>} [characters] what is read of those that are special
 * @property {number[]} [letter] what is read of any other one
 * @property {Record<string, string>} names of the letters
 * @property {[string, string, string, string][]} stages of a step: name, what it is, its line of
 *   PyTorch, name of its number
 */

/** The largest weight that can be set: gates open and shut by large ones. */
const MOST = { LSTM: 40, GRU: 40, RNN_TANH: 4, RNN_RELU: 4 };

/** Rows of torch's weights, one for each unit: here one each. */
const ROWS = { LSTM: "ifgo", GRU: "rzn", RNN_TANH: "h", RNN_RELU: "h" };

/**
 * @param {Settings} settings
 * @returns {string[]} letters that can be held: gates and candidates
 */
export const holdable = ({ mode }) => LETTERS[mode].filter((letter) => !"ch".includes(letter));

/**
 * @param {Settings} settings
 * @param {Preset} preset
 * @returns {[string, string, number, number, number][]} every weight: name of its field, of its
 *   tensor, its row, its column (-1 in a bias) and its value
 */
export function weightFields({ mode }, preset) {
  const { weights } = preset;
  return [...ROWS[mode]].flatMap((letter, row) => [
    ...preset.names.map((_, column) => weight(`x${column}`, "weight_ih_l0", column)),
    weight("h", "weight_hh_l0", 0),
    weight("bi", "bias_ih_l0", -1),
    weight("bh", "bias_hh_l0", -1),
  ].map((make) => make(letter, row)));

  /** @param {string} place @param {string} tensor @param {number} column */
  function weight(place, tensor, column) {
    return (/** @type {string} */ letter, /** @type {number} */ row) =>
      /** @type {[string, string, number, number, number]} */ ([
        `w-${letter}-${place}`,
        tensor,
        row,
        column,
        column < 0 ? weights[tensor][row] : weights[tensor][row][column],
      ]);
  }
}

/**
 * @param {Settings} settings
 * @param {Preset} preset
 * @returns {import("./address.mjs").Field[]} everything that can be set; the address is read and written by this table
 */
export function fields(settings, preset) {
  const number = /** @type {const} */ ("number");
  const states = settings.mode === "LSTM" ? ["h", "c"] : ["h"];
  return [
    { name: "step", type: "whole", min: 0, max: preset.input.length - 1, default: preset.step },
    { name: "stage", type: /** @type {const} */ ("whole"), min: 0, max: settings.stages.length, default: 0 },
    ...holdable(settings).map((letter) => ({
      name: `hold-${letter}`,
      type: number,
      min: "gn".includes(letter) ? -1 : 0,
      max: 1,
      default: null,
    })),
    ...states.map((letter) => ({
      name: `start-${letter}`,
      type: number,
      min: settings.axes[letter][0],
      max: settings.axes[letter][1],
      default: 0,
    })),
    ...preset.input.flatMap((x, t) =>
      x.map((value, column) => ({ name: `x-${t}-${column}`, type: number, min: -2, max: 2, default: value })),
    ),
    ...weightFields(settings, preset).map(([name, , , , value]) => ({
      name,
      type: number,
      min: -MOST[settings.mode],
      max: MOST[settings.mode],
      default: value,
    })),
  ];
}

const signs = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The text that was asked for last: each frame asks again, and a browser takes long for it. */
let known = { text: "", found: /** @type {string[]} */ ([]) };

/** @param {string} text @returns {readonly string[]} its signs, as one sees them: an emoji is one */
export function signsOf(text) {
  if (text !== known.text) known = { text, found: [...signs.segment(text)].map(({ segment }) => segment) };
  return known.found;
}

/**
 * @param {Settings} settings
 * @param {Preset} preset
 * @param {string} text what the reader types: shorter ones are followed by spaces
 * @returns {import("./address.mjs").Values} the inputs that it sets, by field
 */
export function typed({ characters = {}, letter = [] }, preset, text) {
  const given = signsOf(text);
  const found = preset.input.flatMap((_, t) =>
    (characters[given[t] ?? " "] ?? letter).map((value, column) => [`x-${t}-${column}`, value]),
  );
  return Object.fromEntries(found);
}

/**
 * @param {Settings} settings
 * @param {Preset} preset
 * @param {import("./address.mjs").Values} values
 * @returns {Record<string, number[]>[]} for each step what passes each join of the drawing, as
 *   rnn_figures/diagrams/cell/numbers.py names them
 */
export function run(settings, preset, values) {
  const { mode } = settings;
  const changed = Object.keys(values).some((name) => name.startsWith("w-"));
  const weights = changed ? structuredClone(preset.weights) : preset.weights;
  for (const [name, tensor, row, column] of changed ? weightFields(settings, preset) : []) {
    if (!(name in values)) continue;
    if (column < 0) weights[tensor][row] = values[name];
    else weights[tensor][row][column] = values[name];
  }
  const cell = /** @type {import("./cells.mjs").CellWeights} */ (
    Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name.replace("_l0", ""), weight]))
  );
  const held = Object.fromEntries(
    holdable(settings)
      .filter((letter) => `hold-${letter}` in values)
      .map((letter) => [letter, values[`hold-${letter}`]]),
  );
  let [h, c] = [[values["start-h"] ?? 0], [values["start-c"] ?? 0]];
  return preset.input.map((given, t) => {
    const x = given.map((value, column) => values[`x-${t}-${column}`] ?? value);
    const found = joins(mode, { ...step(mode, cell, x, h, c, held), x, h_prev: h, c_prev: c });
    ({ h, c = c } = found);
    return found;
  });
}

/**
 * @param {string} mode
 * @param {Record<string, number[]>} found what one step read and made
 * @returns {Record<string, number[]>} with the result of every operation
 */
export function joins(mode, found) {
  /** @param {string} one @param {string} other */
  const product = (one, other) => found[one].map((value, unit) => value * found[other][unit]);
  if (mode === "LSTM") {
    found["f-times-c"] = product("f", "c_prev");
    found["i-times-g"] = product("i", "g");
    found["tanh-c"] = found.c.map(Math.tanh);
  }
  if (mode === "GRU") {
    found["r-times-hn"] = product("r", "hn");
    found["one-minus-z"] = found.z.map((value) => 1 - value);
    found["share-of-n"] = product("one-minus-z", "n");
    found["share-of-h"] = product("z", "h_prev");
  }
  return found;
}
