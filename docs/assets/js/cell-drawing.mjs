// @ts-check
/**
 * The drawings of <rnn-cell>: Python made them, this writes into them.
 *
 * Numbers, dots, what is held and the words follow the state; ids and all else stay. The strips are
 * in `cell-strips.mjs`.
 */

import { holdable } from "./cell-run.mjs";
import { Strips } from "./cell-strips.mjs";
import { sides } from "./extents.mjs";
import { number } from "./numbers.mjs";
import { mark, put, write } from "./writing.mjs";

/** What is before the name of a part in the ids of the drawings. */
const PREFIX = /^.*?-(?:(?:lstm|gru|rnn)-cell|states-states|gates-gates)-/;

/**
 * @typedef {object} Shown
 * @property {import("./cell-run.mjs").Preset} preset
 * @property {readonly string[]} text the signs that are read, if it is a text
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

  /** @type {Strips[]} one for each drawing of strips */
  strips = [];

  /** @type {string[]} joins that the drawing has numbers of */
  #said = [];

  /** @type {[Element, string][]} numbers in sentences, each with its join */
  #numbers;

  /** @type {Map<Element, string>} words of the drawings, and what Python wrote there */
  #words = new Map();

  /** The stage that each half of the parts shows. */
  #stages = ["", ""];

  /** @type {Element[]} parts that belong to a stage, lines with numbers */
  #staged;
  #lines;

  /**
   * @param {Element} root what has the drawings in it
   * @param {import("./cell-run.mjs").Settings} settings
   */
  constructor(root, settings) {
    for (const svg of root.querySelectorAll("svg")) {
      const parts = partsOf(svg.querySelectorAll("[id]"));
      const held = holdable(settings).map((letter) => [letter, parts.get(letter)]);
      if (parts.has("cell")) this.#cells.push({ joins: joinsOf(parts), held: /** @type {[string, Element][]} */ (held) });
      else if (parts.size) this.strips.push(new Strips(svg, parts, settings));
    }
    this.#said = this.#cells[0].joins.filter(({ frame }) => !frame).map(({ gives }) => gives);
    this.#numbers = [...root.querySelectorAll("[data-number]")].map((one) => [one, one.getAttribute("data-number") ?? ""]);
    for (const words of root.querySelectorAll("svg > :is(title, desc)"))
      this.#words.set(words, words.textContent ?? "");
    // those of one drawing lie in its order: every other one, so that both halves are all over it
    const staged = [...root.querySelectorAll('svg [class*=" s-"]')];
    this.#staged = [0, 1].flatMap((half) => staged.filter((_, index) => index % 2 === half));
    this.#lines = [...root.querySelectorAll(".rnn-live__lines > p")];
  }

  /** @param {Shown} shown the cell, and the sentences with its numbers */
  showCell(shown) {
    const { steps, step, values } = shown;
    const now = steps[step];
    for (const { joins, held } of this.#cells) {
      writeJoins(joins, now);
      for (const [letter, part] of held) mark(part, "held", `hold-${letter}` in values);
    }
    for (const [text, join] of this.#numbers) write(text, number(now[join][0]));
    this.#showStage(shown, 0);
  }

  /**
   * Show the parts and the equation of a stage, the rest paler.
   * @param {Shown} shown
   * @param {0 | 1} half of the parts: a frame has the time for one
   */
  #showStage({ stage }, half) {
    if (stage === this.#stages[half]) return;
    this.#stages[half] = stage;
    const middle = Math.ceil(this.#staged.length / 2);
    for (const part of half ? this.#staged.slice(middle) : this.#staged.slice(0, middle))
      mark(part, "aside", stage !== "" && !part.classList.contains(`s-${stage}`));
    if (half) return;
    for (const line of this.#lines)
      mark(line, "lit", stage !== "" && /^[a-z]/.exec(line.textContent ?? "")?.[0] === stage);
  }

  /** @param {Shown} shown what the drawing says of itself follows its numbers; and the rest of the stage */
  showWords(shown) {
    const { preset, step, steps, asDrawn } = shown;
    this.#showStage(shown, 1);
    const said = this.#said.map((join) => `${join} = ${steps[step][join].map(number).join(", ")}`);
    const title = `${preset.name}, step ${step}`;
    for (const [words, drawn] of this.#words) {
      const changed = words.localName === "title" ? title : `${title}. ${said.join("; ")}.`;
      write(words, asDrawn ? drawn : changed);
    }
  }
}
