// @ts-check
/**
 * The drawings of <rnn-cell>: Python made them, this writes into them.
 *
 * Numbers, bars, the marked column and the words follow the state; ids, axes and all else stay.
 */

import { holdable } from "./cell-run.mjs";
import { mark, put, write } from "./writing.mjs";
import { number } from "./numbers.mjs";

/** Least height of a bar, as rnn_figures/diagrams/cell/strips.py has it. */
const LEAST = 1.6;

/** What is before the name of a part in the ids of the drawings. */
const PREFIX = /^.*?-(?:(?:lstm|gru|rnn)-cell|states-states|gates-gates)-/;

/**
 * @typedef {object} Shown
 * @property {import("./cell-run.mjs").Preset} preset
 * @property {string} text what is read, if it is a text
 * @property {number} step
 * @property {Record<string, number[]>[]} steps numbers of every step, by join
 * @property {import("./address.mjs").Values} values
 * @property {Record<string, number[]>[] | null} ghost an earlier run
 * @property {string} stage the one that is lit; "" for all
 * @property {boolean} asDrawn true if all is as Python drew it
 */

/**
 * @param {Iterable<Element>} elements
 * @returns {Map<string, Element>} those of a cell's drawings, by name
 */
export function partsOf(elements) {
  const found = new Map();
  for (const part of elements)
    if (PREFIX.test(part.id)) found.set(part.id.replace(PREFIX, ""), part);
  return found;
}

/**
 * @typedef {object} Join where the numbers of a join stand in a drawing, or the dots on a curve
 * @property {string} gives its name
 * @property {Element[]} texts one for each number
 * @property {Element[]} dots one for each number, on the curve in `frame`
 * @property {Element} [frame]
 */

/**
 * @param {Map<string, Element>} parts of a cell's drawing, by name
 * @returns {Join[]} numbers beside the wires that they pass, and dots of σ and tanh
 */
export function joinsOf(parts) {
  return [...parts].flatMap(([name, part]) => {
    const [, kind, gives] = /^(numbers|curve)-(.*)$/.exec(name) ?? [];
    if (kind === "numbers") return [{ gives, texts: [...part.querySelectorAll("text")], dots: [] }];
    if (kind !== "curve") return [];
    const dots = [...parts].filter(([dot]) => dot.startsWith(`dot-${gives}-`));
    const frame = /** @type {Element} */ (part.firstElementChild);
    return [{ gives, texts: [], dots: dots.map(([, dot]) => /** @type {Element} */ (dot.firstElementChild)), frame }];
  });
}

/**
 * Write numbers beside the wires that they pass, and move the dots of σ and tanh to them.
 * @param {Join[]} joins of a drawing
 * @param {Record<string, number[]>} now by join
 */
export function writeJoins(joins, now) {
  for (const { gives, texts, dots, frame } of joins) {
    const values = now[gives];
    if (!values) continue;
    if (frame) moveDots(dots, frame, gives, now);
    // more numbers than fit are counted, not written
    else if (texts.length === 1 && values.length > 1) write(texts[0], `(H_in=${values.length})`);
    else texts.forEach((text, unit) => write(text, unit < values.length ? number(values[unit]) : ""));
  }
}

/** How far the curves go to both sides of 0, and their least value: as Python's SPANS. */
const SPANS = { sigma: [6, 0], tanh: [3, -1] };

/**
 * @param {Element[]} dots one for each unit
 * @param {Element} frame of σ or of tanh
 * @param {string} gives name of what the function gives
 * @param {Record<string, number[]>} now
 */
function moveDots(dots, frame, gives, now) {
  const [span, low] = /^(g|n|h|tanh-c)$/.test(gives) ? SPANS.tanh : SPANS.sigma;
  const { left, right, top, bottom } = sides(frame);
  dots.forEach((dot, unit) => {
    if (unit >= now[gives].length) return;
    const read = (gives === "tanh-c" ? now.c : now[`pre_${gives}`])[unit];
    const share = Math.min(1, Math.max(-1, read / span));
    const y = bottom - ((now[gives][unit] - low) / (1 - low)) * (bottom - top);
    put(dot, "cx", `${Number((((left + right) + share * (right - left)) / 2).toFixed(2))}`);
    put(dot, "cy", `${Number(y.toFixed(2))}`);
  });
}

export class CellDrawing {
  /** @type {{ joins: Join[], held: [string, Element][] }[]} of the cell on a desk, and on a phone */
  #cells = [];

  /** @type {string[]} joins that the drawing has numbers of */
  #said = [];

  /** @type {Map<string, Element>} parts of the strips by name, and the texts in them */
  #parts = new Map();
  #texts = new Map();

  /** @type {[Element, string][]} numbers in sentences, each with its join */
  #numbers;

  /** @type {Map<Element, string>} words of the drawings, and what Python wrote there */
  #words = new Map();

  /** @type {Record<string, number[]>[]} the run that the strips show */
  #steps = [];

  /** The stage that is shown. */
  #stage = "";

  /** @type {Element[]} parts that belong to a stage, lines with numbers */
  #staged;
  #lines;

  /** @type {{ part: Element, later: boolean, track: Element }[]} the step's column, and the veil */
  #columns;

  /** @type {{ name: string, ends: [number, number], track: Element, bars: Element[], texts: Element[] }[]} */
  #strips = [];

  /** @type {Map<string, Element>} the lines of an earlier run, by strip */
  #ghosts = new Map();

