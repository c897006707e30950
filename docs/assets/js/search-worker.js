// @ts-check
/// <reference lib="webworker" />
/**
 * The search of the site: the theme's own worker, asked in words that it understands, and its
 * answers put in order once more.
 *
 * A question or a pasted message is full of signs that are operators to the theme's search (colon,
 * brackets, plus, minus, tilde), of numbers that are the reader's own, and of words that stand
 * everywhere. The rest is searched for. The theme weighs words one by one; here the answers that
 * have the words side by side, as they were asked, come first.
 *
 * overrides/main.html names this file as the worker, and the theme's file after the "?".
 */

const THEIRS = /^\?search\.[\w.]+\.js$/;
const SETUP = 0;
const QUERY = 2;
const RESULT = 3;

/** What people write, and how the pages have it. */
const ALSO = new Map(
  Object.entries({
    bilstm: "bidirectional lstm",
    bptt: "backpropagation through time",
    c0: "c_0",
    cn: "c_n",
    concat: "concatenate",
    coreml: "core ml",
    initialization: "initialisation",
    initialize: "initialise",
    h0: "h_0",
    hn: "h_n",
    leakage: "leak",
    learnable: "learned",
    normalization: "normalisation",
    normalize: "normalise",
    quantization: "quantisation",
    quantize: "quantise",
    regularization: "regularisation",
    seq2seq: "sequence to sequence",
    timestep: "time step",
    utilization: "utilisation",
    visualize: "visualise",
    vs: "or",
  }),
);

const ERROR = /\b[A-Za-z]*(?:Error|Exception|Warning)\b/;
const CARDS = "answers/error-messages/";

const PAIRS = 4; // how much more an answer counts that has all words side by side, as asked
const ENOUGH = 5; // pairs of words that are no chance; fewer count less
const OPENING = 2; // how much more the opening of a page counts than one of its sections
const ASKED = 1.4; // the same where a whole question is asked, which a section answers more often
const CARD = 1.5; // how much more a card of a message counts when an error is named
const SUBJECT = 3; // pairs of words that make more than a name or a subject
const QUESTION = 6; // pairs of words that make a whole question
const MOSTLY = 0.9; // share of the words with one beginning that makes one of them the one meant
const LIST = 0.1; // how much less a section counts that has no sentence, only links

/** Between words; the theme's setup message brings it, so that a query is cut as the pages are. */
let separator = /\W+/;

/** @type {Map<string, string>} the stem of every word so far */
const stems = new Map();

/** @type {Set<string>} every word of the pages */
let known = new Set();

/** @type {Map<string, number>} how many sections have a word */
const often = new Map();

/** @type {Map<string, string>} what a misspelt word was taken for */
const mended = new Map();

/** @typedef {{ stems: Set<string>, pairs: Set<string> }} Reading of a text: stems, side by side */

/** @type {Map<string, Reading>} what every section says, by address */
const read = new Map();

/** The query that is being answered: its telling words, its pairs, and if it names an error. */
const asked = { words: [""], pairs: new Set([""]), error: false };

/**
 * @param {string} word
 * @returns {string} its stem, so that "gradients" finds "gradient"
 */
