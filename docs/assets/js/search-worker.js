// @ts-check
/// <reference lib="webworker" />
/**
 * The search of the site: the worker of the theme's search field, in place of the theme's own.
 *
 * Read it in the order of what happens: `prepare` reads the pages once, `understood` makes terms of
 * what is typed, `search` finds the sections that have them, `fit` says how well each fits, and
 * `extract` shows the lines of it that answer.
 *
 * How well a section fits is BM25F: each term counts by how rare it is and how often the section
 * has it, more in a heading or in a question that leads there than in the text, less in a long
 * text. BONUS then says what else raises or lowers that. Its numbers, and those of FIELDS, were
 * fitted to questions whose sections were known, each with its own words out of the index;
 * `python -m benchmarks search` measures what they do.
 *
 * overrides/main.html names this file as the worker. The theme sends it the index, then each text
 * that is typed, and shows what it answers: groups of sections, one for each page.
 */

importScripts("search-words.js");

const SETUP = 0;
const READY = 1;
const QUERY = 2;
const RESULT = 3;

/** What a word counts in each part of a section, and how much less in a long one (0 to 1). */
const FIELDS = {
  title: { counts: 5.5, length: 0.4 },
  asked: { counts: 2.4, length: 0.2 }, // the questions that lead to the section
  text: { counts: 1, length: 0.4 },
  code: { counts: 0.6, length: 0.6 },
};

const OFTEN = 1.5; // how soon a word that stands there again adds little: BM25's k1
const PAIR = 0.35; // what two words side by side count, of what one does
const ALIKE_COUNTS = 0.3; // what a word counts that can stand for the one asked for
const BEGUN_COUNTS = 0.5; // what a word counts whose beginning is typed

/** What a section gains where it has all of it, in shares of e: 0.1 is about a tenth. */
const BONUS = {
  covered: 0.4, // the words that were asked for
  title: 0.3, // the heading says the same as the question, and no more
  exact: 0.5, // the heading is what was typed
  asked: 0.27, // so does one of the questions that lead there
  named: 0.3, // the whole heading stands in the question
  paragraph: 0.26, // one paragraph has all the words
  together: 0.84, // all words stand side by side, in the order in which they were asked
  page: 0.68, // the page's title has the words
  opening: -0.1, // it is the opening of a page
  openingAsked: -0.3, // the same, for a whole question: a section answers that more often
  openingNamed: 0.6, // the same, for a name
  card: -0.25, // it is a card of an error message
  cardOfError: 0.6, // the same, where an error is named or quoted
  cardNamed: -0.45, // the same, for a name or a subject
  reference: -0.2, // a docstring, where more than a name is asked for
  sources: -0.1,
};

const CANDIDATES = 100; // sections that are looked at closely
const ANSWERS = 40; // sections that are shown
const QUESTION = 6; // words that make a whole question
const SUBJECT = 3; // words that make more than a name or a subject
const PHRASE = 5; // pairs of words that are no chance; fewer count less
const NEARLY = 0.9; // share of the words with one beginning that makes one of them the one meant
const MOSTLY = 0.8; // share of a message's pairs of words that makes it quoted
const COMMON = 3; // what a heading must say to be more than a word that stands everywhere
const LIST = 0.3; // how much less a section counts that has no sentence, only links
const LETTERS = 260; // of an extract

const CARDS = "answers/error-messages/";
const ERROR = /\b[A-Za-z]*(?:Error|Exception|Warning)\b/;

/** @typedef {{ title: string[], asked: string[], text: string[], code: string[] }} Words by field */
/** @typedef {{ set: Set<string>, weight: number }} Phrase stems, and how much they say together */

/**
 * @typedef {object} Section
 * @property {string} location
 * @property {string} page
 * @property {string} title as HTML
 * @property {string} text as HTML
 * @property {string[]} asked the questions that lead to it, as HTML
 * @property {number} boost
 * @property {number} place its number, in postings
 * @property {Close | undefined} close what is read of it when it is a candidate
 */

/**
 * @typedef {object} Close
 * @property {Map<string, number>} pairs telling words side by side, and what they count
 * @property {Set<string>} phrases all words side by side
 * @property {Set<string>} title
 * @property {Set<string>[]} asked
 * @property {string[]} blocks its paragraphs, items of lists and pieces of code, as HTML
 * @property {Set<string>[]} paragraphs what each of these says
 */

