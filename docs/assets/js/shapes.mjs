// @ts-check
/**
 * The shapes of nn.LSTM, nn.GRU and nn.RNN, and the number of their parameters, by their rules.
 *
 * A browser test holds them to live modules, over hundreds of settings.
 */

/**
 * @typedef {object} Setting
 * @property {"LSTM" | "GRU" | "RNN"} layer
 * @property {number} input_size
 * @property {number} hidden_size
 * @property {number} num_layers
 * @property {boolean} bias
 * @property {boolean} batch_first
 * @property {boolean} bidirectional
 * @property {number} proj_size
 * @property {number} L steps
 * @property {number} N sequences; 0 for an input without a batch axis
 */

/** Stacked blocks of the weights: i f g o, r z n, or one. */
const BLOCKS = { LSTM: 4, GRU: 3, RNN: 1 };

/** What the options are when nobody says otherwise, in the order of a constructor call. */
const USUAL = {
  num_layers: 1,
  bias: true,
  batch_first: false,
  bidirectional: false,
  proj_size: 0,
};

/** The least and the most of each number; no module that anybody trains is beyond them. */
export const LIMITS = {
  input_size: [1, 1_000_000],
  hidden_size: [1, 1_000_000],
  num_layers: [1, 1000],
  proj_size: [0, 1_000_000],
  L: [1, 1_000_000],
  N: [0, 1_000_000],
};

/**
 * @param {Setting} setting
 * @returns {string} what is wrong, and what to do; "" if a module can have this setting
 */
export function problem(setting) {
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    if (!(setting[name] >= least && setting[name] <= most)) {
      return `${name} must be a whole number from ${least} to ${most}.`;
    }
  }
  if (setting.proj_size && setting.layer !== "LSTM") {
    return "Only an LSTM takes proj_size: choose an LSTM, or 0.";
  }
  if (setting.proj_size >= setting.hidden_size) {
    return `proj_size must be smaller than hidden_size, which is ${setting.hidden_size}.`;
  }
  return "";
}

/**
 * @param {Setting} setting one without a problem
 * @returns {{ constructor: string, call: string, tensors: [string, number[]][],
 *   parameters: [string, number[]][], total: number }} the calls to copy; each tensor that goes in
 *   or comes out, and each parameter, with its shape; the number of all parameters
 */
export function shapes(setting) {
  const { layer, input_size, hidden_size, num_layers, proj_size, L, N } = setting;
  const D = setting.bidirectional ? 2 : 1;
  const H_out = proj_size || hidden_size;
  const batch = N ? [N] : [];
  const steps = setting.batch_first && N ? [N, L] : [L, ...batch];
  /** @type {[string, number[]][]} */
  const tensors = [
    ["input", [...steps, input_size]],
    ["output", [...steps, D * H_out]],
    ["h_0", [D * num_layers, ...batch, H_out]],
    ["h_n", [D * num_layers, ...batch, H_out]],
  ];
  if (layer === "LSTM") {
    tensors.splice(3, 0, ["c_0", [D * num_layers, ...batch, hidden_size]]);
    tensors.push(["c_n", [D * num_layers, ...batch, hidden_size]]);
  }
  const rows = BLOCKS[layer] * hidden_size;
  /** @type {[string, number[]][]} */
  const parameters = [];
  for (let k = 0; k < num_layers; k++) {
    for (const end of ["", "_reverse"].slice(0, D)) {
      parameters.push([`weight_ih_l${k}${end}`, [rows, k ? D * H_out : input_size]]);
      parameters.push([`weight_hh_l${k}${end}`, [rows, H_out]]);
      if (setting.bias) {
        parameters.push([`bias_ih_l${k}${end}`, [rows]], [`bias_hh_l${k}${end}`, [rows]]);
      }
      if (proj_size) parameters.push([`weight_hr_l${k}${end}`, [proj_size, hidden_size]]);
    }
  }
  const total = parameters.reduce((sum, [, shape]) => sum + count(shape), 0);
  const options = Object.keys(USUAL)
    .filter((name) => setting[name] !== USUAL[name])
    .map((name) => `, ${name}=${written(setting[name])}`);
  const name = layer.toLowerCase();
  const states = layer === "LSTM" ? "(h_n, c_n)" : "h_n";
  return {
    constructor: `nn.${layer}(${input_size}, ${hidden_size}${options.join("")})`,
    call: `output, ${states} = ${name}(torch.zeros${tuple(tensors[0][1])})`,
    tensors,
    parameters,
    total,
  };
}

/**
 * @param {number[]} shape
 * @returns {number} how many numbers a tensor of this shape has
 */
export function count(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * @param {number[]} shape
 * @returns {string} the shape as Python writes it
 */
export function tuple(shape) {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

/** @param {number | boolean} value */
function written(value) {
  return typeof value === "number" ? `${value}` : value ? "True" : "False";
}
