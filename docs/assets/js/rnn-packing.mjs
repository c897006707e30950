// @ts-check
/**
 * <rnn-packing> packs three sequences, of lengths that the reader sets, and shows every field.
 *
 * The page has two cases in figures; a browser test holds `pack` to torch for all lengths up to 5.
 */

import { LiveForm, slider } from "./live-form.mjs";

const NAMES = ["p", "q", "r"];
const START = [2, 4, 1];
const MOST = 5;

/**
 * What pack_padded_sequence makes of a padded batch, with enforce_sorted=False.
 *
 * @param {number[]} lengths each from 1 on
 * @returns {{ data: [number, number][], batch_sizes: number[], sorted_indices: number[],
 *   unsorted_indices: number[] }} data as the sequence and the step that each row comes from
 */
export function pack(lengths) {
  const sorted_indices = lengths
    .map((_, n) => n)
    .sort((one, other) => lengths[other] - lengths[one] || one - other);
  const unsorted_indices = lengths.map((_, n) => sorted_indices.indexOf(n));
  /** @type {[number, number][]} */
  const data = [];
  const batch_sizes = [];
  for (let t = 0; t < Math.max(...lengths); t++) {
    const running = sorted_indices.filter((n) => lengths[n] > t);
    batch_sizes.push(running.length);
    for (const n of running) data.push([n, t]);
  }
  return { data, batch_sizes, sorted_indices, unsorted_indices };
}

/** @param {number[]} numbers */
const list = (numbers) => `[${numbers.join(", ")}]`;

/**
 * @param {string} caption
 * @param {number[]} lengths
 * @param {number[]} order of the sequences, from above
 * @param {number[]} [sizes] a last row: how many sequences each step has
 */
function grid(caption, lengths, order, sizes) {
  const every = Array.from({ length: Math.max(...lengths) }, (_, t) => t);
  const head = every.map((t) => `<th scope="col">step ${t}</th>`);
  const rows = order.map((n) => {
    const cells = every.map((t) =>
      t < lengths[n] ? `<td>${NAMES[n]}${t}</td>` : '<td class="rnn-cells__none">·</td>',
    );
    return `<tr><th scope="row">${n}: ${NAMES[n]}</th>${cells.join("")}</tr>`;
  });
  const foot = sizes
    ? `<tr><th scope="row">batch_sizes</th>${sizes.map((size) => `<td>${size}</td>`).join("")}</tr>`
    : "";
  return `<table class="rnn-cells"><caption>${caption}</caption><thead><tr><th scope="col">sequence</th>${head.join("")}
    </tr></thead><tbody>${rows.join("")}${foot}</tbody></table>`;
}

class RnnPacking extends LiveForm {
  markup() {
    const sliders = NAMES.map((name, n) => {
      const range = `min="1" max="${MOST}" value="${START[n]}"`;
      return slider("rnn-packing", `${n}`, `sequence ${n}, ${name}: length`, range);
    });
    return `<p>Three sequences, and what pack_padded_sequence makes of them with
      enforce_sorted=False:</p><form>${sliders.join("")}</form><output></output><div
      class="rnn-table" tabindex="0" role="group" aria-label="The batch, cut into steps"></div>
      <p>The rows of data, step by step:</p><div class="rnn-packing__data"></div>`;
  }

  show() {
    const lengths = [...this.values().values()].map(Number);
    lengths.forEach((length, n) => this.tellValue(`${n}`, `${length}`, `length ${length}`));
    const { data, batch_sizes, sorted_indices, unsorted_indices } = pack(lengths);
    const padded = lengths.length * Math.max(...lengths);
    this.say(
      `batch_sizes ${list(batch_sizes)}, sorted_indices ${list(sorted_indices)}, ` +
        `unsorted_indices ${list(unsorted_indices)}; data has ${data.length} rows, ` +
        `the padded batch ${padded} places`,
    );
    const inOrder = grid("in your order", lengths, [0, 1, 2]);
    const sorted = grid("sorted, the longest first", lengths, sorted_indices, batch_sizes);
    this.fill(".rnn-table", inOrder + sorted);
    const steps = batch_sizes.map((_, t) => {
      const rows = data.filter(([, step]) => step === t);
      const start = data.indexOf(rows[0]);
      return `<ol start="${start}">${rows.map(([n]) => `<li>${NAMES[n]}${t}</li>`).join("")}</ol>`;
    });
    this.fill(".rnn-packing__data", steps.join(""));
  }
}

if (!customElements.get("rnn-packing")) customElements.define("rnn-packing", RnnPacking);
