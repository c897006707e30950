// @ts-check
/**
 * <rnn-quantities> wraps the letters of a page. Pointing at a quantity anywhere on the page, or
 * taking its letter in this list with the keyboard, lights it everywhere: `data-rnn-lit` on the
 * body says which, `data-lit` marks it in the text, and `data-faded` a part of a drawing that is
 * another's. No rule goes by the body's: for one, a browser styles the whole page anew. A press, or a tap on a letter in the text, keeps it lit; Escape, or a press elsewhere, lets go.
 */

import { Frames } from "./frames.mjs";
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

/** @type {Element[]} what is marked in the text */
let marked = [];

/** @param {string} letter that is lit, or "" */
function lightText(letter) {
  for (const part of marked) mark(part, "lit", false);
  const own = letter ? [...document.querySelectorAll(`.q-${letter}`)] : [];
  marked = own.filter((part) => /^(code|mrow|span)$/i.test(part.localName) && part.parentElement?.localName !== "pre");
  for (const part of marked) mark(part, "lit", true);
}

/**
 * Fade what is another's in a drawing. What has an own part in it stays, and what is in a faded one:
 * twice faded it would vanish.
 * @param {Element} svg
 * @param {string} letter that is lit, or ""
 * @returns {number} how many parts have been marked otherwise
 */
function fadeDrawing(svg, letter) {
  const kept = new Set();
  if (letter)
    for (const own of svg.querySelectorAll(`.q-${letter}`))
      for (let part = /** @type {Element | null} */ (own); part && !kept.has(part); part = part.parentElement)
        kept.add(part);
  let count = 0;
  // in the order of the drawing: those around a part are marked already
  for (const part of svg.querySelectorAll('[class*="q-"]')) {
    const faded = letter !== "" && !kept.has(part) && !part.parentElement?.closest("[data-faded]");
    if (faded === part.hasAttribute("data-faded")) continue;
    mark(part, "faded", faded);
    count += 1;
  }
  return count;
}

/** @returns {Element[]} the drawings of the page: first those that are seen, then what may be, then the rest */
function drawings() {
  const rank = (/** @type {Element} */ svg) => {
    const { top, bottom, width } = svg.getBoundingClientRect();
    if (!width) return 2;
    return bottom > 0 && top < innerHeight ? 0 : 1;
  };
  const all = [...document.querySelectorAll("svg")].map((svg) => ({ svg, at: rank(svg) }));
  return all.sort((a, b) => a.at - b.at).map(({ svg }) => svg);
}

/** Parts of drawings for which a frame has the time. */
const TOGETHER = 60;

/** @param {string} letter that is lit, or "" @returns {Frames} what shows it: first in the text, then in the drawings */
function framesOf(letter) {
  /** @type {Element[]} */
  let order = [];
  let count = 0;
  const fadeNext = () => {
    const svg = order.shift();
    count += svg ? fadeDrawing(svg, letter) : 0;
    if (count < TOGETHER) return false;
    count = 0;
  };
  const find = () => void (order = drawings());
  return new Frames([() => lightText(letter), find, ...Array.from(document.querySelectorAll("svg"), () => fadeNext)]);
}

class RnnQuantities extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  /** Letter that stays lit, or "". */
  #kept = "";

  #timer = 0;

  /** @type {Frames | undefined} */
  #frames;

  connectedCallback() {
    for (const item of this.querySelectorAll("li")) this.#makeButton(item);
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // what shows that a letter can be pointed at, in rnn.css
    document.body.dataset.rnnLights = "";
    document.addEventListener("pointerover", (event) => this.#rest(letterOf(event.target)), { signal });
    document.addEventListener("click", (event) => this.#tap(event.target), { signal });
    this.addEventListener("focusin", (event) => this.#light(letterOf(event.target) || this.#kept), { signal });
    this.addEventListener("focusout", (event) => this.#leave(event.relatedTarget), { signal });
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

  /** @param {EventTarget | null} target that the focus goes to: the next letter lights at once */
  #leave(target) {
    if (!(target instanceof Node && this.contains(target))) this.#light(this.#kept);
  }

  /** @param {string} letter */
  #light(letter) {
    clearTimeout(this.#timer);
    if (letter === (document.body.dataset.rnnLit ?? "")) return;
    if (letter) document.body.dataset.rnnLit = letter;
    else delete document.body.dataset.rnnLit;
    this.#frames?.stop();
    this.#frames = framesOf(letter);
    this.#frames.begin(0, 1);
  }

  /** @returns {Promise<void> | undefined} kept when all of the page shows which letter is lit */
  get settled() {
    return this.#frames?.settled;
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