  /**
   * @param {Element} root what has the drawings in it
   * @param {import("./cell-run.mjs").Settings} settings
   */
  constructor(root, settings) {
    for (const svg of root.querySelectorAll("svg")) {
      const parts = partsOf(svg.querySelectorAll("[id]"));
      const held = holdable(settings).map((letter) => [letter, parts.get(letter)]);
      if (parts.has("cell")) this.#cells.push({ joins: joinsOf(parts), held: /** @type {[string, Element][]} */ (held) });
      else parts.forEach((part, name) => this.#parts.set(name, part));
    }
    this.#said = this.#cells[0].joins.filter(({ frame }) => !frame).map(({ gives }) => gives);
    this.#parts.forEach((part, name) => this.#texts.set(name, part.querySelector("text")));
    this.#numbers = [...root.querySelectorAll("[data-number]")].map((one) => [one, one.getAttribute("data-number") ?? ""]);
    for (const words of root.querySelectorAll("svg > :is(title, desc)"))
      this.#words.set(words, words.textContent ?? "");
    this.#staged = [...root.querySelectorAll('svg [class*=" s-"]')];
    this.#columns = [...root.querySelectorAll(":is(.now, .later) > polygon")].map((part) => ({
      part,
      later: part.parentElement?.matches(".later") ?? false,
      track: /** @type {Element} */ (part.closest("svg")?.querySelector(".track > polygon")),
    }));
    this.#lines = [...root.querySelectorAll(".rnn-live__lines > p")];
    for (const [name, ends] of Object.entries(settings.axes)) {
      const track = this.#parts.get(`track-${name}`)?.querySelector("polygon");
      const steps = Array.from(settings.presets[0].input, (_, t) => t);
      const find = (/** @type {string} */ part, /** @type {string} */ shape) =>
        steps.map((t) => /** @type {Element} */ (this.#parts.get(`${part}-${name}-${t}`)?.querySelector(shape)));
      if (track) this.#strips.push({ name, ends, track, bars: find("bar", "polygon"), texts: find("number", "text") });
    }
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#showCell(shown);
    this.#showStrips(shown);
    this.#showGhost(shown);
    this.#showStage(shown);
    this.#showWords(shown);
  }

  /** @param {Shown} shown the parts and the equation of a stage, the rest paler */
  #showStage({ stage }) {
    if (stage === this.#stage) return;
    this.#stage = stage;
    for (const part of this.#staged)
      mark(part, "aside", stage !== "" && !part.classList.contains(`s-${stage}`));
    for (const line of this.#lines)
      mark(line, "lit", stage !== "" && /^[a-z]/.exec(line.textContent ?? "")?.[0] === stage);
  }

  /** @param {Shown} shown */
  #showCell({ steps, step, values }) {
    const now = steps[step];
    for (const { joins, held } of this.#cells) {
      writeJoins(joins, now);
      for (const [letter, part] of held) mark(part, "held", `hold-${letter}` in values);
    }
    for (const [text, join] of this.#numbers) write(text, number(now[join][0]));
  }

  /** @param {Shown} shown the marked step, and where the run is another one all the rest */
  #showStrips({ preset, text, steps, step: current }) {
    for (const { part, later, track } of this.#columns)
      moveColumns(part, track, later ? [current + 1, steps.length] : [current, current + 1], steps.length);
    if (steps === this.#steps) return;
    this.#steps = steps;
    const { names } = preset;
    steps.forEach((_, t) => this.#text(`number-text-${t}`, text[t] ?? " "));
    for (let column = 0; this.#parts.has(`name-x-${column}`); column += 1) {
      this.#text(`name-x-${column}`, names[column] ?? "");
      steps.forEach(({ x }, t) => this.#text(`number-x-${column}-${t}`, column < x.length ? number(x[column]) : ""));
    }
    for (const { name, ends, track, bars, texts } of this.#strips)
      valuesOf(name, steps).forEach((value, t) => {
        write(texts[t], number(value));
        moveBar(bars[t], track, ends, value);
      });
  }

  /** @param {Shown} shown the last released run, over the strips */
  #showGhost({ ghost, step }) {
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

  /** @param {Shown} shown what the drawing says of itself follows its numbers */
  #showWords({ preset, step, steps, asDrawn }) {
    const said = this.#said.map((join) => `${join} = ${steps[step][join].map(number).join(", ")}`);
    const title = `${preset.name}, step ${step}`;
    for (const [words, drawn] of this.#words) {
      const changed = words.localName === "title" ? title : `${title}. ${said.join("; ")}.`;
      write(words, asDrawn ? drawn : changed);
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

/** @type {WeakMap<Element, ReturnType<typeof extent>>} sides of what moves up and down at most */
const known = new WeakMap();

/** @param {Element} shape @returns {{ left: number, right: number, top: number, bottom: number }} */
function extent(shape) {
  const points = (shape.getAttribute("points") ?? "").trim().split(/\s+/).map((point) => point.split(",").map(Number));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** @param {Element} shape @returns {ReturnType<typeof extent>} as it was at first */
function sides(shape) {
  const found = known.get(shape) ?? extent(shape);
  known.set(shape, found);
  return found;
}

/** @param {Element} track @param {[number, number]} ends @param {number} value @returns {number} its y */
function height(track, [low, high], value) {
  const { top, bottom } = sides(track);
  return top + ((high - Math.min(high, Math.max(low, value))) / (high - low)) * (bottom - top);
}

/** @param {number[]} sides left, top, right, bottom @returns {string} as graphviz writes a box */
function box([left, top, right, bottom]) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => `${Number(x.toFixed(2))},${Number(y.toFixed(2))}`;
  return [at(right, top), at(left, top), at(left, bottom), at(right, bottom), at(right, top)].join(" ");
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
