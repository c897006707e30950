// @ts-check
/**
 * Strips of <rnn-cell>: one drawing of them, with a bar and a number for each step of each quantity.
 *
 * Python made it, this writes into it; ids, axes and all else stay.
 */

import { sides } from "./extents.mjs";
import { number } from "./numbers.mjs";
import { put, write } from "./writing.mjs";

/** Least height of a bar, as rnn_figures/diagrams/cell/strips.py has it. */
const LEAST = 1.6;

/** @typedef {import("./cell-drawing.mjs").Shown} Shown */

export class Strips {
  /** @type {Map<string, Element>} parts of the drawing by name, and the texts in them */
  #parts;
  #texts = new Map();

  /** @type {Record<string, number[]>[]} the run that is shown, and the earlier one over it */
  #steps = [];
  #step = -1;

  /** @type {Record<string, number[]>[] | null} */
  #ghost = null;

  /** @type {{ part: Element, later: boolean, track: Element }[]} the step's column, and the veil */
  #columns;

  /** @type {{ name: string, ends: [number, number], track: Element, bars: Element[], texts: Element[] }[]} */
  #strips = [];

  /** @type {Map<string, Element>} the lines of an earlier run, by strip */
  #ghosts = new Map();

  /**
   * @param {SVGSVGElement} svg
   * @param {Map<string, Element>} parts of it by name
   * @param {import("./cell-run.mjs").Settings} settings
   */
  constructor(svg, parts, settings) {
    this.#parts = parts;
    parts.forEach((part, name) => this.#texts.set(name, part.querySelector("text")));
    this.#columns = [...svg.querySelectorAll(":is(.now, .later) > polygon")].map((part) => ({
      part,
      later: part.parentElement?.matches(".later") ?? false,
      track: /** @type {Element} */ (svg.querySelector(".track > polygon")),
    }));
    for (const [name, ends] of Object.entries(settings.axes)) {
      const track = parts.get(`track-${name}`)?.querySelector("polygon");
      const steps = Array.from(settings.presets[0].input, (_, t) => t);
      const find = (/** @type {string} */ part, /** @type {string} */ shape) =>
        steps.map((t) => /** @type {Element} */ (parts.get(`${part}-${name}-${t}`)?.querySelector(shape)));
      if (track) this.#strips.push({ name, ends, track, bars: find("bar", "polygon"), texts: find("number", "text") });
    }
  }

  /**
   * @param {Shown} shown the marked step, and where the run is another one all the rest
   * @returns {boolean} false if it is shown already
   */
  show(shown) {
    const { preset, text, steps, step: current, ghost } = shown;
    if (steps === this.#steps && current === this.#step && ghost === this.#ghost) return false;
    this.#step = current;
    for (const { part, later, track } of this.#columns)
      moveColumns(part, track, later ? [current + 1, steps.length] : [current, current + 1], steps.length);
    this.#showGhost(ghost);
    if (steps === this.#steps) return true;
    const before = this.#steps;
    this.#steps = steps;
    const { names } = preset;
    steps.forEach((_, t) => this.#text(`number-text-${t}`, text[t] ?? " "));
    for (let column = 0; this.#parts.has(`name-x-${column}`); column += 1) {
      this.#text(`name-x-${column}`, names[column] ?? "");
      steps.forEach(({ x }, t) => this.#text(`number-x-${column}-${t}`, column < x.length ? number(x[column]) : ""));
    }
    for (const { name, ends, track, bars, texts } of this.#strips)
      steps.forEach((step, t) => {
        const [value] = step[name];
        if (value === before[t]?.[name][0]) return;
        write(texts[t], number(value));
        moveBar(bars[t], track, ends, value);
      });
    return true;
  }

  /** @param {Shown["ghost"]} ghost the last released run, over the strips */
  #showGhost(ghost) {
    if (ghost === this.#ghost) return;
    this.#ghost = ghost;
    for (const { name, ends, track } of this.#strips) {
      let path = this.#ghosts.get(name);
      if (!ghost) path?.remove();
      if (!ghost) continue;
      if (!path) {
        path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        path.setAttribute("class", `rnn-cell__ghost q-${name}`);
        this.#ghosts.set(name, path);
      }
      put(path, "d", ghostPath(track, ends, valuesOf(name, ghost)));
      // a new part has a browser style all of its neighbours
      if (!path.isConnected) track.parentElement?.parentElement?.append(path);
    }
  }

  /** @param {string} name a part's @param {string} text */
  #text(name, text) {
    write(this.#texts.get(name), text);
  }
}

/**
 * @param {string} strip
 * @param {Record<string, number[]>[]} steps
 * @returns {number[]} what the strip shows
 */
const valuesOf = (strip, steps) => steps.map((step) => step[strip][0]);

/** @param {Element} track @param {[number, number]} ends @param {number} value @returns {number} its y */
function height(track, [low, high], value) {
  const { top, bottom } = sides(track);
  return top + ((high - Math.min(high, Math.max(low, value))) / (high - low)) * (bottom - top);
}

/** @param {number[]} sides left, top, right, bottom @returns {string} as graphviz writes a box */
function box(sides) {
  const [left, top, right, bottom] = sides.map((side) => Number(side.toFixed(2)));
  return `${right},${top} ${left},${top} ${left},${bottom} ${right},${bottom} ${right},${top}`;
}

/** @param {Element} bar @param {Element} track @param {[number, number]} ends @param {number} value */
function moveBar(bar, track, ends, value) {
  const { left, right } = sides(bar);
  let [top, bottom] = [height(track, ends, 0), height(track, ends, value)].sort((a, b) => a - b);
  if (bottom - top < LEAST) [top, bottom] = [(top + bottom - LEAST) / 2, (top + bottom + LEAST) / 2];
  const points = box([left, top, right, bottom]);
  put(bar, "points", points);
}

/**
 * @param {Element} shape that goes over some columns of the strips
 * @param {Element} track of a strip
 * @param {[number, number]} columns the first, and the one after the last
 * @param {number} steps
 */
function moveColumns(shape, track, [first, end], steps) {
  const { left, right } = sides(track);
  const { top, bottom } = sides(shape);
  const pitch = (right - left) / steps;
  put(shape, "points", box([left + pitch * first, top, left + pitch * end, bottom]));
}

/** @param {Element} track @param {[number, number]} ends @param {number[]} values @returns {string} */
function ghostPath(track, ends, values) {
  const { left, right } = sides(track);
  const pitch = (right - left) / values.length;
  return values
    .map((value, t) => `M${(left + pitch * (t + 0.12)).toFixed(2)},${height(track, ends, value).toFixed(2)}h${(pitch * 0.76).toFixed(2)}`)
    .join("");
}
