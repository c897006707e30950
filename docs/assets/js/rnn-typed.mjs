// @ts-check
/**
 * <rnn-typed> has a trained network read what the reader types, symbol by symbol.
 *
 *     <rnn-typed data-name="counting" data-text="aaabbb" data-start="$" data-trained="12"
 *       data-counted="a"></rnn-typed>
 *
 * data-name is the experiment; data-text what stands there at first; data-start what comes before
 * it; data-trained how many symbols training had at most, or so many of data-counted; data-kind,
 * data-seed and data-unit what is chosen at first; data-rows makes a field of several lines. The
 * weights are fetched when someone wants them, and the drawing of the strips, which is Python's: this
 * writes into it. Without scripts, figures beside it show prepared texts. What is true of a text is
 * in TRUTHS, for the experiments that have a truth.
 */

import { Frames } from "./frames.mjs";
import { LiveForm, choice, slider } from "./live-form.mjs";
import { number } from "./numbers.mjs";
import { beginning, fetched, reading, stripsOf } from "./trained.mjs";
import { mark, put, write } from "./writing.mjs";

/** Answers that have a bar: the likeliest ones. */
const BARS = 6;

/** Up to so many units are told one by one; of more, the one that is chosen. */
const TOLD = 4;

/** Symbols that are read for a frame, and frames for the longest text: rnn_figures/site/typed.py has it. */
const [CHUNK, MOST] = [24, 400];

/** Up to so many symbols that are known are named where another one is typed. */
const NAMED = 12;

/**
 * @typedef {object} Due what is true after a symbol
 * @property {string[]} answers the right ones; none where nothing is asked
 * @property {string} truth what a perfect reader would know, in a few letters
 * @property {boolean} [inside] whether it is inside of what INSIDE names
 */

/** Strings and comments of Python, closed or not: a bracket in them is none. */
const ASIDE = /#.*|("""|''')(?:\\[^]|(?!\1)[^])*(?:\1|$)|(["'])(?:\\[^]|(?!\2)[^\\\n])*\2?/g;

/** Of what a symbol is inside or outside, by experiment. */
const INSIDE = { "source-text": "brackets", prose: "double quotes" };

/** What is true after each symbol of a text, by experiment. */
export const TRUTHS = {
  /** @param {string} text @returns {Due[]} */
  counting: (text) =>
    [...text].map((symbol, at) => {
      const before = text.slice(0, at + 1);
      const [, as, bs] = /^\$(a*)(b*)$/.exec(before) ?? [];
      if (as === undefined || bs.length > as.length) return { answers: [], truth: "–" };
      const due = as.length - bs.length;
      if (symbol !== "b") return { answers: as ? ["a", "b"] : ["a"], truth: `${due}` };
      return { answers: [due ? "b" : "$"], truth: `${due}` };
    }),
  /** @param {string} text @returns {Due[]} */
  brackets: (text) => {
    let depth = 0;
    return [...text].map((bracket) => {
      depth += Number.isNaN(depth) ? 0 : bracket === "(" ? 1 : -1;
      if (depth < 0) depth = NaN; // more is closed than was open: nothing is true from here on
      if (Number.isNaN(depth)) return { answers: [], truth: "–" };
      return { answers: [depth ? "open" : "closed"], truth: `${depth}` };
    });
  },
  /** @param {string} text @returns {Due[]} */
  "source-text": (text) => {
    let depth = 0;
    const code = text.replace(ASIDE, (aside) => " ".repeat(aside.length));
    return [...code].map((letter) => {
      if ("([{".includes(letter)) depth += 1;
      if (")]}".includes(letter)) depth = Math.max(0, depth - 1);
      return { answers: [], truth: "", inside: depth > 0 };
    });
  },
  /** @param {string} text @returns {Due[]} */
  prose: (text) => {
    let inside = false;
    return [...text].map((letter, at) => {
      if (letter === '"') inside = !inside;
      if (text.slice(at, at + 2) === "\n\n") inside = false; // quotes end with their paragraph
      return { answers: [], truth: "", inside };
    });
  },
};

/** What ends a line of symbols. */
const BREAK = '<span class="rnn-typed__break"></span>';

