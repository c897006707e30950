// @ts-check

import { keepSliders } from "./scrolling.mjs";

/**
 * @param {string} tag the element's
 * @param {string} name the field's
 * @param {string} words its label
 * @param {[string, string][]} options value and text of each
 * @param {string} [start] the value that is chosen at first; else the first one
 * @returns {string} HTML of a list to choose from
 */
export function choice(tag, name, words, options, start) {
  const all = options.map(
    ([value, text]) =>
      `<option value="${value}"${value === start ? " selected" : ""}>${text}</option>`,
  );
  return `<div><label for="${tag}-${name}">${words}</label><select id="${tag}-${name}"
    name="${name}">${all.join("")}</select></div>`;
}

/**
 * @param {string} tag the element's
 * @param {string} name the field's
 * @param {string} words its label; the value comes after it, see `LiveForm.tellValue`
 * @param {string} range its attributes min, max, step and value
 * @returns {string} HTML of a slider
 */
export function slider(tag, name, words, range) {
  return `<div><label for="${tag}-${name}">${words} <span></span></label><input type="range"
    id="${tag}-${name}" name="${name}" ${range}></div>`;
}

/**
 * An element that is a form, and below it what comes of its fields, at every change of them.
 */
export class LiveForm extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  /** @returns {string} HTML: a form, and places for what it shows */
  markup() {
    return "";
  }

  /** Show what comes of the fields as they are. */
  show() {}

  connectedCallback() {
    this.innerHTML = this.markup();
    this.classList.add("rnn-form");
    this.#listening = new AbortController();
    this.listen("input", () => this.show());
    this.listen("submit", (event) => event.preventDefault());
    const { signal } = this.#listening;
    keepSliders(this, signal);
    // who comes back finds the fields as they were left, set after this element was made
    addEventListener("pageshow", () => this.show(), { signal });
    this.show();
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /**
   * Listen to this element as long as it is on the page.
   * @param {string} type
   * @param {(event: Event) => void} answer
   */
  listen(type, answer) {
    this.addEventListener(type, answer, { signal: this.#listening?.signal });
  }

  /** @returns {FormData} the fields as they are */
  values() {
    return new FormData(/** @type {HTMLFormElement} */ (this.querySelector("form")));
  }

  /**
   * Put HTML into a part of the markup.
   * @param {string} selector
   * @param {string} html
   */
  fill(selector, html) {
    /** @type {Element} */ (this.querySelector(selector)).innerHTML = html;
  }

  /**
   * Write a slider's value after its label, and name it for those who do not see the label.
   * @param {string} name the field's
   * @param {string} value
   * @param {string} said
   */
  tellValue(name, value, said) {
    const id = `${this.localName}-${name}`;
    this.fill(`[for=${id}] > span`, value);
    this.querySelector(`#${id}`)?.setAttribute("aria-valuetext", said);
  }

  /**
   * Say what came of the fields; read aloud where a page is read aloud.
   * @param {string} words
   */
  say(words) {
    this.#tell(words, false);
  }

  /**
   * Say what is wrong with the fields, and hide what came of them before: `.rnn-form__found`.
   * @param {string} words
   */
  refuse(words) {
    this.#tell(words, true);
  }

  /**
   * @param {string} words
   * @param {boolean} wrong
   */
  #tell(words, wrong) {
    const output = /** @type {HTMLOutputElement} */ (this.querySelector("output"));
    output.textContent = words;
    output.classList.toggle("rnn-form__wrong", wrong);
    // it keeps its room: who types a number passes through wrong ones, and the page must not jump
    this.querySelector(".rnn-form__found")?.classList.toggle("rnn-form__gone", wrong);
  }
}
