// @ts-check
/**
 * <rnn-quantities> wraps the letters of a page. Pointing at a quantity anywhere on the page, or
 * taking its letter in this list with the keyboard, lights it everywhere: `data-rnn-lit` on the
 * body says which, and `data-faded` on a part of a drawing that it is another's; palette.css does the
 * rest. A press, or a tap on a letter in the text, keeps it lit; Escape, or a press elsewhere, lets go.
 */

import { mark } from "./writing.mjs";

const QUANTITY = /(?:^|\s)q-([a-z])(?:\s|$)/;

/** Milliseconds that a pointer must rest: one that passes over letters lights nothing. */
const REST = 120;

/** What has presses of its own. */
const PRESSED = "a, button, input, label, select, summary, svg, rnn-quantities";

/**
 * @param {EventTarget | null} target
 * @returns {string} the letter of the quantity that the target belongs to, or ""
 */
function letterOf(target) {
  const element = target instanceof Element ? target.closest('[class*="q-"]') : null;
  const found = QUANTITY.exec(element?.getAttribute("class") ?? "");
  return found ? found[1] : "";
}

/**
 * @param {Element} part of a drawing; those around it are marked already
 * @param {string} letter that is lit, or ""
 * @returns {boolean} whether it is another's, and not in one that is: twice faded it would vanish
 */
function isFaded(part, letter) {
  const own = `.q-${letter}`;
  if (!letter || part.matches(own) || part.querySelector(own)) return false;
  return !part.parentElement?.closest("[data-faded]");
}

class RnnQuantities extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  /** Letter that stays lit, or "". */
  #kept = "";

  #timer = 0;

  connectedCallback() {
    for (const item of this.querySelectorAll("li")) this.#makeButton(item);
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // what shows that a letter can be pointed at, in rnn.css
    document.body.dataset.rnnLights = "";
    document.addEventListener("pointerover", (event) => this.#rest(letterOf(event.target)), { signal });
    document.addEventListener("click", (event) => this.#tap(event.target), { signal });
    this.addEventListener("focusin", (event) => this.#light(letterOf(event.target) || this.#kept), { signal });
    this.addEventListener("focusout", () => this.#light(this.#kept), { signal });
    this.addEventListener("click", (event) => this.#keep(letterOf(event.target)), { signal });
    document.addEventListener(
      "keydown",
      (event) => event.key === "Escape" && this.#keep(""),
      { signal },
    );
  }

  disconnectedCallback() {
    this.#listening?.abort();
    delete document.body.dataset.rnnLights;
    this.#light("");
  }

  /** @param {HTMLLIElement} item */
  #makeButton(item) {
    if (item.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = item.querySelector("[class]")?.getAttribute("class") ?? "";
    button.setAttribute("aria-pressed", "false");
    button.append(...item.childNodes);
    item.append(button);
  }

  /** @param {string} letter under a pointer: it lights when the pointer stays */
  #rest(letter) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#light(letter || this.#kept), REST);
  }

  /** @param {EventTarget | null} target a press on a letter of the text keeps it, one elsewhere lets go */
  #tap(target) {
    if (!(target instanceof Element) || target.closest(PRESSED)) return;
    const letter = letterOf(target);
    if (letter || this.#kept) this.#keep(letter);
  }

  /** @param {string} letter */
  #light(letter) {
    clearTimeout(this.#timer);
    if (letter === (document.body.dataset.rnnLit ?? "")) return;
    if (letter) document.body.dataset.rnnLit = letter;
    else delete document.body.dataset.rnnLit;
    for (const part of document.querySelectorAll('svg [class*="q-"]')) mark(part, "faded", isFaded(part, letter));
  }

  /** @param {string} letter a press on the letter that is kept lets go of it */
  #keep(letter) {
    this.#kept = letter === this.#kept ? "" : letter;
    for (const button of this.querySelectorAll("button")) {
      const pressed = Boolean(this.#kept) && letterOf(button) === this.#kept;
      button.setAttribute("aria-pressed", String(pressed));
    }
    this.#light(this.#kept || letter);
    if (!letter) this.#light("");
  }
}

if (!customElements.get("rnn-quantities")) customElements.define("rnn-quantities", RnnQuantities);