/** @param {string} text @returns {string} as HTML */
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** @param {string} symbol @returns {string} the same, or a sign for what nobody sees */
const seen = (symbol) => ({ "\n": "⏎", " ": "␣" })[symbol] ?? symbol;

/**
 * @param {import("./trained.mjs").Reading} found
 * @param {number} unit
 * @returns {number[]} what colours the symbols: its c, or where there is none its h
 */
const coloured = ({ quantities }, unit) => (quantities.c ?? quantities.h).map((units) => units[unit]);

/**
 * @typedef {object} Shown all that is shown of a text
 * @property {string} text
 * @property {string} left what was typed and is no symbol of the network's
 * @property {import("./trained.mjs").Reading} found
 * @property {number} at the symbol pointed at
 * @property {number} unit
 * @property {Due[]} truths
 * @property {boolean[]} wrong
 * @property {number} beyond from which symbol on it is longer than in training
 */

class RnnTyped extends LiveForm {
  /** @type {import("./trained.mjs").Experiment | null} */
  #experiment = null;

  #wanted = false;

  /** @type {Map<string, string>} the drawing of each kind */
  #drawings = new Map();

  /** What has read how much of which text. */
  #read = { key: "", text: "", found: /** @type {import("./trained.mjs").Reading} */ ({ quantities: {}, chances: [] }) };

  /** @type {Shown | undefined} */
  #shown;

