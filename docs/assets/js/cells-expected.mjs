// @ts-check
/**
 * What `forward` of cells.mjs does not run, and why, in one sentence: where torch raises, it does too.
 */

/** Blocks of rows that torch stacks in a weight: i f g o, r z n, or one. */
export const BLOCKS = { LSTM: 4, GRU: 3, RNN_TANH: 1, RNN_RELU: 1 };

/**
 * @param {any} value
 * @returns {string} its shape as torch writes it: "(5, 3)", "a number", or what else it is
 */
function shapeOf(value) {
  if (typeof value === "number") return "a number";
  if (!Array.isArray(value)) return value === null ? "null" : typeof value;
  const sizes = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) sizes.push(inner.length);
  return `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;
}

/**
 * @param {any} value
 * @param {(number | null)[]} shape null for any size
 * @returns {boolean} whether it is nested arrays of numbers of that shape
 */
function has(value, [size, ...rest]) {
  if (!Array.isArray(value) || (size !== null && value.length !== size)) return false;
  return value.every((inner) => (rest.length ? has(inner, rest) : typeof inner === "number"));
}

/**
 * @param {string} name
 * @param {any} value
 * @param {(number | null)[]} shape
 * @param {string} words the shape's, where it has letters
 */
function want(name, value, shape, words = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`) {
  if (has(value, shape)) return;
  const got = shapeOf(value);
  const alike = new RegExp(`^\\(${shape.map((size) => size ?? "\\d+").join(", ")},?\\)$`).test(got);
  const ragged = alike ? ", with rows of unlike length or something that is no number" : "";
  throw new Error(`expected ${name} of shape ${words}, got ${got}${ragged}`);
}

/**
 * @param {string} name
 * @param {any} value
 * @param {number} least
 */
function whole(name, value, least) {
  if (!Number.isInteger(value) || value < least)
    throw new Error(`expected ${name} to be a whole number of at least ${least}, got ${value}`);
}

/**
 * Raise what is wrong with what `forward` was given.
 * @param {any} configuration
 * @param {any} weights
 * @param {any} input
 * @param {any} state
 * @param {any} lengths
 */
export function refuse(configuration, weights, input, state, lengths) {
  const { mode, input_size, hidden_size, num_layers = 1, bidirectional = false, proj_size = 0 } = configuration ?? {};
  if (!Object.hasOwn(BLOCKS, mode ?? "")) throw new Error(`expected LSTM, GRU, RNN_TANH or RNN_RELU, got ${mode}`);
  whole("input_size", input_size, 1);
  whole("hidden_size", hidden_size, 1);
  whole("num_layers", num_layers, 1);
  whole("proj_size", proj_size, 0);
  if (proj_size && mode !== "LSTM") throw new Error(`expected proj_size 0, since only an LSTM has one, got ${proj_size}`);
  if (proj_size >= hidden_size)
    throw new Error(`expected proj_size below hidden_size ${hidden_size}, got ${proj_size}`);
  refuseWeights(configuration, weights ?? {});
  if (Array.isArray(input) && !input.length) throw new Error("expected an input of at least one step, got none");
  want("input", input, [null, null, input_size], `(L, N, ${input_size})`);
  const sequences = input[0].length;
  want("input", input, [input.length, sequences, input_size]);
  const rows = num_layers * (bidirectional ? 2 : 1);
  if (state !== undefined && state !== null) {
    const pair = mode === "LSTM";
    if (pair && !(Array.isArray(state) && state.length === 2 && Array.isArray(state[0]?.[0]?.[0])))
      throw new Error(`expected state of an LSTM to be [h_0, c_0], got an array of shape ${shapeOf(state)}`);
    want("h_0", pair ? state[0] : state, [rows, sequences, proj_size || hidden_size]);
    if (pair) want("c_0", state[1], [rows, sequences, hidden_size]);
  }
  if (lengths === undefined || lengths === null) return;
  want("lengths", lengths, [sequences]);
  for (const length of lengths)
    if (!Number.isInteger(length) || length < 1 || length > input.length)
      throw new Error(`expected lengths from 1 to ${input.length}, got ${length}`);
}

/**
 * @param {import("./cells.mjs").Configuration} configuration
 * @param {Record<string, any>} weights
 */
function refuseWeights(configuration, weights) {
  const { mode, input_size, hidden_size, num_layers = 1, bias = true, bidirectional = false, proj_size = 0 } = configuration;
  const out = proj_size || hidden_size;
  const total = BLOCKS[mode] * hidden_size;
  const directions = bidirectional ? ["", "_reverse"] : [""];
  /** @type {Record<string, number[]>} */
  const shapes = {};
  for (let layer = 0; layer < num_layers; layer += 1)
    for (const direction of directions) {
      const suffix = `_l${layer}${direction}`;
      shapes[`weight_ih${suffix}`] = [total, layer ? out * directions.length : input_size];
      shapes[`weight_hh${suffix}`] = [total, out];
      if (bias) shapes[`bias_ih${suffix}`] = shapes[`bias_hh${suffix}`] = [total];
      if (proj_size) shapes[`weight_hr${suffix}`] = [proj_size, hidden_size];
    }
  for (const [name, shape] of Object.entries(shapes)) {
    if (weights[name] === undefined) throw new Error(`expected weights with ${name}`);
    want(name, weights[name], shape);
  }
  // those of further layers are not read; a bias of these would be
  const names = ["bias_ih", "bias_hh", "weight_hr"].flatMap((name) =>
    Object.keys(shapes).filter((key) => key.startsWith("weight_ih")).map((key) => key.replace("weight_ih", name)),
  );
  const more = names.find((name) => !Object.hasOwn(shapes, name) && weights[name] !== undefined);
  if (more) throw new Error(`expected weights without ${more}: the configuration has ${more.startsWith("bias") ? "no bias" : "no projection"}`);
}
