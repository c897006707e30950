// @ts-check
/**
 * The joins of a cell that Python drew: the numbers beside its wires, and the dots on its curves.
 *
 * <rnn-cell> and the cell that opens in <rnn-lattice> write into them alike.
 */

import { sides } from "./extents.mjs";
import { number } from "./numbers.mjs";
import { put, write } from "./writing.mjs";

/** What is before the name of a part in the ids of the drawings. */
const PREFIX = /^.*?-(?:(?:lstm|gru|rnn)-cell|states-states|gates-gates)-/;

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
