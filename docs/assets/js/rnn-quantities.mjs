// @ts-check
/**
 * <rnn-quantities> wraps the letters of a page. Pointing at a quantity anywhere on the page, or
 * taking its letter in this list with the keyboard, lights it everywhere: `data-rnn-lit` on the
 * body says which, `data-lit` marks it in the text, and `data-faded` a part of a drawing that is
 * another's. No rule goes by the body's: for one, a browser styles the whole page anew. A press, or a tap on a letter in the text, keeps it lit; Escape, or a press elsewhere, lets go.
 */

import { Frames } from "./frames.mjs";
import { mark, put } from "./writing.mjs";

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

/** @type {Set<Element>} what is marked in the text */
const marked = new Set();

/** @param {Element} part @returns {boolean} whether it is on the screen, or close to it */
function isNear(part) {
  if (!part.checkVisibility()) return false; // in a closed box it would be laid out to be measured
  const { top, bottom } = part.getBoundingClientRect();
  return bottom > -innerHeight / 2 && top < 1.5 * innerHeight;
}

/**
 * @param {string} letter that is lit, or ""
 * @returns {Map<Element, boolean>} what is to be marked in the text, or no longer
 */
function textOf(letter) {
  const own = letter ? [...document.getElementsByClassName(`q-${letter}`)] : [];
  const lit = own.filter((part) => /^(code|mrow|span)$/i.test(part.localName) && part.parentElement?.localName !== "pre");
  const changed = new Map([...marked].map((part) => [part, false]));
  for (const part of lit) if (!changed.delete(part)) changed.set(part, true);
  return changed;
}

/** @param {Iterable<[Element, boolean]>} parts of the text, to be marked or not */
function lightText(parts) {
  for (const [part, lit] of parts) {
    mark(part, "lit", lit);
    if (lit) marked.add(part);
    else marked.delete(part);
  }
}

/**
 * Find what is to be faded in a drawing: what is another's. What has an own part in it stays, and
 * what is in a faded one: twice faded it would vanish.
 * @param {Element} svg
 * @param {string} letter that is lit, or ""
 * @returns {[Element, boolean][]} parts that are to be marked otherwise
 */
function fadedOf(svg, letter) {
  const kept = new Set();
  if (letter)
    for (const own of svg.querySelectorAll(`.q-${letter}`))
      for (let part = /** @type {Element | null} */ (own); part && !kept.has(part); part = part.parentElement)
        kept.add(part);
  const faded = new Set();
  /** @type {[Element, boolean][]} */
  const changed = [];
  // in the order of the drawing: those around a part have been looked at already
  for (const part of svg.querySelectorAll('[class*="q-"]')) {
    const fades = letter !== "" && !kept.has(part) && !within(part.parentElement, faded);
    if (fades) faded.add(part);
    if (fades !== part.hasAttribute("data-faded")) changed.push([part, fades]);
  }
  return changed;
}

/** @param {Element | null} part @param {Set<Element>} set @returns {boolean} whether it, or what it is in, is in a set */
function within(part, set) {
  for (let one = part; set.size && one && one.localName !== "svg"; one = one.parentElement) if (set.has(one)) return true;
  return false;
}

/** @param {Iterable<[Element, boolean]>} parts of drawings */
function fade(parts) {
  for (const [part, faded] of parts) mark(part, "faded", faded);
}

/** Parts of drawings for which a frame has the time, and frames for the parts of all that one sees. */
const [TOGETHER, MOST] = [40, 12];

/**
 * @param {string} letter that is lit, or ""
 * @param {Set<Element>} seen the drawings on the screen, or close to it
 * @returns {Frames} what shows it: first in the text, then in the drawings
 */
function framesOf(letter, seen) {
  const text = textOf(letter);
  const near = [...text].filter(([part]) => isNear(part)); // now: when all is marked it would be laid out for this
  /** @type {[Element, boolean][] | undefined} */
  let due;
  const fadeNext = (/** @type {number} */ count) => {
    due ??= [...seen].flatMap((svg) => fadedOf(svg, letter));
    const parts = due.splice(0, count);
    fade(parts);
    return parts.length > 0;
  };
  return new Frames([
    () => lightText(near),
    ...Array.from({ length: MOST }, () => () => fadeNext(TOGETHER)),
    () => fadeNext(Infinity),
    () => lightText(text),
  ]);
}

class RnnQuantities extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  /** Letter that stays lit, or "". */
  #kept = "";

  #timer = 0;

  /** @type {Frames | undefined} */
  #frames;

  /** @type {Set<Element>} drawings on the screen, or close to it; the others fade when they come */
  #seen = new Set();

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
    this.#watch();
    signal.addEventListener("abort", () => this.#near.disconnect());
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

  #near = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: "50%" });

  /** Watch the drawings of the page: some come later, and one that is watched already stays so. */
  #watch() {
    for (const svg of document.getElementsByTagName("svg")) this.#near.observe(svg);
  }

  /** @param {IntersectionObserverEntry[]} entries drawings that come and go as the page scrolls, or opens */
  #see(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) this.#seen.delete(target);
      else if (this.#seen.add(target)) fade(fadedOf(target, document.body.dataset.rnnLit ?? ""));
    }
  }

  /** @param {string} letter */
  #light(letter) {
    clearTimeout(this.#timer);
    if (letter === (document.body.dataset.rnnLit ?? "")) return;
    this.#watch();
    this.#frames?.stop();
    this.#frames = framesOf(letter, this.#seen);
    if (letter) document.body.dataset.rnnLit = letter;
    else delete document.body.dataset.rnnLit;
    this.#frames.begin(0, 1);
  }

  /** @returns {Promise<void> | undefined} kept when all that one sees shows which letter is lit */
  get settled() {
    return this.#frames?.settled;
  }

  /** @param {string} letter a press on the letter that is kept lets go of it */
  #keep(letter) {
    this.#kept = letter === this.#kept ? "" : letter;
    this.#light(letter && (this.#kept || letter));
    for (const button of this.querySelectorAll("button"))
      put(button, "aria-pressed", `${Boolean(this.#kept) && letterOf(button) === this.#kept}`);
  }
}

if (!customElements.get("rnn-quantities")) customElements.define("rnn-quantities", RnnQuantities);
