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
 * weights are fetched when someone wants them. Without scripts, figures beside it show prepared
 * texts. What is true of a text is in TRUTHS, for the experiments that have a truth.
 */

import { LiveForm, choice, slider } from "./live-form.mjs";
import { number } from "./numbers.mjs";
import { fetched, reading } from "./trained.mjs";

/** Answers that have a bar: the likeliest ones. */
const BARS = 6;

/** Up to so many units are told one by one; of more, the one that is chosen. */
const TOLD = 4;

/** Sizes in the drawing of strips: a symbol's width, a strip's height, the distance to the next. */
const [WIDE, HIGH, GAP, LEFT] = [14, 30, 10, 22];

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

/** @param {string} text @returns {string} as HTML */
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** @param {string} letter @returns {string} the colour of a quantity; a GRU's are an LSTM's */
const colour = (letter) => `var(--rnn-${{ r: "i", z: "f", n: "g" }[letter] ?? letter})`;

/** @param {string} symbol @returns {string} the same, or a sign for what nobody sees */
const seen = (symbol) => ({ "\n": "⏎", " ": "␣" })[symbol] ?? symbol;

/**
 * @param {import("./trained.mjs").Reading} found
 * @param {number} unit
 * @returns {number[]} what colours the symbols: its c, or where there is none its h
 */
const coloured = ({ quantities }, unit) => (quantities.c ?? quantities.h).map((units) => units[unit]);

class RnnTyped extends LiveForm {
  /** @type {import("./trained.mjs").Experiment | null} */
  #experiment = null;

  #wanted = false;

  /** @type {{ key: string, found: import("./trained.mjs").Reading } | undefined} */
  #last;

  connectedCallback() {
    super.connectedCallback();
    this.listen("focusin", () => this.#want());
    this.listen("pointerdown", (event) => {
      this.#want();
      const at = /** @type {HTMLElement} */ (event.target).dataset.at;
      if (at !== undefined) this.#go(Number(at));
    });
  }

  /** @param {Event} event */
  take({ target }) {
    this.#want(); // dictation and scripts write without a focus
    // who types sees the end; who chooses a network stays where they are
    if (/** @type {HTMLElement} */ (target).id === "rnn-typed-text") this.#go(Infinity);
    else this.show();
  }

  markup() {
    const { text = "", rows } = this.dataset;
    const plain = 'name="text" spellcheck="false" autocomplete="off" autocapitalize="off"';
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
      this.#experiment = await fetched(this.dataset.name ?? "");
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
    this.show();
  }

  /** @param {string} name of a list @returns {string} */
  #chosen(name) {
    return /** @type {HTMLSelectElement} */ (this.querySelector(`#rnn-typed-${name}`)).value;
  }

  #text() {
    // asked for with the rest of a form, a field of several lines is laid out first
    const field = /** @type {HTMLInputElement} */ (this.querySelector("#rnn-typed-text"));
    return `${this.dataset.start ?? ""}${field.value}`;
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
    const experiment = this.#experiment;
    if (!experiment) {
      this.say("Type, or press in the field: then the trained networks are fetched.");
      return;
    }
    const text = this.#text();
    const unknown = [...text].find((symbol) => !experiment.symbols.includes(symbol));
    if (unknown !== undefined || !text) {
      const known = [...experiment.symbols].slice(0, 12).join(" ");
      this.refuse(unknown ? `It knows only ${known}, not ${unknown}.` : "Type something.");
      return;
    }
    const [kind, seed] = ["kind", "seed"].map((name) => this.#chosen(name));
    const found = this.#read(experiment, kind, Number(seed), text);
    const range = /** @type {HTMLInputElement} */ (this.querySelector("#rnn-typed-at"));
    range.max = `${text.length - 1}`;
    const at = Number(range.value);
    const unit = this.#unit(found.quantities.h[0].length);
    const truths = TRUTHS[/** @type {keyof TRUTHS} */ (this.dataset.name)]?.(text) ?? [];
    const said = found.chances.map((of) => experiment.answers[of.indexOf(Math.max(...of))]);
    const wrong = truths.map(({ answers }, t) => answers.length > 0 && !answers.includes(said[t]));
    const beyond = this.#trainedTo(text);
    this.fill(
      ".rnn-typed__found",
      this.#symbolsHtml(text, found, unit, { at, truths, wrong, beyond }) +
        this.#stripsHtml(found, unit, at, beyond) +
        this.#barsHtml(experiment.answers, found.chances[at], truths[at]?.answers ?? []),
    );
    this.#colour(found, unit);
    const words = this.#words(text, found, { at, unit, said: said[at], due: truths[at], beyond });
    this.tellValue("at", `${at}`, words);
    this.say(words);
    this.#follow(at);
  }

  /**
   * Have a network read a text, where it is another one or another text than before.
   * @param {import("./trained.mjs").Experiment} experiment
   * @param {string} kind
   * @param {number} seed
   * @param {string} text
   */
  #read(experiment, kind, seed, text) {
    const key = JSON.stringify([kind, seed, text]);
    if (this.#last?.key !== key) this.#last = { key, found: reading(experiment, kind, seed, text) };
    return this.#last.found;
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
    return `step ${at}, ${read}: then ${next} (${chance}${right}); ${letter} ${units}${where}${more}`;
  }

