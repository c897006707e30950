// @ts-check
/**
 * <rnn-picker> lights the rows of a term of the equations on the weight sheet, and shows their slice.
 *
 * Every term is a button; a press on the sheet picks the term whose rows they are.
 */

import { LiveDrawing } from "./live-drawing.mjs";
import { mark, put } from "./writing.mjs";

/**
 * @typedef {object} Term
 * @property {string} symbol W_if, b_hg, …
 * @property {string} part what the ids of its numbers have in them
 * @property {Record<string, string>} slices code by layout
 * @property {Record<string, string>} said what it is, by layout
 */

/**
 * @param {string} name
 * @param {string[]} choices
 * @param {number} start index of the first one shown
 * @returns {import("./live-drawing.mjs").Field}
 */
const choice = (name, choices, start) => ({
  name, type: "choice", choices, min: 0, max: choices.length - 1, step: 1, default: start,
});

class RnnPicker extends LiveDrawing {
  #symbols = this.settings.terms.map((/** @type {Term} */ { symbol }) => symbol);

  fields = [
    choice("term", this.#symbols, this.#symbols.indexOf(this.settings.start)),
    choice("layout", this.settings.layouts, 0),
  ];

  build() {
    const lines = /** @type {Element} */ (this.querySelector(".rnn-live__lines"));
    lines.classList.add("rnn-picker__terms");
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (lines.querySelectorAll("[data-number]"))) {
      const symbol = place.dataset.number ?? "";
      if (!this.#symbols.includes(symbol)) continue;
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: place.className, textContent: symbol });
      button.value = `${this.#symbols.indexOf(symbol)}`;
      button.dataset.field = "term";
      place.replaceWith(button);
      // where an equation takes two lines, the second begins with what reads h
      if (symbol.startsWith("W_h")) button.previousSibling?.before(document.createElement("wbr"));
    }
    const id = `${this.closest("figure")?.id}-layout`;
    const options = this.settings.layouts.map(
      (/** @type {string} */ name, /** @type {number} */ at) => `<option value="${at}">${name}</option>`,
    );
    lines.insertAdjacentHTML(
      "afterend",
      `<form class="rnn-live__controls"><div><label for="${id}">Slice in</label> <select id="${id}"
      data-field="layout">${options.join("")}</select></div><button type="button"
      data-action="copy">Copy the slice</button><button type="button" data-action="reset">Reset</button></form>`,
    );
    // the equations come first: one reads them, and picks
    this.querySelector(".rnn-figure__drawing")?.before(lines, /** @type {Element} */ (lines.nextElementSibling));
  }

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener("click", this.#pick);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.removeEventListener("click", this.#pick);
  }

  /** @returns {string} */
  get #layout() {
    return this.settings.layouts[this.values.layout];
  }

  /** @returns {Term} */
  get #term() {
    return this.settings.terms[this.values.term];
  }

  #pick = (/** @type {Event} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest('[data-action="copy"]'))
      navigator.clipboard?.writeText(this.#term.slices[this.#layout]).then(() => this.say("Copied"));
    const id = target.closest("svg [id]")?.id ?? "";
    const found = this.settings.terms.findIndex((/** @type {Term} */ { part }) => id.includes(`-${part}`));
    if (found < 0) return;
    this.set({ term: found }, "term");
    this.release();
  };

  showDrawing() {
    const term = this.#term;
    for (const number of this.querySelectorAll("svg g.node[class*='q-']:not([id*='-label-'])"))
      mark(number, "off", !number.id.includes(`-${term.part}`));
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
      this.querySelectorAll('button[data-field="term"]')
    ))
      put(button, "aria-pressed", `${Number(button.value) === this.values.term}`);
  }

  showWords() {
    const term = this.#term;
    const layout = this.#layout;
    /** @type {HTMLSelectElement} */ (this.querySelector("select")).value = `${this.values.layout}`;
    this.write({ slice: term.slices[layout], said: term.said[layout] });
  }

  told() {
    const layout = this.#layout;
    return `${this.#term.said[layout]}. ${this.#term.slices[layout]}`;
  }
}

if (!customElements.get("rnn-picker")) customElements.define("rnn-picker", RnnPicker);
