// @ts-check
/**
 * The drawings of <rnn-cell>: Python made them, this writes into them.
 *
 * Numbers, bars, the marked column and the words follow the state; ids, axes and all else stay.
 */

import { holdable, sharesOfC } from "./cell-run.mjs";
import { write } from "./live-player.mjs";
import { number } from "./numbers.mjs";

/** Least height of a bar, as rnn_figures/diagrams/cell/strips.py has it. */
const LEAST = 1.6;

/** What is before the name of a part in the ids of the drawings. */
const PREFIX = /^.*?-(?:(?:lstm|gru|rnn)-cell|states-states|gates-gates)-/;

/**
 * @typedef {object} Shown
 * @property {import("./cell-run.mjs").Preset} preset
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
 * Write numbers beside the wires that they pass.
 * @param {Map<string, Element>} parts of a cell's drawing, by name
 * @param {Record<string, number[]>} now by join
 */
export function writeJoins(parts, now) {
  for (const [name, part] of parts) {
    const join = name.startsWith("numbers-") ? now[name.slice("numbers-".length)] : undefined;
    if (!join) continue;
    const texts = part.querySelectorAll("text");
    // more numbers than fit are counted, not written
    if (texts.length === 1 && join.length > 1) write(texts[0], `(H_in=${join.length})`);
    else texts.forEach((text, unit) => write(text, unit < join.length ? number(join[unit]) : ""));
  }
}

export class CellDrawing {
  /** @type {Element} */
  #root;

  /** @type {import("./cell-run.mjs").Settings} */
  #settings;

  /** @type {Map<string, Element>} parts of the drawings by name */
  #parts = new Map();

  /** @type {Map<string, string>} words of the drawings as Python wrote them */
  #words = new Map();