  /** @returns {string | undefined} of what a symbol is inside or outside */
  #of() {
    return INSIDE[/** @type {keyof INSIDE} */ (this.dataset.name)];
  }

  /**
   * @param {string} text
   * @param {import("./trained.mjs").Reading} found
   * @param {number} unit
   * @param {{ at: number, truths: Due[], wrong: boolean[], beyond: number }} marks
   */
  #symbolsHtml(text, found, unit, { at, truths, wrong, beyond }) {
    const values = coloured(found, unit);
    const symbols = [...text].map((symbol, t) => {
      const marks = [
        t === at && "data-here",
        t >= beyond && "data-beyond",
        t === beyond && "data-end",
        wrong[t] && "data-wrong",
        truths[t]?.inside && "data-inside",
      ];
      const truth = truths.length && !this.#of() ? `<small>${wrong[t] ? "×" : truths[t].truth}</small>` : "";
      return `<span data-at="${t}" ${marks.filter(Boolean).join(" ")}><b
        data-at="${t}"${values[t] < 0 ? " data-negative" : ""}>${symbol === "\n" ? "⏎" : escaped(symbol)}</b>${truth}</span>${
          symbol === "\n" ? '<span class="rnn-typed__break"></span>' : ""
        }`;
    });
    const count = wrong.filter(Boolean).length;
    const told = [
      `Coloured by ${found.quantities.c ? "c" : "h"} of unit ${unit}, hatched where it is negative.`,
      this.#of() && `The thick line is the truth: inside ${this.#of()}.`,
      truths.length && !this.#of() && `Below each symbol the truth; × where the likeliest answer is wrong: ${count}.`,
      beyond < text.length && `Shaded: longer than in training.`,
    ];
    return `<p class="rnn-typed__symbols" aria-hidden="true">${symbols.join("")}</p>
      <p class="rnn-typed__told">${told.filter(Boolean).join(" ")}</p>`;
  }

  /**
   * Colour the symbols by a unit: how large its c, or where there is none its h, is for this text.
   * @param {import("./trained.mjs").Reading} found
   * @param {number} unit
   */
  #colour(found, unit) {
    const values = coloured(found, unit);
    const largest = Math.max(1e-9, ...values.map(Math.abs));
    this.querySelectorAll(".rnn-typed__symbols > [data-at]").forEach((span, t) => {
      const symbol = /** @type {HTMLElement} */ (span.firstElementChild);
      const size = `${Math.round((70 * Math.abs(values[t])) / largest)}%`;
      if (symbol.style.getPropertyValue("--size") !== size) symbol.style.setProperty("--size", size);
    });
  }

  /**
   * Scroll the strips to a symbol: a long text has more of them than the page is wide.
   * @param {number} at
   */
  #follow(at) {
    // when the page is laid out anyway: a width that is asked for now has that done at once
    requestAnimationFrame(() => {
      const strips = this.querySelector(".rnn-typed__strips");
      if (strips) strips.scrollLeft = LEFT + WIDE * (at + 0.5) - strips.clientWidth / 2;
    });
  }

  /**
   * Draw every quantity of a unit over the text, a bar for each symbol.
   * @param {import("./trained.mjs").Reading} found
   * @param {number} unit
   * @param {number} at
   * @param {number} beyond
   */
  #stripsHtml({ quantities }, unit, at, beyond) {
    const letters = Object.keys(quantities);
    const steps = quantities.h.length;
    const [width, height] = [WIDE * steps, (HIGH + GAP) * letters.length];
    const strips = letters.map((letter, row) => {
      const values = quantities[letter].map((units) => units[unit]);
      const isGate = "iforz".includes(letter);
      const top = isGate ? 1 : Math.max(1, ...values.map(Math.abs));
      const zero = row * (HIGH + GAP) + (isGate ? HIGH : HIGH / 2);
      const scale = (isGate ? HIGH : HIGH / 2) / top;
      const bars = values.map((value, t) => {
        const size = Math.abs(value) * scale;
        const y = value < 0 ? zero : zero - size;
        return `M${WIDE * t + 2} ${y.toFixed(2)}h${WIDE - 4}v${size.toFixed(2)}h${4 - WIDE}z`;
      });
      return `<g fill="${colour(letter)}"><line x2="${width}" y1="${zero}"
        y2="${zero}"/><path d="${bars.join("")}"/></g>`;
    });
    const names = letters.map(
      (letter, row) => `<text x="2" y="${row * (HIGH + GAP) + HIGH / 2 + 5}"
        fill="${colour(letter)}">${letter}</text>`,
    );
    const shade = `<rect class="rnn-typed__shade" x="${WIDE * Math.min(beyond, steps)}" y="0"
      width="${WIDE * Math.max(0, steps - beyond)}" height="${height}"/>`;
    const here = `<rect class="rnn-typed__cursor" x="${WIDE * at}" y="0" width="${WIDE}"
      height="${height - GAP}"/>`;
    const numbers = letters
      .map((letter) => `<code class="q-${letter}">${letter} ${number(quantities[letter][at][unit])}</code>`)
      .join(" ");
    return `<div class="rnn-typed__strips" tabindex="0" role="group"
      aria-label="${letters.join(", ")} of unit ${unit} over the text"><svg
      class="rnn-typed__letters" width="${LEFT}" height="${height}"
      aria-hidden="true">${names.join("")}</svg><svg width="${width}" height="${height}"
      viewBox="0 0 ${width} ${height}" aria-hidden="true">${shade}${here}
      ${strips.join("")}</svg></div><p class="rnn-typed__numbers">${numbers}</p>`;
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
      return `<tr><th scope="row"><code>${escaped(seen(answer))}</code>${mark}</th><td><meter min="0" max="1"
        value="${chance}" aria-label="chance of ${escaped(seen(answer))}"></meter></td><td>${number(chance)}</td></tr>`;
    });
    return `<table class="rnn-typed__bars"><caption>What it holds likely next${right.length ? "; ✓ is right" : ""}</caption>
      <tbody>${rows.join("")}</tbody></table>`;
  }
}

if (!customElements.get("rnn-typed")) customElements.define("rnn-typed", RnnTyped);