  #frames = new Frames([
    ...Array.from({ length: Math.ceil(MOST / CHUNK) }, () => () => this.#readOn()),
    () => this.#showSymbols(this.#state()),
    () => this.#showRoom(this.#state()),
    () => this.#showStrips(this.#state()),
    () => this.#showLikely(this.#state()),
    () => this.#showWords(this.#state()),
  ]);

  connectedCallback() {
    super.connectedCallback();
    this.listen("focusin", () => this.#want());
    this.listen("pointerdown", (event) => {
      this.#want();
      const at = /** @type {HTMLElement} */ (event.target).dataset.at;
      if (at !== undefined) this.#go(Number(at));
    });
  }

  /** @returns {Promise<void>} kept when all of the newest text is shown */
  get settled() {
    return this.#frames.settled;
  }

  /** @param {Event} event */
  take({ target }) {
    this.#want(); // dictation and scripts write without a focus
    // who types sees the end; who chooses a network stays where they are
    if (/** @type {HTMLElement} */ (target).id === "rnn-typed-text") this.#go(Infinity);
    else this.#showSoon();
  }

  markup() {
    const { text = "", rows } = this.dataset;
    const plain = `name="text" maxlength="${MOST - 1}" ` + 'spellcheck="false" autocomplete="off" autocapitalize="off"';
    const field = rows
      ? `<textarea id="rnn-typed-text" rows="${rows}" ${plain}>${escaped(text)}</textarea>`
      : `<input id="rnn-typed-text" value="${escaped(text)}" ${plain}>`;
    return `<form><div class="rnn-typed__typed"><label for="rnn-typed-text">A text of yours</label>
      ${field}</div><span class="rnn-typed__choices"></span></form><output
      aria-live="polite"></output><div class="rnn-typed__found rnn-form__found"></div>`;
  }

  /** Fetch the weights, once. */
  async #want() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.ariaBusy = "true";
    try {
      const experiment = await fetched(this.dataset.name ?? "");
      const kinds = [...new Set(experiment.runs.map(({ kind }) => kind))];
      const drawings = await Promise.all(kinds.map(async (kind) => [kind, await stripsOf(kind)]));
      this.#drawings = new Map(/** @type {[string, string][]} */ (drawings));
      this.#experiment = experiment;
    } catch (error) {
      this.#wanted = false;
      this.refuse(`${error instanceof Error ? error.message : error}`);
      return;
    } finally {
      this.ariaBusy = null;
    }
    const { runs } = this.#experiment;
    const kinds = [...new Set(runs.map(({ kind }) => kind))];
    const seeds = [...new Set(runs.map(({ seed }) => `${seed}`))];
    const kind = this.dataset.kind ?? (kinds.includes("LSTM") ? "LSTM" : kinds[0]);
    /** @param {string[]} values @returns {[string, string][]} */
    const same = (values) => values.map((value) => [value, value]);
    this.fill(
      ".rnn-typed__choices",
      choice("rnn-typed", "kind", "Network", same(kinds), kind) +
        choice("rnn-typed", "seed", "Trained from seed", same(seeds), this.dataset.seed) +
        choice("rnn-typed", "unit", "Unit", [[this.dataset.unit ?? "0", ""]]) +
        slider("rnn-typed", "at", "Symbol", 'min="0" max="0" value="0" step="1"'),
    );
    this.fill(
      ".rnn-typed__found",
      `<p class="rnn-typed__symbols" aria-hidden="true"></p><p class="rnn-typed__told"></p>
      <div class="rnn-typed__strips" tabindex="0" role="group"></div><p class="rnn-typed__numbers"></p>
      <div class="rnn-typed__likely"></div>`,
    );
    const likely = /** @type {HTMLElement} */ (this.querySelector(".rnn-typed__likely"));
    likely.style.setProperty("--rnn-rows", `${Math.min(BARS, this.#experiment.answers.length)}`);
    this.#go(Infinity);
  }

  /**
   * @param {number} count how many units the network has
   * @returns {number} the chosen one; the choice is made to have that many
   */
  #unit(count) {
    const select = /** @type {HTMLSelectElement} */ (this.querySelector("#rnn-typed-unit"));
    const unit = Math.min(Number(select.value), count - 1);
    if (select.options.length !== count || !select.options[0].text) {
      const options = Array.from({ length: count }, (_, index) => new Option(`${index}`));
      select.replaceChildren(...options);
    }
    select.value = `${unit}`;
    return unit;
  }

  /** @param {number} at the symbol to point at */
  #go(at) {
    const range = /** @type {HTMLInputElement | null} */ (this.querySelector("#rnn-typed-at"));
    if (range) {
      range.max = `${Math.max(0, this.#text().length - 1)}`;
      range.value = `${Math.min(at, Number(range.max))}`;
    }
    this.#showSoon();
  }

  /** @param {string} name of a list @returns {string} */
  #chosen(name) {
    return /** @type {HTMLSelectElement} */ (this.querySelector(`#rnn-typed-${name}`)).value;
  }

  /** @returns {string} what was typed, after what comes before it */
  #typed() {
    // asked for with the rest of a form, a field of several lines is laid out first
    const field = /** @type {HTMLInputElement} */ (this.querySelector("#rnn-typed-text"));
    return `${this.dataset.start ?? ""}${field.value}`;
  }

  /** @returns {string} what of it the network knows */
  #text() {
    const symbols = this.#experiment?.symbols ?? "";
    return [...this.#typed()].filter((symbol) => symbols.includes(symbol)).join("");
  }

  /** @param {string} text @returns {number} how many of its symbols training may have had */
  #trainedTo(text) {
    const most = Number(this.dataset.trained ?? Infinity);
    const counted = this.dataset.counted;
    if (!counted) return most;
    let left = most;
    const at = [...text].findIndex((symbol) => symbol === counted && --left < 0);
    return at < 0 ? Infinity : at;
  }

  show() {
    if (this.#isReady()) this.#frames.all();
  }

  /** Show what a gesture has made of it, in several frames. */
  #showSoon() {
    if (this.#isReady()) this.#frames.begin(0, 1);
  }

  /** @returns {boolean} whether there is something to show; else it says what is missing */
  #isReady() {
    const experiment = this.#experiment;
    this.#shown = undefined;
    if (!experiment) this.say("Type, or press in the field: then the trained networks are fetched.");
    else if (!this.#text()) {
      this.#frames.stop();
      this.#unit(this.#size());
      const left = this.#left();
      this.refuse(left ? `${left} Type something that it knows.` : "Type something.");
    } else return true;
    return false;
  }

  /** @returns {string} what of the text is left out, and why; "" for nothing */
  #left() {
    const { symbols } = /** @type {import("./trained.mjs").Experiment} */ (this.#experiment);
    const unknown = [...new Set([...this.#typed()].filter((symbol) => !symbols.includes(symbol)))];
    if (!unknown.length) return "";
    const known = [...symbols];
    const all = known.length > NAMED ? `the ${known.length} that training had` : known.join(" ");
    return `Left out: ${unknown.join(" ")}. It knows only ${all}.`;
  }

  /** @returns {[string, number]} the chosen network: its kind and its seed */
  #network() {
    return [this.#chosen("kind"), Number(this.#chosen("seed"))];
  }

  /** @returns {number} how many units it has */
  #size() {
    const { tensors } = /** @type {import("./trained.mjs").Experiment} */ (this.#experiment);
    return tensors[`${this.#network().join("/")}/layer.weight_hh_l0`][0].length;
  }

  /**
   * Have the chosen network read on, as far as a frame has the time for: what it has read of another
   * text that begins alike is kept.
   * @returns {boolean | void} false if it has read all of the text
   */
  #readOn() {
    const text = this.#text();
    const [kind, seed] = this.#network();
    const key = `${kind}/${seed}`;
    let { found } = this.#read;
    if (this.#read.key === key && this.#read.text === text) return false;
    let count = this.#read.key === key ? this.#read.text.length : 0;
    while (!text.startsWith(this.#read.text.slice(0, count))) count -= 1;
    if (count < found.chances.length) found = beginning(found, count);
    const end = Math.min(text.length, count + CHUNK);
    if (count < end) found = reading(/** @type {any} */ (this.#experiment), kind, seed, text.slice(0, end), found);
    this.#read = { key, text: text.slice(0, end), found };
  }

  /** @returns {Shown} the state: who types on while it is shown has the rest read at once */
  #state() {
    if (this.#shown) return this.#shown;
    while (this.#readOn() !== false);
    const { answers } = /** @type {import("./trained.mjs").Experiment} */ (this.#experiment);
    const { text, found } = this.#read;
    const range = /** @type {HTMLInputElement} */ (this.querySelector("#rnn-typed-at"));
    if (range.max !== `${text.length - 1}`) range.max = `${text.length - 1}`;
    const truths = TRUTHS[/** @type {keyof TRUTHS} */ (this.dataset.name)]?.(text) ?? [];
    const said = found.chances.map((of) => answers[of.indexOf(Math.max(...of))]);
    const wrong = truths.map(({ answers: right }, t) => right.length > 0 && !right.includes(said[t]));
    const unit = this.#unit(this.#size());
    this.#shown = { text, left: this.#left(), found, at: Number(range.value), unit, truths, wrong, beyond: this.#trainedTo(text) };
    return this.#shown;
  }

  /** @param {Shown} shown the likeliest answers */
  #showLikely({ found, at, truths }) {
    const { answers } = /** @type {import("./trained.mjs").Experiment} */ (this.#experiment);
    this.fill(".rnn-typed__likely", this.#barsHtml(answers, found.chances[at], truths[at]?.answers ?? []));
  }

  /** @param {Shown} shown what is said, and the sentence with it */
  #showWords(shown) {
    const { answers } = /** @type {import("./trained.mjs").Experiment} */ (this.#experiment);
    const { text, found, at, unit, truths, beyond, left } = shown;
    const of = found.chances[at];
    const said = answers[of.indexOf(Math.max(...of))];
    const words = this.#words(text, found, { at, unit, said, due: truths[at], beyond });
    this.tellValue("at", `${at}`, words);
    mark(this.querySelector("output") ?? undefined, "long", left !== "");
    this.say(left ? `${left} ${words}` : words);
  }

  /**
   * @param {string} text
   * @param {import("./trained.mjs").Reading} found
   * @param {{ at: number, unit: number, said: string, due: Due | undefined, beyond: number }} here
   */
  #words(text, { quantities, chances }, { at, unit, said, due, beyond }) {
    const letter = quantities.c ? "c" : "h";
    const all = quantities[letter][at];
    const units = (all.length > TOLD ? [all[unit]] : all).map(number).join(", ");
    const chance = number(Math.max(...chances[at]));
    const right = !due?.answers.length ? "" : due.answers.includes(said) ? ", right" : ", wrong";
    const more = at >= beyond ? "; longer than in training" : "";
    const where = due?.inside === undefined ? "" : `; ${due.inside ? "in" : "out"}side ${this.#of()}`;
    const [read, next] = [text[at], said].map(seen);
    return `step ${at}, “${read}”: it expects “${next}” (${chance}${right}); ${letter} = ${units}${where}${more}`;
  }

  /** @returns {string | undefined} of what a symbol is inside or outside */
  #of() {
    return INSIDE[/** @type {keyof INSIDE} */ (this.dataset.name)];
  }

  /** @param {Shown} shown the text, symbol by symbol, and what its colours and marks mean */
  #showSymbols({ text, found, unit, at, truths, wrong, beyond }) {
    const values = coloured(found, unit);
    const largest = Math.max(1e-9, ...values.map(Math.abs));
    const isTold = truths.length > 0 && !this.#of();
    this.#makeSymbols(text, isTold).forEach((span, t) => {
      const [symbol, truth] = /** @type {HTMLCollectionOf<HTMLElement>} */ (span.children);
      const size = `${Math.round((70 * Math.abs(values[t])) / largest)}%`;
      if (symbol.style.getPropertyValue("--size") !== size) symbol.style.setProperty("--size", size);
      mark(symbol, "negative", values[t] < 0);
      mark(span, "here", t === at);
      mark(span, "beyond", t >= beyond);
      mark(span, "end", t === beyond);
      mark(span, "wrong", Boolean(wrong[t]));
      mark(span, "inside", Boolean(truths[t]?.inside));
      if (truth) write(truth, wrong[t] ? "×" : truths[t].truth);
    });
    const count = wrong.filter(Boolean).length;
    const told = [
      `Coloured by ${found.quantities.c ? "c" : "h"} of unit ${unit}, hatched where it is negative.`,
      this.#of() && `The thick line is the truth: inside ${this.#of()}.`,
      isTold && `Below each symbol the truth; × where the likeliest answer is wrong: ${count}.`,
      beyond < text.length && `Shaded: longer than in training.`,
    ];
    write(this.querySelector(".rnn-typed__told"), told.filter(Boolean).join(" "));
  }

  /**
   * Make an element for each symbol; those that are there already are kept.
   * @param {string} text
   * @param {boolean} isTold whether the truth stands below each
   * @returns {HTMLElement[]}
   */
  #makeSymbols(text, isTold) {
    const line = /** @type {HTMLElement} */ (this.querySelector(".rnn-typed__symbols"));
    const before = line.dataset.text ?? "";
    if (before !== text) {
      let kept = 0;
      while (kept < text.length && text[kept] === before[kept]) kept += 1;
      const spans = [...line.querySelectorAll(":scope > [data-at]")];
      const last = spans[kept - 1];
      for (let next = last ? last.nextSibling : line.firstChild; next; next = last ? last.nextSibling : line.firstChild) next.remove();
      if (last && text[kept - 1] === "\n") line.insertAdjacentHTML("beforeend", BREAK);
      const more = [...text].slice(kept).map((symbol, index) => {
        const at = kept + index;
        const truth = isTold ? "<small></small>" : "";
        const seen = symbol === "\n" ? "⏎" : escaped(symbol);
        return `<span data-at="${at}"><b data-at="${at}">${seen}</b>${truth}</span>${symbol === "\n" ? BREAK : ""}`;
      });
      line.insertAdjacentHTML("beforeend", more.join(""));
      line.dataset.text = text;
    }
    return /** @type {HTMLElement[]} */ ([...line.querySelectorAll(":scope > [data-at]")]);
  }

  /** @param {Shown} shown the strips' drawing, as wide as the text is long @returns {boolean} false if it is that already */
  #showRoom({ text }) {
    const box = /** @type {HTMLElement} */ (this.querySelector(".rnn-typed__strips"));
    const [kind] = this.#network();
    const isNew = box.dataset.kind !== kind;
    if (isNew) box.innerHTML = this.#drawings.get(kind) ?? "";
    box.dataset.kind = kind;
    const steps = /** @type {HTMLElement} */ (box.querySelector(".rnn-typed__steps"));
    const width = `${Number(steps.querySelector("svg")?.dataset.pitch) * text.length}px`;
    if (steps.style.width === width) return isNew;
    steps.style.width = width;
    return true;
  }

  /** @param {Shown} shown every quantity of a unit over the text, a bar for each symbol */
  #showStrips(shown) {
    this.#showRoom(shown); // it may be another network's: frames under way go on where they are
    const { text, found: { quantities }, unit, at, beyond } = shown;
    const box = /** @type {HTMLElement} */ (this.querySelector(".rnn-typed__strips"));
    const letters = Object.keys(quantities);
    put(box, "aria-label", `${letters.join(", ")} of unit ${unit} over the text`);
    const svg = /** @type {SVGElement} */ (box.querySelector(".rnn-typed__steps > svg"));
    const [pitch, height] = [svg.dataset.pitch, svg.dataset.height].map(Number);
    const from = Math.min(beyond, text.length);
    this.#draw("shade", "x", `${pitch * from}`);
    this.#draw("shade", "width", `${pitch * (text.length - from)}`);
    this.#draw("cursor", "x", `${pitch * at}`);
    this.#draw("symbols", "x", [...text].map((_, t) => pitch * (t + 0.5)).join(" "));
    write(svg.querySelector("#rnn-typed-symbols"), text.replaceAll("\n", "⏎"));
    for (const letter of letters) {
      const values = quantities[letter].map((units) => units[unit]);
      const top = "iforz".includes(letter) ? 1 : Math.max(1, ...values.map(Math.abs));
      const bars = /** @type {SVGElement} */ (svg.querySelector(`#rnn-typed-bars-${letter}`));
      const zero = Number(bars.dataset.zero);
      const scale = ("iforz".includes(letter) ? height : height / 2) / top;
      const path = values.map((value, t) => {
        const size = Math.abs(value) * scale;
        return `M${pitch * t + 2} ${(value < 0 ? zero : zero - size).toFixed(2)}h${pitch - 4}v${size.toFixed(2)}h${4 - pitch}z`;
      });
      this.#draw(`bars-${letter}`, "d", path.join(""));
      if (letter === "c") write(box.querySelector("#rnn-typed-end-c"), `±${number(top)}`);
    }
    const numbers = letters.map((letter) => `<code class="q-${letter}">${letter} ${number(quantities[letter][at][unit])}</code>`);
    this.fill(".rnn-typed__numbers", numbers.join(" "));
    // a long text has more strips than the page is wide; when it is laid out anyway: a width that is
    // asked for now has that done at once
    requestAnimationFrame(() => {
      const left = Number(box.firstElementChild?.getAttribute("width"));
      box.scrollLeft = left + pitch * (at + 0.5) - box.clientWidth / 2;
    });
  }

  /** @param {string} name of a part of the drawing @param {string} attribute @param {string} value */
  #draw(name, attribute, value) {
    const part = this.querySelector(`#rnn-typed-${name}`);
    if (part) put(part, attribute, value);
  }

  /**
   * @param {string[]} answers
   * @param {number[]} chances
   * @param {string[]} right
   */
  #barsHtml(answers, chances, right) {
    const likeliest = answers
      .map((answer, index) => ({ answer, chance: chances[index] }))
      .sort((one, other) => other.chance - one.chance)
      .slice(0, BARS);
    const rows = likeliest.map(({ answer, chance }) => {
      const mark = right.includes(answer) ? " ✓" : "";
      return `<tr><th scope="row"><span><code>${escaped(seen(answer))}</code>${mark}</span></th><td><meter min="0" max="1"
        value="${chance}" aria-label="chance of ${escaped(seen(answer))}"></meter></td><td><span>${number(chance)}</span></td></tr>`;
    });
    return `<table class="rnn-typed__bars"><caption>What it holds likely next${right.length ? "; ✓ is right" : ""}</caption>
      <tbody>${rows.join("")}</tbody></table>`;
  }
}

if (!customElements.get("rnn-typed")) customElements.define("rnn-typed", RnnTyped);
