// @ts-check
/**
 * <rnn-rows> draws layers, directions and steps as a table, and says where each row of h_n is.
 *
 * The page has the same in figures; a browser test holds `rows` to live modules, in all 24 cases.
 */

import { LiveForm, choice } from "./live-form.mjs";

/** hidden_size of the page's layers. */
const H = 3;

const DIRECTIONS = ["forward", "reverse"];

/** The fields: the values that each can have, and the one of the page's own case. */
const FIELDS = {
  layers: { words: "num_layers", values: [1, 2, 3], start: 2 },
  directions: { words: "directions", values: [1, 2], start: 2 },
  steps: { words: "L, steps", values: [2, 3, 4, 5], start: 4 },
};

/**
 * @typedef {object} Row of h_n
 * @property {number} k
 * @property {number} layer
 * @property {number} direction 0 forward, 1 reverse
 * @property {number} step the last one that it reads
 * @property {string} twin the slice of output that equals it; "" if there is none
 */

/**
 * @param {number} layers
 * @param {number} directions
 * @param {number} steps
 * @returns {Row[]} the rows of h_n, in order
 */
export function rows(layers, directions, steps) {
  return Array.from({ length: layers * directions }, (_, k) => {
    const layer = Math.floor(k / directions);
    const direction = k % directions;
    const half = directions === 1 ? "" : direction ? `, :, ${H}:` : `, :, :${H}`;
    const twin = layer === layers - 1 ? `output[${direction ? 0 : -1}${half}]` : "";
    return { k, layer, direction, step: direction ? 0 : steps - 1, twin };
  });
}

/** @param {Row} row */
function told({ k, layer, direction, step, twin }) {
  const where = `h_n[${k}] is layer ${layer}, ${DIRECTIONS[direction]}, after step ${step}`;
  return twin
    ? `${where}. It equals ${twin}.`
    : `${where}. It is nowhere in output, which has the top layer alone.`;
}

class RnnRows extends LiveForm {
  /** The row of h_n that is pressed; if there is none of that number, the last one is. */
  #pressed = 3;

  markup() {
    const fields = Object.entries(FIELDS).map(([name, { words, values, start }]) =>
      choice("rnn-rows", name, words, values.map((value) => [`${value}`, `${value}`]), `${start}`),
    );
    return `<p>Press a row of h_n: where it was made, and where output has it. The top layer's h is
      output; with two directions each step of it has two halves, <code>:${H}</code> and
      <code>${H}:</code>.</p><form>${fields.join("")}</form><output></output><div
      class="rnn-table" tabindex="0" role="group" aria-label="Cells"><table class="rnn-cells">
      <caption>Every cell, the top layer first; those that leave as a row of h_n have its
      number</caption><thead></thead><tbody></tbody></table></div>`;
  }

  connectedCallback() {
    super.connectedCallback();
    this.listen("click", (event) => this.#press(event));
  }

  /** @param {Event} event */
  #press(event) {
    const button = event.target instanceof Element && event.target.closest("button");
    if (!(button instanceof HTMLButtonElement)) return;
    this.#pressed = Number(button.value);
    this.show();
    this.querySelector("button[aria-pressed=true]")?.focus();
  }

  show() {
    const values = this.values();
    const [layers, directions, steps] = Object.keys(FIELDS).map((name) => Number(values.get(name)));
    const found = rows(layers, directions, steps);
    const chosen = found[this.#pressed] ?? found[found.length - 1];
    this.say(told(chosen));
    const every = Array.from({ length: steps }, (_, t) => t);
    const head = every.map((t) => `<th scope="col">step ${t}</th>`);
    const halves = every.map((t) => {
      const equal = (/** @type {number} */ direction) =>
        chosen.twin && chosen.direction === direction && chosen.step === t;
      const parts = DIRECTIONS.slice(0, directions).map(
        (_, direction) => `<code${equal(direction) ? ' class="rnn-rows__twin"' : ""}>${
          directions === 1 ? "h" : direction ? `${H}:` : `:${H}`
        }</code>`,
      );
      return `<td>${parts.join(" ")}</td>`;
    });
    const body = [...found].reverse().map((row) => {
      const cells = every.map((t) => {
        if (t !== row.step) return "<td>·</td>";
        const pressed = row === chosen;
        return `<td><button type="button" value="${row.k}" aria-pressed="${pressed}"
          class="q-h">h_n[${row.k}]</button></td>`;
      });
      const arrow = row.direction ? "←" : "→";
      return `<tr><th scope="row">layer ${row.layer}, ${DIRECTIONS[row.direction]} <span
        aria-hidden="true">${arrow}</span></th>${cells.join("")}</tr>`;
    });
    this.fill("thead", `<tr><td></td>${head.join("")}</tr>`);
    const output = '<th scope="row"><code class="q-h">output</code></th>';
    this.fill("tbody", `<tr>${output}${halves.join("")}</tr>${body.join("")}`);
  }
}

if (!customElements.get("rnn-rows")) customElements.define("rnn-rows", RnnRows);
