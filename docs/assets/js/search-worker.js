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
    h0: "h_0",
    hn: "h_n",
    learnable: "learned",
    seq2seq: "sequence to sequence",
    timestep: "time step",
    vs: "or",
  }),
);

const PAIRS = 4; // how much more an answer counts that has all words side by side, as asked
const ENOUGH = 5; // pairs of words that are no chance; fewer count less
const PAGE = 2; // how much more the opening of a page counts than one of its sections
const LIST = 0.3; // how much less a section counts that has no sentence, only links
const CARDS = 1.5; // how much more the cards of messages count when an error is named

const ERROR = /\b[A-Za-z]*(?:Error|Exception|Warning)\b/;
const MESSAGES = "answers/error-messages/";

/** Between words; the theme's setup message brings it, so that a query is cut as the pages are. */
let separator = /\W+/;

/** @type {Map<string, Set<string>>} pairs of words that stand side by side, by address */
const pairsOf = new Map();

/** The pairs of words of the query that is being answered. */
let asked = new Set();

/** True if the query that is being answered names an error. */
let failed = false;

/** @type {Map<string, string>} */
const stems = new Map();

/**
 * @param {string} word
 * @returns {string} its stem, so that "gradients" finds "gradient"
 */
function stem(word) {
  let found = stems.get(word);
  if (found === undefined) {
    // @ts-expect-error the theme's worker puts lunr there
    found = self.lunr.stemmer(new self.lunr.Token(word)).toString();
    stems.set(word, found);
  }
  return found;
}

/**
 * Cut a text in words; numbers are left out.
 * @param {string} text
 * @returns {string[]}
 */
function words(text) {
  return text.toLowerCase().split(separator).filter((word) => word && !/^\d+$/.test(word));
}

/**
 * @param {string} text
 * @returns {Set<string>} pairs of words that stand side by side in it
 */
function pairs(text) {
  const all = words(text).map(stem);
  return new Set(all.slice(1).map((word, place) => `${all[place]} ${word}`));
}

/**
 * Return the message itself of a pasted traceback, any other text as it is.
 * @param {string} text
 */
function message(text) {
  const errors = [...text.matchAll(/\b[A-Z]\w+(?:Error|Exception|Warning): /g)];
  const last = errors.at(-1);
  return last && /Traceback|, line \d/.test(text) ? text.slice(last.index) : text;
}

/**
 * Return a query in the theme's language: whole words, and the last one perhaps unfinished.
 * @param {string} text
 */
function query(text) {
  const all = words(text);
  const long = all.filter((word) => word.length > 1);
  // @ts-expect-error the theme's worker puts lunr there
  const telling = long.filter((word) => self.lunr.stopWordFilter(word));
  const chosen = [telling, long, all].find((list) => list.length) ?? [];
  const last = /\w$/.test(text) ? chosen.slice(-1) : [];
  return [...new Set(chosen.map(stem))].map((word) => `${word}^4`).concat(last).join(" ");
}

/**
 * Put the theme's answers in order once more: by their words, and by pairs of words.
 * @param {any[][]} groups the answers of each page
 */
function ordered(groups) {
  for (const item of groups.flat()) {
    const found = Object.values(item.terms);
    const share = found.filter(Boolean).length / Math.max(1, found.length);
    const opening = !item.parent;
    const theirs = 1 + (Number(opening) + share) ** 2;
    const there = pairsOf.get(item.location) ?? new Set();
    const together = [...asked].filter((pair) => there.has(pair)).length / Math.max(1, asked.size);
    const certain = Math.min(1, asked.size / ENOUGH);
    item.score *= (1 + share ** 2) * (1 + PAIRS * certain * together ** 2);
    item.score *= ((opening ? PAGE : 1) * (failed && item.location.startsWith(MESSAGES) ? CARDS : 1)) / theirs;
  }
  const best = (/** @type {any[]} */ group) => Math.max(...group.map(({ score }) => score));
  for (const group of groups) group.sort((a, b) => b.score - a.score);
  return groups.sort((a, b) => best(b) - best(a));
}

self.addEventListener("message", ({ data: { type, data }, data: message_ }) => {
  if (type === SETUP) {
    separator = new RegExp(data.config.separator);
    for (const doc of data.docs) {
      const { location, title, text, boost = 1 } = doc;
      pairsOf.set(location, pairs(`${title} . ${text}`.replace(/<[^>]*>|&\w+;/g, " ")));
      if (!/<p|<pre/.test(text)) doc.boost = boost * LIST;
    }
  }
  if (type === QUERY) {
    const plain = message(data).replace(/\w+/g, (word) => ALSO.get(word.toLowerCase()) ?? word);
    asked = pairs(plain);
    failed = ERROR.test(plain);
    message_.data = query(plain);
  }
});

if (THEIRS.test(location.search)) {
  const post = self.postMessage.bind(self);
  self.postMessage = (/** @type {any} */ answer) => {
    if (answer.type === RESULT) answer.data.items = ordered(answer.data.items);
    post(answer);
  };
  importScripts(`../javascripts/workers/${location.search.slice(1)}`);
}
