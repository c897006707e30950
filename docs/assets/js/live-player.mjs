// @ts-check
/**
 * What live parts share that play: a clock that ends and stops, the buttons, arrows, Back.
 */

import { writeNow } from "./address.mjs";
import { keepSliders } from "./scrolling.mjs";
import { write } from "./writing.mjs";

/**
 * An element around drawings that are complete without it. Whoever extends it says what a state is,
 * and shows it with `show`, from the state alone.
 */
export class LivePlayer extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  #timer = 0;

  /** Whether somebody has chosen where a play goes on; else it begins at its start. */
  #moved = false;

  /** @type {(Element | null)[]} where the position is said, and the button that plays */
  #told = [];

  /** Milliseconds between two steps of a play. */
  beat = 900;

  /** Where a play is, where it starts again after its end, and its end. */
  get position() {
    return 0;
  }

  get start() {
    return 0;
  }

  get end() {
    return 0;
  }

  /** @returns {Record<string, string>} what a link to a state leaves as the reader has set it, by its name in the address */
  get kept() {
    return {};
  }

  /** @param {number} _position one that it may have, or one beyond an end, which changes nothing */
  go(_position) {}

  /** Add the controls. */
  build() {}

  /** Read the state from the address, and show it. */
  restore() {}

  /** Show the state. */
  show() {}

  /** @param {Event} _event a control is moved */
  take(_event) {}

  /** A control has been let go of. */
  release() {}

  /** @param {Event} _event something is clicked, but no button that plays or steps */
  press(_event) {}

  /** @param {number} _way -1 or 1: within a step, back or on */
  climb(_way) {}

  /** Go back to what was there at first. */
  reset() {}

  connectedCallback() {
    if (!this.classList.contains("rnn-live")) this.build();
    this.classList.add("rnn-live");
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("click", (event) => this.#follow(event), { signal });
    keepSliders(this, signal);
    this.addEventListener("input", (event) => this.#take(event), { signal });
    this.addEventListener("change", () => this.release(), { signal });
    this.addEventListener("click", (event) => this.#click(event), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    addEventListener("popstate", () => this.#restore(), { signal });
    addEventListener("pageshow", () => this.show(), { signal });
    const seen = new IntersectionObserver(([entry]) => entry.isIntersecting || this.stop());
    seen.observe(this);
    signal.addEventListener("abort", () => seen.disconnect());
    this.#restore();
  }

  disconnectedCallback() {
    this.stop();
    this.#listening?.abort();
  }

  /** @returns {AbortSignal | undefined} ends with the element's time on the page */
  get signal() {
    return this.#listening?.signal;
  }

  /** @returns {boolean} true for the one such element of the page that the address is about */
  get addressed() {
    return document.querySelector(this.localName) === this;
  }

  /** @returns {boolean} */
  get playing() {
    return this.#timer > 0;
  }

  /** @param {string} name @returns {string} an id of this element's own */
  ownId(name) {
    return `${this.closest("figure")?.id ?? this.localName}-${name}`;
  }

  /**
   * @param {string} field name of what the slider moves
   * @param {string} label of the slider
   * @returns {string} HTML of the buttons and the slider
   */
  transportHtml(field, label) {
    const button = (/** @type {string} */ action, /** @type {string} */ text, /** @type {string} */ name) =>
      `<button type="button" data-action="${action}"${name ? ` aria-label="${name}"` : ""}>${text}</button>`;
    return `<div class="rnn-live__transport" role="group" aria-label="${label}s">
      ${button("play", "▶ Play", "")}${button("back", "‹", `One ${label.toLowerCase()} back`)}
      <div class="rnn-live__slider"><input type="range" id="${this.ownId(field)}" data-field="${field}" min="0" max="1"
      step="1" aria-label="${label}"></div>${button("on", "›", `One ${label.toLowerCase()} on`)}<div><span></span></div>
      ${button("reset", "Reset", "")}
      </div>`;
  }

  /** @param {string} words what is said of the position, beside the slider */
  showTransport(words) {
    if (!this.#told.length)
      this.#told = [".rnn-live__transport span", '[data-action="play"]'].map((part) => this.querySelector(part));
    write(this.#told[0], words);
    write(this.#told[1], this.playing ? "❚❚ Pause" : "▶ Play");
  }

  #restore() {
    const slider = /** @type {HTMLElement | null} */ (this.querySelector(".rnn-live__transport input"));
    const said = new URLSearchParams(this.addressed ? location.search : "");
    this.#moved = said.has(slider?.dataset.field ?? "");
    this.restore();
  }

  /** @param {Event} event */
  #take(event) {
    if (/** @type {Element} */ (event.target).closest(".rnn-live__transport")) this.#moved = true;
    this.take(event);
  }

  play() {
    const goesOn = this.#moved && this.position < this.end;
    this.#moved = true;
    this.go(goesOn ? this.position + 1 : this.start);
    this.#timer = window.setInterval(() => {
      if (this.position < this.end) this.go(this.position + 1);
      if (this.position >= this.end) this.stop();
    }, this.beat);
    this.show();
  }

  stop() {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = 0;
    this.show();
  }

  /** @param {Event} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const action = target.closest(".rnn-live__transport button")?.getAttribute("data-action");
    if (action === "play") return this.playing ? this.stop() : this.play();
    if (!action) return this.press(event);
    this.stop();
    this.#moved = action !== "reset";
    if (action === "reset") this.reset();
    else this.go(this.position + (action === "on" ? 1 : -1));
  }

  /** @param {MouseEvent} event a link in the text to a state: it is shown here, without a new page */
  #follow(event) {
    const link = /** @type {Element} */ (event.target).closest("a[href^='?']");
    const figure = this.closest("figure");
    if (!(link instanceof HTMLAnchorElement) || !figure || !this.addressed) return;
    if (link.hash !== `#${figure.id}` || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.stop();
    writeNow();
    const address = new URL(link.href);
    for (const [name, value] of Object.entries(this.kept))
      if (!address.searchParams.has(name)) address.searchParams.set(name, value);
    history.pushState(null, "", address);
    this.#restore();
    figure.scrollIntoView({ block: "start" });
  }

  /** @param {KeyboardEvent} event arrows step from the buttons too; the slider has its own */
  #key(event) {
    const button = /** @type {Element} */ (event.target).closest(".rnn-live__transport button");
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!button || !way) return;
    event.preventDefault();
    this.stop();
    this.#moved = true;
    if (/^Arrow[UD]/.test(event.key)) this.climb(way);
    else this.go(this.position + way);
  }
}