/**
 * @typedef {object} Asked
 * @property {string[]} terms stems of the words that say something, in their order
 * @property {Map<string, number>[]} meanings for each of them: stems that will do, and what each counts
 * @property {Set<string>} phrases all words side by side
 * @property {boolean} error whether an error is named
 * @property {boolean} short whether it is a name or a subject
 * @property {string[]} words the telling words as they are written
 */

/** @type {Section[]} */
let sections = [];

/** @type {Map<string, Map<number, number>>} what each stem counts, by section */
const postings = new Map();

/** @type {Map<string, Section>} of each page */
const openings = new Map();

/** @type {Map<string, Set<string>>} stems of each page's title */
const titles = new Map();

/** @type {Map<string, number>} how many sections have a word */
const often = new Map();

/** @type {Map<string, string>} what a misspelt word was taken for */
const mended = new Map();

/** @type {{ [field: string]: number }} words of a section, in the mean */
const usual = {};

/**
 * @param {string} term a stem
 * @returns {number} how much it says: more if few sections have it
 */
function rarity(term) {
  const count = postings.get(term)?.size ?? 0;
  return Math.log(1 + (sections.length - count + 0.5) / (count + 0.5));
}

/**
 * @param {Iterable<string>} terms
 * @returns {number}
 */
function sum(terms) {
  let total = 0;
  for (const term of terms) total += rarity(term);
  return total;
}

/**
 * @param {Set<string>} some
 * @param {Set<string>} all
 * @returns {number} how much those of the first say that the second has
 */
function common(some, all) {
  let total = 0;
  for (const term of some) if (all.has(term)) total += rarity(term);
  return total;
}

// Pages ---------------------------------------------------------------------------------------

/**
 * @param {Section} section
 * @returns {Words}
 */
function fields({ title, text, asked }) {
  const code = text.match(/<pre>.*?<\/pre>/gs) ?? [];
  return {
    title: words(plain(title)),
    asked: words(plain(asked.join(" "))),
    text: words(plain(text.replace(/<pre>.*?<\/pre>/gs, " "))),
    code: words(plain(code.join(" "))),
  };
}

/**
 * Read the pages: which section has which words, and what they count there.
 * @param {{ config: { separator: string }, docs: Array<Record<string, any>> }} index
 */
function prepare({ config, docs }) {
  separator = new RegExp(config.separator);
  sections = docs.map(({ location, title, text, asked = [], boost = 1 }, place) => {
    const listed = !/<p|<pre/.test(text) && !asked.length;
    const page = location.split("#")[0];
    boost *= listed ? LIST : 1;
    return { location, page, title, text, asked, boost, place, close: undefined };
  });
  const all = sections.map(fields);
  for (const field of Object.keys(FIELDS)) {
    usual[field] = all.reduce((total, one) => total + one[field].length, 0) / all.length;
  }
  all.forEach((said, place) => {
    const section = sections[place];
    for (const field of Object.keys(FIELDS)) {
      const each = counts(field, said[field].length);
      for (const word of said[field]) post(stem(word), place, each);
    }
    for (const word of new Set(Object.values(said).flat()))
      often.set(word, (often.get(word) ?? 0) + 1);
    for (const one of names(plain(section.text))) post(one, place, FIELDS.text.counts);
    for (const one of names(plain([section.title, ...section.asked].join(" ")))) {
      post(one, place, FIELDS.title.counts);
    }
    if (section.location !== section.page) return;
    openings.set(section.page, section);
    titles.set(section.page, telling(section.title));
  });
}

/**
 * @param {string} field
 * @param {number} length words that it has
 * @returns {number} what each of them counts
 */
function counts(field, length) {
  const { counts: full, length: less } = FIELDS[field];
  return full / (1 - less + less * (length / usual[field]));
}

/**
 * @param {string} term
 * @param {number} place of the section
 * @param {number} count
 */
function post(term, place, count) {
  let places = postings.get(term);
  if (!places) postings.set(term, (places = new Map()));
  places.set(place, (places.get(place) ?? 0) + count);
}

