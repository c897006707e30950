// @ts-check
/**
 * The drawings of <rnn-cell>: Python made them, this writes into them.
 *
 * Numbers, dots, what is held and the words follow the state; ids and all else stay. Numbers and
 * dots are in `cell-joins.mjs`, the strips in `cell-strips.mjs`.
 */

import { joinsOf, partsOf, writeJoins } from "./cell-joins.mjs";
import { holdable } from "./cell-run.mjs";
import { Strips } from "./cell-strips.mjs";
import { number } from "./numbers.mjs";
import { mark, write } from "./writing.mjs";

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

export class CellDrawing {
  /** @type {{ joins: import("./cell-joins.mjs").Join[], held: [string, Element][] }[]} of the cell on a desk, and on a phone */
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
