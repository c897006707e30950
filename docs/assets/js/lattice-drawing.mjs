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
export const PIECES = 6;

/** Frames that what is lit comes in, and the numbers: for all of it one has no time. */
export const [LIT, WRITTEN] = [3, 2];

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

/** What a part may be marked as. */
const MARKS = ["later", "beside", "now", "chosen"];

export class LatticeDrawing {
  /** @type {Map<string, Element>} parts of the drawing by name, and the texts in them */
  #parts = new Map();

  /** @type {Map<string, Element[]>} */
  #texts = new Map();

  /**
   * @typedef {object} Part
   * @property {string} name
   * @property {Element} element
   * @property {number} count how many cells are computed when it is there; a drawing has one shape
   * @property {number} marks what it is marked as: a bit for each of MARKS
   */

  /** @type {Part[]} */
  #marked = [];

  /** @type {Map<number, Set<string>>} names of the parts on the way to a row of h_n */
  #paths = new Map();

  /** @type {Map<Element, string>} words of the drawing as Python wrote them */
  #words = new Map();

  /** @type {Element} what has all parts in it */
  #graph;

  /** @type {Element[]} its parts, and how many of them are in it */
  #all;
  #there;

  /** How many of its parts are in it after each piece: the pieces have about as many elements. */
  #ends;

  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.svg = svg;
    this.#graph = /** @type {Element} */ (svg.querySelector(".graph"));
    this.#all = [...this.#graph.children];
    this.#there = this.#all.length;
    this.#ends = endsOfPieces(this.#all.map((part) => 1 + part.getElementsByTagName("*").length));
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
    const end = /** @type {number} */ (this.#ends.find((one) => one > this.#there));
    this.#graph.append(...this.#all.slice(this.#there, end));
    this.#there = end;
  }

  /**
   * @param {Shown} shown what is lit; while no row is followed, what is computed
   * @param {number} turn which of LIT
   */
  showMarks({ shape, at, row }, turn) {
    if (!this.#marked.length)
      for (const [name, element] of this.#parts)
        this.#marked.push({ name, element, count: computedWith(name, shape), marks: 0 });
    const found = rows(shape.layers, shape.directions, shape.steps)[row];
    const all = order(shape);
    const current = at && at < all.length ? all[at - 1] : undefined;
    const now = current && `cell-l${current.layer}-${DIRECTIONS[current.direction]}-t${current.step}`;
    const [path, ends] = [found && this.#pathOf(found, shape), found ? endsOf(found) : []];
    for (const part of nth(this.#marked, turn, LIT)) {
      const { name, element, count, marks } = part;
      const aside = path && name !== now && !path.has(name);
      const is = [!found && count > at, aside, name === now, ends.includes(name)];
      part.marks = is.reduce((bits, one, bit) => (one ? bits | (1 << bit) : bits), 0);
      const changed = part.marks ^ marks;
      if (changed) MARKS.forEach((word, bit) => changed & (1 << bit) && mark(element, word, Boolean(is[bit])));
    }
  }

  /**
   * @param {import("./lattice-run.mjs").Row} row
   * @param {Shape} shape
   * @returns {Set<string>} names of the parts on the way to it
   */
  #pathOf(row, shape) {
    const names = () => new Set([...this.#parts.keys()].filter((name) => onPath(name, row, shape)));
    const found = this.#paths.get(row.k) ?? names();
    this.#paths.set(row.k, found);
    return found;
  }

  /**
   * @param {Shown} shown the states of the cells that are computed
   * @param {number} turn which of WRITTEN
   */
  showNumbers({ shape, result, at, row }, turn) {
    const cells = order(shape).map((cell, index) => ({ ...cell, index }));
    for (const { layer, direction, step, index } of nth(cells, turn, WRITTEN)) {
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
    }
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
 * @param {import("./lattice-run.mjs").Row} row
 * @returns {string[]} the cell that the row lies in, the row itself, and its equal
 */
function endsOf({ k, layer, direction, step, twin }) {
  const way = DIRECTIONS[direction];
  const equal = twin.includes(":") ? `output-${way}-t${step}` : `output-t${step}`;
  return [`cell-l${layer}-${way}-t${step}`, `h_n-${k}`, ...(twin ? [equal] : [])];
}

/**
 * @template T
 * @param {T[]} all
 * @param {number} turn
 * @param {number} turns
 * @returns {T[]} those whose turn it is
 */
function nth(all, turn, turns) {
  const size = Math.ceil(all.length / turns);
  return all.slice(turn * size, (turn + 1) * size);
}

/**
 * @param {number[]} sizes
 * @returns {number[]} after how many of them each of PIECES ends, whose sums are about alike
 */
function endsOfPieces(sizes) {
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  /** @type {number[]} */
  const ends = [];
  let sum = 0;
  sizes.forEach((size, at) => {
    sum += size;
    if (sum * PIECES >= whole * (ends.length + 1)) ends.push(at + 1);
  });
  return ends;
}