/**
 * @param {Section} section
 * @returns {Close}
 */
function closely(section) {
  const said = fields(section);
  const blocks = section.text.match(/<pre>.*?<\/pre>|<p>.*?<\/p>|<li>.*?<\/li>/gs) ?? [];
  const pairs = new Map();
  for (const field of Object.keys(FIELDS)) {
    const each = counts(field, said[field].length);
    const loud = said[field].filter((word) => !SILENT.has(word)).map(stem);
    for (const pair of sideBySide(loud)) pairs.set(pair, (pairs.get(pair) ?? 0) + each);
  }
  return {
    pairs,
    phrases: new Set(Object.values(said).flatMap((all) => sideBySide(all.map(stem)))),
    title: telling(section.title),
    asked: section.asked.map(telling),
    blocks,
    paragraphs: blocks.map(telling),
  };
}

// What is asked -------------------------------------------------------------------------------

/**
 * @param {string} word
 * @returns {string} the word of the pages that it is a misspelling of, itself if there is none
 */
function spelt(word) {
  const small = word.toLowerCase();
  if (small.length < 4 || SILENT.has(small) || postings.has(stem(small))) return word;
  let found = mended.get(small);
  if (found === undefined) {
    found = word;
    let least = small.length < 8 ? 1 : 2;
    let most = 0;
    for (const [whole, count] of often) {
      if (whole.startsWith(small)) return word; // not yet typed to its end
      const apart = slips(small, whole, least);
      if (apart < least || (apart === least && count > most)) {
        [found, least, most] = [whole, apart, count];
      }
    }
    mended.set(small, found);
  }
  return found;
}

/**
 * @param {string} word perhaps unfinished
 * @returns {string} the word of the pages that it nearly always begins, if there is one
 */
function finished(word) {
  const small = word.toLowerCase();
  if (often.has(small)) return word;
  const perhaps = [...often].filter(([whole]) => whole.startsWith(small));
  perhaps.sort(([, one], [, other]) => other - one);
  const count = (/** @type {[string, number][]} */ all) =>
    all.reduce((total, [, times]) => total + times, 0);
  const alike = perhaps.filter(([whole]) => stem(whole) === stem(perhaps[0][0]));
  return perhaps.length && count(alike) >= NEARLY * count(perhaps) ? perhaps[0][0] : word;
}

/**
 * @param {string} text
 * @returns {Asked}
 */
function understood(text) {
  const ours = message(text).replace(/\w+/g, (word) => ALSO.get(word.toLowerCase()) ?? word);
  const right = ours.replace(/\p{L}+/gu, spelt).replace(/\b[a-z]\w*$/i, finished);
  const all = words(right);
  const loud = all.filter((word) => !SILENT.has(word));
  const said = loud.length ? loud : all;
  const terms = [...said.map(stem), ...names(right).filter((one) => postings.has(one))];
  const last = /\w$/.test(right) ? said.at(-1) : undefined;
  const distinct = [...new Set(terms)];
  return {
    terms: distinct,
    meanings: distinct.map((term) => meaning(term, last && stem(last) === term ? last : undefined)),
    phrases: new Set(sideBySide(all.map(stem))),
    error: ERROR.test(right),
    short: right.trim().split(/\s+/).length < SUBJECT || said.length < SUBJECT,
    words: [...new Set(said)],
  };
}

/**
 * @param {string} term
 * @param {string | undefined} begun the word, if it may not be typed to its end
 * @returns {Map<string, number>} the stems that will do for it, and what each counts
 */
function meaning(term, begun) {
  const found = new Map();
  for (const line of ALIKE) {
    if (line.includes(term)) for (const other of line) found.set(other, ALIKE_COUNTS);
  }
  if (begun && !often.has(begun)) {
    for (const word of often.keys())
      if (word.startsWith(begun)) found.set(stem(word), BEGUN_COUNTS);
  }
  return found.set(term, 1);
}

// Answers -------------------------------------------------------------------------------------

/**
 * @param {number} count
 * @returns {number} the same, where more of it adds less and less
 */
function less(count) {
  return ((1 + OFTEN) * count) / (OFTEN + count);
}

