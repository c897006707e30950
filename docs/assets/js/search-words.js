// @ts-check
/**
 * Words for the search: which texts are cut into, which are one word in several forms, which mean
 * nearly the same, and which say nothing. Of the site's pages it knows nothing.
 *
 * search-worker.js takes it in, as a script: a worker of the theme is no module.
 */

/** What people write, and how the pages have it. */
const ALSO = new Map(
  Object.entries({
    bigru: "bidirectional gru",
    bilstm: "bidirectional lstm",
    bptt: "backpropagation through time",
    c0: "c_0",
    cn: "c_n",
    coreml: "core ml",
    h0: "h_0",
    hn: "h_n",
    leakage: "leak",
    learnable: "learned",
    net: "network",
    nets: "networks",
    seq2seq: "sequence to sequence",
    timeseries: "time series",
    timestep: "time step",
    timesteps: "time steps",
    vs: "or",
  }),
);

/** @type {Map<string, string>} the stem of every word so far */
const stems = new Map();

/** Words that can stand for each other; each line is one meaning. */
const ALIKE = [
  "amp autocast mixed half float16 bfloat16",
  "attend attention",
  "axis dim dimension",
  "cat concatenate join",
  "checkpoint load save state_dict",
  "clone copy deepcopy",
  "column feature",
  "cuda cudnn gpu",
  "deploy production serve",
  "diagram draw figure heat picture plot visualise",
  "differ difference different",
  "end eos stop",
  "error exception message raise",
  "fast quick slow speed",
  "forecast predict prediction",
  "forget memory remember",
  "freeze frozen requires_grad",
  "history invented paper",
  "inf infinite nan",
  "init initial initialise",
  "keras tensorflow tf",
  "label class target",
  "layer stack",
  "live online stream",
  "longest limit maximum",
  "many multiple several",
  "mean average add sum",
  "mobile android ios phone",
  "network model",
  "neuron unit",
  "parameter weight",
  "quantise quantisation int8",
  "reverse backward flip",
  "seed noise random",
  "series temporal",
  "shape size",
  "token text word sentence",
].map((line) => line.split(" ").map(stem));

/** Words of a question that say nothing of what it is about. */
const SILENT = new Set(
  (
    "a about actually although an and any anywhere are as at be because been bit but by can " +
    "could d did do does doesn don ever everything for from get gets getting great had hardly " +
    "has have he help here how i if in into is isn it its just like m maybe me must my no not " +
    "of ok okay on or our perhaps please real really s said seem seems should since so some " +
    "somebody someone such suggests supposed t tell than that the their them then there " +
    "therefore these they thing things think this thought to told too understand understood " +
    "use used using ve want was we were what when where which while who why will with wonder " +
    "would yes yet you your"
  ).split(" "),
);

/** Between words; the theme's setup message brings it. */
let separator = /\W+/;

/**
 * @param {string} word
 * @returns {string} what it shares with its other forms, so that "gradients" finds "gradient"
 */
function stem(word) {
  let found = stems.get(word);
  if (found === undefined) {
    found = word.length < 4 || /[_\d[]/.test(word) ? word : shortened(word);
    stems.set(word, found);
  }
  return found;
}

/**
 * @param {string} word
 * @returns {string} it without an ending, in British spelling
 */
function shortened(word) {
  const single = word
    .replace(/sses$/, "ss")
    .replace(/ies$/, "y")
    .replace(/(?<=[^aisu])s$|(?<=[^s]a)s$/, "");
  const ours = single
    .replace(/i[sz]ations?$/, "is")
    .replace(/i[sz](?:e|ed|ing|er)$/, "is")
    .replace(/([ae]l)is$/, "$1")
    .replace(/yz(e|ed|ing|er)$/, "ys$1");
  const cut = ours.replace(
    /(?:ations?|edly|ing|ed|ly|ment|ness|able|ible|ions?|ers?|ors?|ive|al|e)$/,
    "",
  );
  const enough = cut.length > 3 || (cut.length === 3 && /[aeiouy]/.test(cut));
  return (enough ? cut : ours).replace(/([bdgklmnprt])\1$/, "$1").replace(/i$/, "y");
}

/**
 * @param {string} text
 * @returns {string[]} its words, but for numbers
 */
function words(text) {
  const all = text.toLowerCase().split(separator);
  return all.filter((word) => word && !/^\d+(x\d+)?$/.test(word)); // 28x16 is a number, too
}

/**
 * @param {string} text
 * @returns {string[]} names of code that are cut into words otherwise: batch_first, output[-1]
 */
function names(text) {
  const all =
    text.toLowerCase().match(/\b(?:[hc]_n|[hc]|out|outputs?)\[[-\d:, ]+\]|[a-z]\w*_\w{2,}/g) ?? [];
  return all.map((one) => one.replace(/ /g, ""));
}

/**
 * @param {string} html
 * @returns {string}
 */
function plain(html) {
  const text = html.replace(/<[^>]*>/g, " ");
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(/&\w+;/g, " ");
}

/**
 * @param {string[]} all
 * @returns {string[]} two and two that stand side by side
 */
function sideBySide(all) {
  return all.slice(1).map((word, before) => `${all[before]} ${word}`);
}

/**
 * @param {string} html
 * @returns {Set<string>} stems of the words that say something, and names of code
 */
function telling(html) {
  const text = plain(html);
  return new Set([
    ...words(text)
      .filter((word) => !SILENT.has(word))
      .map(stem),
    ...names(text),
  ]);
}

/**
 * @param {string} text
 * @returns {string} the message itself of a pasted traceback, any other text as it is
 */
function message(text) {
  const last = [...text.matchAll(/[A-Z][A-Za-z]*(?:Error|Exception|Warning): /g)].at(-1);
  return last && /Traceback|, line \d/.test(text) ? text.slice(last.index) : text;
}

/**
 * @param {string} one
 * @param {string} other
 * @param {number} most where counting stops
 * @returns {number} letters to add, drop, change or exchange with the next, to make one the other
 */
function slips(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const now = [row];
    for (let column = 1; column <= other.length; column++) {
      const change = Number(one[row - 1] !== other[column - 1]);
      now.push(Math.min(last[column] + 1, now[column - 1] + 1, last[column - 1] + change));
      const turned = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (turned && row > 1) now[column] = Math.min(now[column], before[column - 2] + 1);
    }
    if (Math.min(...now) > most) return most + 1;
    [before, last] = [last, now];
  }
  return last[other.length];
}