function stem(word) {
  let found = stems.get(word);
  if (found === undefined) {
    // @ts-expect-error the theme's worker puts lunr there
    found = String(self.lunr.stemmer(new self.lunr.Token(word)));
    stems.set(word, found);
  }
  return found;
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
 * @returns {Reading}
 */
function reading(text) {
  const all = words(text).map(stem);
  const pairs = all.slice(1).map((word, place) => `${all[place]} ${word}`);
  return { stems: new Set(all), pairs: new Set(pairs) };
}

/**
 * Read the pages before the theme does.
 * @param {{ config: { separator: string }, docs: Array<Record<string, any>> }} index
 */
function prepare({ config, docs }) {
  separator = new RegExp(config.separator);
  for (const section of docs) {
    const { location, title, text, boost = 1 } = section;
    const plain = `${title} ${text}`.replace(/<[^>]*>|&\w+;/g, " ");
    read.set(location, reading(plain));
    for (const word of new Set(words(plain))) often.set(word, (often.get(word) ?? 0) + 1);
    if (!/<p|<pre/.test(text)) section.boost = boost * LIST;
  }
  known = new Set(stems.keys());
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
 * @param {string} text
 * @returns {string[]} its words that say something; those that it has, where none does
 */
function tellingWords(text) {
  const all = words(text);
  const long = all.filter((word) => word.length > 1);
  // @ts-expect-error the theme's worker puts lunr there
  const telling = long.filter((word) => self.lunr.stopWordFilter(word));
  return [...new Set([telling, long, all].find((list) => list.length))];
}

/**
 * @param {string} word perhaps unfinished
 * @returns {string} the word of the pages that it nearly always begins, if there is one
 */
function finished(word) {
  if (known.has(word)) return word;
  const count = (/** @type {string} */ whole) => often.get(whole) ?? 0;
  const perhaps = [...known].filter((whole) => whole.startsWith(word));
  perhaps.sort((one, other) => count(other) - count(one));
  const alike = perhaps.filter((whole) => stem(whole) === stem(perhaps[0]));
  const sum = (/** @type {string[]} */ all) => all.reduce((sofar, whole) => sofar + count(whole), 0);
  return perhaps.length && sum(alike) >= MOSTLY * sum(perhaps) ? perhaps[0] : word;
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

/**
 * @param {string} word
 * @returns {string} the word of the pages that it is a misspelling of, itself if there is none
 */
function spelt(word) {
  const small = word.toLowerCase();
  if (small.length < 4 || known.has(small)) return word;
  let found = mended.get(small);
  if (found === undefined) {
    found = word;
    let least = small.length < 8 ? 1 : 2;
    let most = 0;
    for (const whole of known) {
      if (whole.startsWith(small)) return word; // not yet typed to its end
      const apart = slips(small, whole, least);
      const count = often.get(whole) ?? 0;
      if (apart < least || (apart === least && count > most)) {
        [found, least, most] = [whole, apart, count];
      }
    }
    mended.set(small, found);
  }
  return found;
}

/**
 * Understand what is asked, and write it in the theme's language.
 * @param {string} text
 * @returns {string}
 */
function query(text) {
  const ours = message(text).replace(/\w+/g, (word) => ALSO.get(word.toLowerCase()) ?? word);
  const plain = ours.replace(/\p{L}+/gu, spelt);
  const telling = tellingWords(plain);
  const last = /\w$/.test(plain) ? telling.pop() : undefined;
  if (last) telling.push(finished(last));
  asked.words = telling;
  asked.pairs = reading(plain).pairs;
  asked.error = ERROR.test(plain);
  const unfinished = (/** @type {string} */ word) => word === last && !known.has(word);
  return telling.map((word) => (unfinished(word) ? `${word}*` : `${word}^4`)).join(" ");
}

/**
 * Put the theme's answers in order once more.
 * @param {any[][]} groups the answers, by page
 * @returns {any[][]}
 */
function ordered(groups) {
  for (const section of groups.flat()) {
    const { location, parent, terms } = section;
    const matched = Object.values(terms);
    const theirs = matched.filter(Boolean).length / Math.max(1, matched.length);
    section.score /= 1 + (Number(!parent) + theirs) ** 2;
    section.score *= weight(location);
    if (!parent) section.score *= asked.pairs.size < QUESTION ? OPENING : ASKED;
    if (location.startsWith(CARDS)) section.score *= cardWeight();
    section.terms = found(location);
  }
  const best = (/** @type {any[]} */ group) => group[0].score;
  for (const group of groups) group.sort((a, b) => b.score - a.score);
  return groups.sort((a, b) => best(b) - best(a));
}

/**
 * @returns {number} how much more a card of a message counts: an error is looked for among the
 *   cards, a name or a subject in the course
 */
function cardWeight() {
  if (asked.error) return CARD;
  return asked.pairs.size < SUBJECT ? 1 / CARD : 1;
}

/**
 * @param {Set<string>} said stems of a section
 * @param {string} word whole, or the beginning of one
 * @returns {boolean} true if the section has it
 */
function says(said, word) {
  return known.has(word) ? said.has(stem(word)) : [...said].some((one) => one.startsWith(word));
}

/**
 * @param {string} location
 * @returns {number} how well a section fits what is asked, as a whole
 */
function weight(location) {
  const { stems: said, pairs } = read.get(location) ?? reading("");
  const share = asked.words.filter((word) => says(said, word)).length / asked.words.length;
  const count = asked.pairs.size;
  const together = [...asked.pairs].filter((pair) => pairs.has(pair)).length / Math.max(1, count);
  return (1 + share ** 2) * (1 + PAIRS * Math.min(1, count / ENOUGH) * together ** 2);
}

/**
 * @param {string} location
 * @returns {Record<string, boolean>} the words that are asked for, and if a section has them
 */
function found(location) {
  const { stems: said } = read.get(location) ?? reading("");
  return Object.fromEntries(
    asked.words.map((word) => {
      const there = says(said, word);
      return [there && word.startsWith(stem(word)) ? stem(word) : word, there];
    }),
  );
}

self.addEventListener("message", ({ data: sent }) => {
  if (sent.type === SETUP) prepare(sent.data);
  if (sent.type === QUERY) sent.data = query(sent.data);
});

if (THEIRS.test(location.search)) {
  const post = self.postMessage.bind(self);
  self.postMessage = (/** @type {any} */ answer) => {
    if (answer.type === RESULT) answer.data.items = ordered(answer.data.items);
    post(answer);
  };
  importScripts(`../javascripts/workers/${location.search.slice(1)}`);
}