/**
 * @param {Asked} asked
 * @returns {Map<number, { score: number, share: number }>} what the words of each section count, and
 *   the share of what was asked that it has
 */
function matches({ meanings }) {
  const found = new Map();
  const weights = meanings.map((one) =>
    Math.max(
      ...[...one].map(([term, counts]) => counts * rarity(term) * Number(postings.has(term))),
    ),
  );
  const total = weights.reduce((sofar, weight) => sofar + weight, 0) || 1;
  meanings.forEach((one, number) => {
    const best = new Map();
    for (const [term, counts] of one) {
      for (const [place, count] of postings.get(term) ?? []) {
        best.set(place, Math.max(best.get(place) ?? 0, counts * rarity(term) * less(count)));
      }
    }
    for (const [place, score] of best) {
      const sofar = found.get(place) ?? { score: 0, share: 0 };
      found.set(place, {
        score: sofar.score + score,
        share: sofar.share + weights[number] / total,
      });
    }
  });
  return found;
}

/**
 * @param {Section} section
 * @param {Asked} asked
 * @param {{ score: number, share: number }} match
 * @returns {number} how well it fits
 */
function fit(section, { terms, phrases, error, short }, { score, share }) {
  section.close ??= closely(section);
  const { pairs, title, asked, paragraphs, phrases: said } = section.close;
  const wanted = new Set(terms);
  const whole = sum(wanted);
  const alike = (/** @type {Set<string>} */ one) =>
    common(one, wanted) / (whole + sum(one) - common(one, wanted));
  const most = (/** @type {number[]} */ all) => Math.max(0, ...all);
  const together = [...phrases].filter((pair) => said.has(pair)).length / Math.max(1, phrases.size);
  const [opening, card] = [section.location === section.page, section.location.startsWith(CARDS)];
  const long = terms.length >= QUESTION;
  const quoted = error || (!short && together > MOSTLY && phrases.size >= PHRASE);
  const shares = {
    covered: share,
    title: alike(title),
    exact: Number(alike(title) > 0.99),
    asked: most(asked.map(alike)),
    named: common(title, wanted) / (sum(title) + COMMON),
    paragraph: most(paragraphs.map((one) => common(one, wanted))) / whole,
    together: together ** 2 * Math.min(1, phrases.size / PHRASE),
    page: common(wanted, titles.get(section.page) ?? new Set()) / whole,
    opening: Number(opening && !long),
    openingAsked: Number(opening && long),
    openingNamed: Number(opening && short),
    card: Number(card),
    cardOfError: Number(card && quoted),
    cardNamed: Number(card && short && !quoted),
    reference: Number(section.page.startsWith("reference/") && !short),
    sources: Number(section.page === "sources/"),
  };
  const bonus = Object.entries(shares).reduce(
    (total, [name, part]) => total + BONUS[name] * part,
    0,
  );
  for (const pair of sideBySide(terms)) {
    const rare = Math.min(...pair.split(" ").map(rarity));
    score += PAIR * rare * less(pairs.get(pair) ?? 0);
  }
  return score * Math.exp(bonus) * section.boost;
}

/**
 * @param {string} text what is typed
 * @returns {Array<Array<Record<string, any>>>} sections by page, the best first
 */
function search(text) {
  const asked = understood(text);
  const found = [...matches(asked)].sort(([, one], [, other]) => other.score - one.score);
  const fitting = found.slice(0, CANDIDATES).map(([place, match]) => {
    const section = sections[place];
    return { section, score: fit(section, asked, match) };
  });
  fitting.sort((one, other) => other.score - one.score);
  /** @type {Map<string, Array<{ section: Section, score: number }>>} */
  const groups = new Map();
  for (const one of fitting.slice(0, ANSWERS)) {
    const { page } = one.section;
    groups.set(page, [...(groups.get(page) ?? []), one]);
  }
  const best = [...groups.values()].map(([{ score }]) => score);
  [...groups].forEach(([page, group], number) => {
    const opening = openings.get(page); // the theme shows it above the others
    const [first, second] = group.filter(({ section }) => section !== opening);
    // and folds away what scores less than the best, also where it fits better than the next page
    if (first === group[0] && second?.score > best[number + 1]) second.score = best[number];
    if (opening && !group.some(({ section }) => section === opening))
      group.push({ section: opening, score: 0 });
  });
  return [...groups.values()].map((group) => group.map((one) => shown(one, asked)));
}

