// @ts-check
/**
 * What <rnn-lattice> draws on: the page's own drawings and weights, and those that it fetches.
 *
 * The build makes them: rnn_figures/site/lattice.py has their names.
 */

import { LatticeDrawing } from "./lattice-drawing.mjs";

/** @typedef {import("./lattice-run.mjs").Shape} Shape */

/**
 * @typedef {object} Found
 * @property {LatticeDrawing} drawing
 * @property {Record<string, any>} weights
 * @property {boolean} own true if the drawing is the one that the page came with
 */

const FOLDER = new URL("../lattice/", import.meta.url);

export class Files {
  /** @type {Element} */
  #root;

  /** @type {{ configuration: import("./cells.mjs").Configuration, steps: number, narrow_steps: number, weights: Record<string, any> }} */
  #settings;

  /** @type {Map<string, LatticeDrawing>} by name of their file; the page's own by "wide", "narrow" */
  #drawings = new Map();

  /** @type {Map<string, Promise<string>>} what was asked for */
  #asked = new Map();

  /** @type {Record<string, any> | undefined} by kind and directions */
  #weights;

  /**
   * @param {Element} root the element, with the page's own drawings in it
   * @param {any} settings
   */
  constructor(root, settings) {
    this.#root = root;
    this.#settings = settings;
    for (const name of ["wide", "narrow"])
      this.#drawings.set(name, new LatticeDrawing(/** @type {SVGSVGElement} */ (this.#sheet(name).querySelector("svg"))));
  }

  /**
   * Find what a state needs.
   * @param {Shape} shape
   * @param {boolean} narrow
   * @returns {Found | Promise<unknown>} a promise if some of it has to be fetched first
   */
  at({ mode, layers, directions, steps }, narrow) {
    const { configuration: own, weights } = this.#settings;
    const size = narrow ? "narrow" : "wide";
    const same = mode === own.mode && layers === (own.num_layers ?? 1) && (directions === 2) === Boolean(own.bidirectional);
    const isOwn = same && steps === (narrow ? this.#settings.narrow_steps : this.#settings.steps);
    const kind = mode === "LSTM" ? "lstm" : "gru"; // GRU and RNN hand on the same states
    const file = `${kind}-${layers}-${directions}-${steps}${narrow ? "-narrow" : ""}.svg`;
    const drawing = this.#drawings.get(isOwn ? size : file);
    if (!drawing) return this.#fetched(file).then((text) => this.#drawings.set(file, new LatticeDrawing(this.#parsed(text, file))));
    if (!same && !this.#weights)
      return this.#fetched("weights.json").then((text) => {
        this.#weights = JSON.parse(text);
      });
    return { drawing, weights: same ? weights : this.#weights?.[`${mode}-${directions}`], own: isOwn };
  }

  /**
   * @param {string} mode
   * @param {boolean} narrow
   * @returns {Promise<SVGSVGElement>} a drawing of the inside of a cell; an RNN's is narrow anyhow
   */
  async cell(mode, narrow) {
    const size = narrow && !mode.startsWith("RNN") ? "-narrow" : "";
    const file = `cell-${mode.toLowerCase().replace("_", "-")}${size}.svg`;
    return this.#parsed(await this.#fetched(file), file);
  }

  /** @param {boolean} narrow @returns {Element | null} the drawing of that size that is in the page */
  shown(narrow) {
    return this.#sheet(narrow ? "narrow" : "wide").firstElementChild;
  }

  /** @param {string} size @returns {Element} what holds that drawing */
  #sheet(size) {
    return /** @type {Element} */ (this.#root.querySelector(`.rnn-figure__${size} .rnn-figure__sheet`));
  }

  /**
   * Put a drawing into the page, in another one's place.
   * @param {SVGSVGElement} svg
   * @param {boolean} narrow
   */
  put(svg, narrow) {
    const sheet = this.#sheet(narrow ? "narrow" : "wide");
    const old = /** @type {Element} */ (sheet.firstElementChild);
    // it may shrink as far as the old one: the smallest text of both is alike
    for (const least of sheet.querySelectorAll(".rnn-figure__least")) {
      const part = Number(least.getAttribute("width")) / Number(old.getAttribute("width"));
      least.setAttribute("width", `${Math.round(part * Number(svg.getAttribute("width")))}`);
    }
    old.replaceWith(svg);
    const box = /** @type {Element} */ (sheet.parentElement);
    // a width that is asked for now has all of it styled and laid out before the rest is written
    requestAnimationFrame(() =>
      box.classList.toggle("rnn-figure__drawing--long", box.scrollWidth > box.clientWidth + 1),
    );
  }

  /** @param {string} text @param {string} file @returns {SVGSVGElement} with ids of its own */
  #parsed(text, file) {
    const body = new DOMParser().parseFromString(text, "text/html").body;
    const svg = /** @type {SVGSVGElement} */ (body.querySelector("svg"));
    const prefix = `${this.#root.closest("figure")?.id ?? "rnn"}-${file.replace(".svg", "")}-`;
    for (const part of svg.querySelectorAll("[id]")) part.id = prefix + part.id;
    const named = svg.getAttribute("aria-labelledby") ?? "";
    svg.setAttribute("aria-labelledby", named.split(" ").map((id) => prefix + id).join(" "));
    return document.importNode(svg, true);
  }

  /** @param {string} file @returns {Promise<string>} */
  #fetched(file) {
    const known = this.#asked.get(file);
    if (known) return known;
    const coming = fetch(new URL(file, FOLDER)).then((response) => {
      if (!response.ok) throw new Error(`${file}: ${response.status}`);
      return response.text();
    });
    this.#asked.set(file, coming);
    coming.catch(() => this.#asked.delete(file)); // it may be asked for again
    return coming;
  }
}
