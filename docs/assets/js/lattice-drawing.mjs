// @ts-check
/**
 * The drawing of <rnn-lattice>: Python made it, this writes into it.
 *
 * Numbers and what is lit follow the state; ids, boxes and all else stay.
 */

import { DIRECTIONS, KINDS, computedWith, named, onPath, order, rows } from "./lattice-run.mjs";
import { number } from "./numbers.mjs";
import { mark, write } from "./writing.mjs";

/** @typedef {import("./lattice-run.mjs").Shape} Shape */

/** Pieces that a drawing comes in when it takes another one's place: for each there is a frame. */
export const PIECES = 5;

/** What is before the name of a part in the ids of the drawing. */
const PREFIX = /^.*-(?:lstm|gru|rnn)-/;

/**
 * @typedef {object} Shown
 * @property {Shape} shape
 * @property {import("./cells.mjs").Result} result
 * @property {number} at how many cells are computed
 * @property {number} row of h_n that is lit; -1 for none
 * @property {boolean} asDrawn true if all is as Python drew it
 */

export class LatticeDrawing {
  /** @type {Map<string, Element>} parts of the drawing by name, and the texts in them */
  #parts = new Map();

  /** @type {Map<string, Element[]>} */
  #texts = new Map();

  /** @type {Map<string, number>} how many cells are computed when a part is there */
  #counts = new Map();

  /** @type {Map<Element, string>} words of the drawing as Python wrote them */
  #words = new Map();

  /** @type {Element} what has all parts in it */
  #graph;

  /** @type {Element[]} its parts, and how many of them are in it */
  #all;
  #there;

  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.svg = svg;
    this.#graph = /** @type {Element} */ (svg.querySelector(".graph"));
    this.#all = [...this.#graph.children];
    this.#there = this.#all.length;
    for (const part of svg.querySelectorAll("g[id]")) {
      const name = part.id.replace(PREFIX, "");
      this.#parts.set(name, part);
      this.#texts.set(name, [...part.querySelectorAll("text")]);
    }
    for (const words of svg.querySelectorAll(":scope > :is(title, desc)"))
      this.#words.set(words, words.textContent ?? "");
  }

  /**
   * @param {import("./lattice-run.mjs").Cell} cell
   * @returns {{ left: number, top: number, width: number, height: number }} where the cell is, in
   *   parts of the drawing
   */
  extent({ layer, direction, step }) {
    const frame = this.#parts.get(`cell-l${layer}-${DIRECTIONS[direction]}-t${step}`)?.querySelector("path");
    const numbers = (frame?.getAttribute("d") ?? "").match(/-?[\d.]+/g)?.map(Number) ?? [];
    const [dx, dy] = (this.svg.querySelector(".graph")?.getAttribute("transform") ?? "").match(/-?[\d.]+/g)?.map(Number) ?? [0, 0];
    const xs = numbers.filter((_, index) => index % 2 === 0);
    const ys = numbers.filter((_, index) => index % 2 === 1);
    const { width, height } = this.svg.viewBox.baseVal;
    return {
      left: (Math.min(...xs) + dx) / width,
      top: (Math.min(...ys) + dy) / height,
      width: (Math.max(...xs) - Math.min(...xs)) / width,
      height: (Math.max(...ys) - Math.min(...ys)) / height,
    };
  }

  /** Take the parts out of the drawing: `fill` brings them back. */
  empty() {
    this.#graph.replaceChildren();
    this.#there = 0;
  }

  /** @returns {boolean | void} false if all of it is back; else a piece is brought back */
  fill() {
    if (this.#there === this.#all.length) return false;
    const end = this.#there + Math.ceil(this.#all.length / PIECES);
    this.#graph.append(...this.#all.slice(this.#there, end));
    this.#there = Math.min(end, this.#all.length);
  }

  /**
   * @param {Shown} shown what is lit; while no row is followed, what is computed
   * @param {0 | 1} half of the parts: a frame has the time for one
   */
  showMarks({ shape, at, row }, half) {
    const found = rows(shape.layers, shape.directions, shape.steps)[row];
    const all = order(shape);
    const current = at && at < all.length ? all[at - 1] : undefined;
    const now = current && `cell-l${current.layer}-${DIRECTIONS[current.direction]}-t${current.step}`;
    const middle = this.#parts.size / 2;
    [...this.#parts].forEach(([name, part], index) => {
      if (index < middle !== (half === 0)) return;
      const count = this.#counts.get(name) ?? computedWith(name, shape);
      this.#counts.set(name, count); // one drawing has one shape
      mark(part, "later", !found && count > at);
      mark(part, "aside", Boolean(found) && name !== now && !onPath(name, found, shape));
      mark(part, "now", name === now);
      mark(part, "chosen", Boolean(found) && isEnd(name, found));
    });
  }

  /** @param {Shown} shown the states of the cells that are computed */
  showNumbers({ shape, result, at, row }) {
    order(shape).forEach(({ layer, direction, step }, index) => {
      const way = DIRECTIONS[direction];
      const values = result.layers[layer][direction];
      const there = index < at;
      const reader = layer + 1 === shape.layers ? "output" : `read-l${layer + 1}`;
      const half = shape.directions === 2 ? `${reader}-${way}-t${step}` : `${reader}-t${step}`;
      for (const [letter, part] of [["h", `h-l${layer}-${way}-t${step}`], ["h", half], ["c", `c-l${layer}-${way}-t${step}`]]) {
        this.#texts.get(part)?.forEach((text, unit) => {
          write(text, there ? number(values[letter][step][0][unit]) : "");
        });
        if (part === half) mark(this.#parts.get(part), "later", row < 0 && !there);
      }
    });
  }

  /** @param {Shown} shown what the drawing says of itself follows what it shows */
  showWords({ shape, result, at, asDrawn }) {
    const { mode, layers, directions, steps } = shape;
    const count = (/** @type {number} */ n, /** @type {string} */ noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
    const title = `${KINDS[mode][1]}, ${count(layers, "layer")}, ${count(directions, "direction")}, ${steps} steps`;
    const said = order(shape)
      .slice(0, at)
      .map((cell) => {
        const values = result.layers[cell.layer][cell.direction].h[cell.step][0];
        return `${named(cell, directions)}: h = ${values.map(number).join(", ")}`;
      });
    for (const [words, python] of this.#words) {
      const changed = words.localName === "title" ? title : [title, ...said].join(". ");
      write(words, asDrawn ? python : changed);
    }
  }
}

/**
 * @param {string} name of a part
 * @param {import("./lattice-run.mjs").Row} row
 * @returns {boolean} whether it is the cell that the row lies in, the row itself, or its equal
 */
function isEnd(name, { k, layer, direction, step, twin }) {
  const way = DIRECTIONS[direction];
  const ends = [`cell-l${layer}-${way}-t${step}`, `h_n-${k}`];
  if (twin) ends.push(twin.includes(":") ? `output-${way}-t${step}` : `output-t${step}`);
  return ends.includes(name);
}