/**
 * @param {{ section: Section, score: number }} one
 * @param {Asked} asked
 * @returns {Record<string, any>} what the theme shows of it
 */
function shown({ section, score }, { terms, meanings, words: said }) {
  const close = (section.close ??= closely(section));
  const stemsOf = (/** @type {number} */ least) =>
    new Set(
      meanings.flatMap((one) =>
        [...one].filter(([, counts]) => counts >= least).map(([term]) => term),
      ),
    );
  const [will, wanted] = [stemsOf(0), stemsOf(BEGUN_COUNTS)];
  const has = (/** @type {string} */ word) => wanted.has(stem(word));
  const there = (/** @type {string} */ word) =>
    [...meanings[terms.indexOf(stem(word))].keys()].some((term) =>
      postings.get(term)?.has(section.place),
    );
  return {
    location: section.location,
    title: marked(section.title, has),
    text: marked(
      section === openings.get(section.page) ? (close.blocks[0] ?? "") : extract(close, will),
      has,
    ),
    score,
    terms: Object.fromEntries(
      said.map((word) => [
        there(word) && word.startsWith(stem(word)) ? stem(word) : word,
        there(word),
      ]),
    ),
  };
}

/**
 * @param {Close} section
 * @param {Set<string>} wanted
 * @returns {string} the paragraph that says most of what was asked for, and the one behind
 */
function extract({ blocks, paragraphs }, wanted) {
  const says = paragraphs.map((one) => common(one, wanted));
  const first = says.indexOf(Math.max(...says));
  let letters = 0;
  const taken = blocks.slice(first, first + 2).map((block) => {
    const short = cut(block, LETTERS - letters, (word) => wanted.has(stem(word)));
    letters += plain(short).length;
    return short;
  });
  return taken.join(" ");
}

/**
 * @param {string} block
 * @param {number} most letters
 * @param {(word: string) => boolean} has
 * @returns {string} it, or as many whole lines or sentences, from the first that has a word on
 */
function cut(block, most, has) {
  if (most <= 0) return "";
  if (plain(block).length <= most) return block;
  const [, tag, inner] = block.match(/^<(\w+)>(.*)<\/\w+>$/s) ?? [];
  const code = tag === "pre";
  const bare = code ? inner.replace(/<\/?code>/g, "") : inner;
  const pieces = bare.split(code ? /(?<=\n)/ : /(?<=[.:?!])\s+(?=[A-Z<])/);
  const from = Math.max(
    0,
    pieces.findIndex((piece) => words(plain(piece)).some(has)),
  );
  let [taken, letters] = ["", 0];
  for (const piece of pieces.slice(from)) {
    if (taken && letters + plain(piece).length > most) break;
    taken += code ? piece : `${piece} `;
    letters += plain(piece).length;
  }
  const whole = ["code", "ul", "ol", "li"].every(
    (name) => taken.split(`<${name}>`).length === taken.split(`</${name}>`).length,
  );
  const safe = whole ? taken : plain(taken).replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const [open, close] = bare === inner ? ["", ""] : ["<code>", "</code>"];
  return `<${tag}>${open}${from ? "… " : ""}${safe.trimEnd()} …${close}</${tag}>`;
}

/**
 * @param {string} html
 * @param {(word: string) => boolean} has
 * @returns {string} the same, with the words that were asked for marked
 */
function marked(html, has) {
  const between = new RegExp(`(${separator.source})`);
  return html
    .split(/(<[^>]*>|&\w+;)/)
    .map((part, number) =>
      number % 2
        ? part
        : part
            .split(between)
            .map((word) => (word && has(word.toLowerCase()) ? `<mark>${word}</mark>` : word))
            .join(""),
    )
    .join("");
}

self.addEventListener("message", ({ data: sent }) => {
  if (sent.type === SETUP) {
    prepare(sent.data);
    self.postMessage({ type: READY });
  }
  if (sent.type === QUERY) self.postMessage({ type: RESULT, data: { items: search(sent.data) } });
});
