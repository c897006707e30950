// @ts-check
/**
 * An element around a drawing that Python made, into which its script writes.
 *
 * What is common to all of them: a table of fields, a native control for each, the address, Back, the
 * last released setting, Reset, links in the text that set fields. What each shows is in its
 * `showDrawing` and `showWords`; after a gesture each has a frame.
 */

import { read, writeAddress, writeNow } from "./address.mjs";
import { Frames } from "./frames.mjs";
import { keepSliders } from "./scrolling.mjs";
import { put, write } from "./writing.mjs";

/** @typedef {import("./address.mjs").Field & { step: number, default: number }} Field with its stops */
/** @typedef {import("./address.mjs").Values} Values here one for each field */

/**
 * @param {Field[]} fields
 * @param {string} search of an address
 * @returns {Values} what it says; a number between two stops is as badly said as one outside
 */
function readAll(fields, search) {
  const said = new URLSearchParams(search);
  return Object.fromEntries(
    fields.map((field) => {
      const value = read(field, said.get(field.name)) ?? field.default;
      const steps = (value - field.min) / field.step;
      return [field.name, Math.abs(steps - Math.round(steps)) < 1e-6 ? value : field.default];
    }),
  );
}

export class LiveDrawing extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  /** Field that the newest entry of the history is of, and the values when a gesture last ended. */
  #pushed = "";
  /** @type {Values} */
  #released = {};

  /** Whether the values are to be said to those who hear the page: a gesture has ended. */
  #saying = false;

  /** @type {Values} what the drawing shows */
  #drawn = {};

  #frames = new Frames([
    () => {
      if (this.#drawn === this.values) return false;
      this.#drawn = this.values;
      this.showDrawing();
    },
    () => {
      this.showWords();
      if (this.#saying) this.say(this.told());
      this.#saying = false;
    },
  ]);

  #ghost = document.createElementNS("http://www.w3.org/2000/svg", "path");

  /** @type {Map<string, Element>} parts that were asked for, by selector */
  #parts = new Map();

  /** @type {any} what Python handed over */
  settings = JSON.parse(this.dataset.settings ?? "{}");

  /** @type {Field[]} all that can be set: numbers at their stops, choices by their index */
  fields = [];

  /** @type {Values} */
  values = {};

  /** @type {Values | null} what was set before the last change; null for nothing */
  ghost = null;

  /** Add the controls, once. */
  build() {}

  /** Show the values in the drawing, and in what a reader presses. */
  showDrawing() {}

  /** Show what else there is of them: the ghost, words, controls. */
  showWords() {}

  /** Show the values at once. */
  show() {
    this.#frames.all();
  }

  /** @returns {Promise<void>} kept when all of the newest values is shown */
  get settled() {
    return this.#frames.settled;
  }

  /** @returns {string} the values, for those who hear the page */
  told() {
    return "";
  }

  connectedCallback() {
    if (!this.querySelector(".rnn-live__controls")) {
      this.build();
      this.insertAdjacentHTML("beforeend", '<div class="rnn-live__aloud"><p class="rnn-live__said" aria-live="polite"></p></div>');
    }
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    keepSliders(this, signal);
    this.addEventListener("input", (event) => this.#take(event.target), { signal });
    this.addEventListener("change", () => this.release(), { signal });
    this.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.addEventListener("click", (event) => this.#press(event), { signal });
    document.addEventListener("click", (event) => this.#follow(event), { signal });
    addEventListener("popstate", () => this.#restore(), { signal });
    // who comes back finds the controls as they were left, set after this element was made
    addEventListener("pageshow", () => this.show(), { signal });
    this.#restore();
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /**
   * @param {string} name a field's
   * @param {string} label HTML
   * @returns {string} a slider for it
   */
  slider(name, label) {
    const { min, max, step } = /** @type {Field} */ (this.fields.find((field) => field.name === name));
    const id = `${this.closest("figure")?.id}-${name}`;
    return `<div><label class="rnn-live__label" for="${id}">${label} <span></span></label><input type="range" id="${id}"
      data-field="${name}" min="${min}" max="${max}" step="${step}"></div>`;
  }

  /**
   * Set a slider, its number and its name for those who hear it.
   * @param {string} name
   * @param {string} text
   * @param {string} said
   */
  showSlider(name, text, said = text) {
    const slider = /** @type {HTMLInputElement} */ (this.#find(`input[data-field="${name}"]`));
    slider.value = `${this.values[name]}`;
    put(slider, "aria-valuetext", said);
    write(slider.previousElementSibling?.querySelector("span"), text);
  }

  /** @param {string} selector @returns {Element} found once: a drawing is large, and each gesture asks again */
  #find(selector) {
    const known = this.#parts.get(selector) ?? this.querySelector(selector);
    if (known) this.#parts.set(selector, known);
    return /** @type {Element} */ (known);
  }

  /**
   * @param {string} name
   * @returns {Element} the part of the drawing with this id, less the figure's
   */
  part(name) {
    return this.#find(`svg [id$="-${name}"]`);
  }

  /**
   * Set an attribute of a part's path.
   * @param {string} name the part's
   * @param {string} attribute
   * @param {string} value
   */
  put(name, attribute, value) {
    const path = this.part(name).querySelector("path");
    if (path) put(path, attribute, value);
  }

  /**
   * Draw what was before the last change as a dashed line: one and the same, so that a browser does
   * not style its neighbours anew.
   * @param {Element | null} parent what it lies in
   * @param {string} d its path; "" for none
   */
  showGhost(parent, d) {
    if (!d) return this.#ghost.remove();
    put(this.#ghost, "class", "rnn-live__ghost");
    put(this.#ghost, "d", d);
    if (!this.#ghost.isConnected) parent?.append(this.#ghost);
  }

  /**
   * Write texts where the sentences below the drawing name them.
   * @param {Record<string, string>} texts
   */
  write(texts) {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-number]"))) {
      const text = texts[place.dataset.number ?? ""];
      if (text !== undefined) write(place, text);
    }
  }

  /** Read the values from the address. */
  #restore() {
    this.values = readAll(this.fields, location.search);
    this.#released = this.values;
    this.ghost = null;
    this.#pushed = "";
    this.show();
  }

  /** @param {EventTarget | null} control that was moved: all that comes after it moves at once */
  #take(control) {
    const moved = control instanceof HTMLInputElement || control instanceof HTMLSelectElement;
    const field = moved && this.fields.find(({ name }) => name === control.dataset.field);
    if (!moved || !field) return;
    const box = control instanceof HTMLInputElement && control.type === "checkbox";
    this.set({ [field.name]: Number(box ? control.checked : control.value) }, field.name);
  }

  /**
   * Set some fields, and show what comes of it.
   * @param {Values} values
   * @param {string} gesture changes of one gesture, or of one control, are one entry for Back
   */
  set(values, gesture) {
    this.ghost = this.#released;
    this.values = { ...this.values, ...values };
    this.#frames.begin(0, 1);
    const names = this.fields.map(({ name }) => name).join("|");
    const said = this.fields.flatMap(({ name, default: start, choices }) => {
      const value = this.values[name];
      return value === start ? [] : [[name, choices ? choices[value] : value]];
    });
    writeAddress(new RegExp(`^(${names})$`), Object.fromEntries(said), gesture === this.#pushed);
    this.#pushed = gesture;
  }

  /** A gesture has ended. */
  release() {
    this.#released = this.values;
    this.#saying = true;
    this.#frames.begin(0, 1);
  }

  /** @param {string} words read aloud where a page is read aloud */
  say(words) {
    write(this.querySelector(".rnn-live__said"), words);
  }

  /** @param {Event} event a button that sets a field, or Reset */
  #press(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (!button || !this.contains(button)) return;
    const { field, action } = button.dataset;
    if (field) {
      this.set({ [field]: Number(button.value) }, field);
      this.release();
    }
    if (action === "reset") {
      this.set(readAll(this.fields, ""), "reset");
      this.release();
      this.ghost = null;
    }
  }

  /** @param {MouseEvent} event a link in the text to this figure in some state */
  #follow(event) {
    const link = /** @type {Element} */ (event.target).closest?.("a[href]");
    const figure = this.closest("figure");
    if (!(link instanceof HTMLAnchorElement) || !figure || event.ctrlKey || event.metaKey) return;
    const here = link.pathname === location.pathname && link.hash === `#${figure.id}`;
    if (!here || !link.search) return;
    event.preventDefault();
    this.set(readAll(this.fields, link.search), link.search);
    writeNow();
    this.release();
    figure.scrollIntoView({ block: "nearest" });
  }
}