  /**
   * @param {Element} root what has the drawings in it
   * @param {import("./cell-run.mjs").Settings} settings
   */
  constructor(root, settings) {
    this.#root = root;
    this.#settings = settings;
    this.#parts = partsOf(root.querySelectorAll("svg [id]"));
    for (const words of root.querySelectorAll("svg > :is(title, desc)"))
      this.#words.set(words.id, words.textContent ?? "");
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
    for (const part of this.#root.querySelectorAll('svg [class*=" s-"]'))
      part.classList.toggle("aside", stage !== "" && !part.classList.contains(`s-${stage}`));
    for (const line of this.#root.querySelectorAll(".rnn-live__lines > p"))
      line.classList.toggle("lit", stage !== "" && /^[a-z]/.exec(line.textContent ?? "")?.[0] === stage);
  }

  /** @param {Shown} shown */
  #showCell({ steps, step, values }) {
    const now = steps[step];
    writeJoins(this.#parts, now);
    for (const text of this.#root.querySelectorAll("[data-number]")) {
      const name = text.getAttribute("data-number") ?? "";
      write(text, number(now[name][0]));
    }
    for (const letter of holdable(this.#settings))
      this.#parts.get(letter)?.classList.toggle("held", `hold-${letter}` in values);
  }

  /** @param {Shown} shown */
  #showStrips({ preset, steps, step: current }) {
    const { names } = preset;
    for (let column = 0; this.#parts.has(`name-x-${column}`); column += 1) {
      this.#text(`name-x-${column}`, names[column] ?? "");
      steps.forEach(({ x }, t) => this.#text(`number-x-${column}-${t}`, column < x.length ? number(x[column]) : ""));
    }
    for (const [letter, ends] of Object.entries(this.#settings.axes)) {
      const track = this.#parts.get(`track-${letter}`);
      if (!track) continue;
      valuesOf(letter, steps, current).forEach((value, t) => {
        this.#text(`number-${letter}-${t}`, number(value));
        const bar = this.#parts.get(`bar-${letter}-${t}`)?.firstElementChild;
        if (bar) moveBar(bar, track, ends, value);
      });
    }
    for (const [name, part] of this.#parts)
      if (/^(bar|number)-.*\d$/.test(name) && !name.startsWith("number-step"))
        part.classList.toggle("later", Number(name.slice(name.lastIndexOf("-") + 1)) > current);
    for (const now of this.#root.querySelectorAll(".now"))
      moveColumn(now, /** @type {Element} */ (now.closest("svg")), current, steps.length);
  }

  /** @param {Shown} shown the last released run, over the strips */
  #showGhost({ ghost, step }) {
    this.#root.querySelectorAll(".rnn-cell__ghost").forEach((old) => old.remove());
    for (const [letter, ends] of Object.entries(ghost ? this.#settings.axes : {})) {
      const track = this.#parts.get(`track-${letter}`);
      if (!track) continue;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("class", `rnn-cell__ghost q-${letter === "from" ? "c" : letter}`);
      path.setAttribute("d", ghostPath(track, ends, valuesOf(letter, ghost ?? [], step)));
      track.parentElement?.append(path);
    }
  }

  /** @param {Shown} shown what the drawing says of itself follows its numbers */
  #showWords({ preset, step, steps, asDrawn }) {
    const said = [...this.#parts.keys()]
      .filter((name) => name.startsWith("numbers-"))
      .map((name) => name.slice("numbers-".length))
      .map((join) => `${join} = ${steps[step][join].map(number).join(", ")}`);
    const title = `${preset.name}, step ${step}`;
    for (const words of this.#root.querySelectorAll("svg > :is(title, desc)")) {
      const changed = words.localName === "title" ? title : `${title}. ${said.join("; ")}.`;
      words.textContent = asDrawn ? (this.#words.get(words.id) ?? "") : changed;
    }
  }

  /** @param {string} name a part's @param {string} text */
  #text(name, text) {
    write(this.#parts.get(name)?.querySelector("text"), text);
  }
}

/**
 * @param {string} strip
 * @param {Record<string, number[]>[]} steps
 * @param {number} current
 * @returns {number[]} what the strip shows
 */
const valuesOf = (strip, steps, current) =>
  strip === "from" ? sharesOfC(steps, current) : steps.map((step) => step[strip][0]);

/** @type {WeakMap<Element, ReturnType<typeof extent>>} extents of what never moves */
const still = new WeakMap();

/** @param {Element} group @returns {{ left: number, right: number, top: number, bottom: number }} */
function extent(group) {
  const known = still.get(group);
  if (known) return known;
  const shape = /** @type {Element} */ (group.firstElementChild);
  const points = (shape.getAttribute("points") ?? "").trim().split(/\s+/).map((point) => point.split(",").map(Number));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const found = { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  if (group.classList.contains("track")) still.set(group, found);
  return found;
}

/** @param {Element} track @param {[number, number]} ends @param {number} value @returns {number} its y */
function height(track, [low, high], value) {
  const { top, bottom } = extent(track);
  return top + ((high - Math.min(high, Math.max(low, value))) / (high - low)) * (bottom - top);
}

/** @param {number[]} sides left, top, right, bottom @returns {string} as graphviz writes a box */
function box([left, top, right, bottom]) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => `${Number(x.toFixed(2))},${Number(y.toFixed(2))}`;
  return [at(right, top), at(left, top), at(left, bottom), at(right, bottom), at(right, top)].join(" ");
}

/** @param {Element} bar @param {Element} track @param {[number, number]} ends @param {number} value */
function moveBar(bar, track, ends, value) {
  const { left, right } = extent(/** @type {Element} */ (bar.parentElement));
  let [top, bottom] = [height(track, ends, 0), height(track, ends, value)].sort((a, b) => a - b);
  if (bottom - top < LEAST) [top, bottom] = [(top + bottom - LEAST) / 2, (top + bottom + LEAST) / 2];
  const points = box([left, top, right, bottom]);
  if (bar.getAttribute("points") !== points) bar.setAttribute("points", points);
}

/** @param {Element} now @param {Element} drawing @param {number} step @param {number} steps */
function moveColumn(now, drawing, step, steps) {
  const { left, right } = extent(/** @type {Element} */ (drawing.querySelector(".track")));
  const { top, bottom } = extent(now);
  const pitch = (right - left) / steps;
  now.firstElementChild?.setAttribute("points", box([left + pitch * step, top, left + pitch * (step + 1), bottom]));
}

/** @param {Element} track @param {[number, number]} ends @param {number[]} values @returns {string} */
function ghostPath(track, ends, values) {
  const { left, right } = extent(track);
  const pitch = (right - left) / values.length;
  return values
    .map((value, t) => `M${(left + pitch * (t + 0.12)).toFixed(2)},${height(track, ends, value).toFixed(2)}h${(pitch * 0.76).toFixed(2)}`)
    .join("");
}
