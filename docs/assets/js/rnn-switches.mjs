// @ts-check
/**
 * <rnn-switches> is the bracket counter with its gates at hand: a string, three sliders, c and h.
 *
 * What it shows is an LSTM(1, 1) whose biases set the gates; the page has the same in stills.
 */

import { lstm } from "./cells.mjs";
import { LiveForm, slider } from "./live-form.mjs";

/** The longest string, so that the drawing fits the column of a page. */
const MOST = 12;

const GATES = { i: "input gate", f: "forget gate", o: "output gate" };

/** CSS pixels of the drawing. */
const STEP = 38;
const LEFT = 92;
const STRIPS = { c: { top: 26, height: 96 }, h: { top: 162, height: 62 } };
const HEIGHT = 282;

/**
 * @param {string} brackets
 * @param {{ i: number, f: number, o: number }} gates each from 0 to 1
 * @returns {import("./cells.mjs").LSTMStep[]} the counter's steps
 */
export function count(brackets, gates) {
  const logit = (/** @type {number} */ gate) => Math.log(gate / (1 - gate)); // 0 and 1: infinite
  const weights = {
    weight_ih: [[0], [0], [20], [0]],
    weight_hh: [[0], [0], [0], [0]],
    bias_ih: [logit(gates.i), logit(gates.f), 0, logit(gates.o)],
    bias_hh: [0, 0, 0, 0],
  };
  return lstm(
    weights,
    [...brackets].map((bracket) => [bracket === "(" ? 1 : -1]),
  );
}

/**
 * @param {number} value
 * @param {number} [decimals]
 * @returns {string} with decimals, or, if it is whole, with none: 1 is exact, 1.00 is near it
 */
function written(value, decimals = 2) {
  const near = Math.abs(value) < 1e-12 ? 0 : value; // what rounding leaves of 0.1 − 0.1
  return (Number.isInteger(near) ? `${near}` : near.toFixed(decimals)).replace("-", "−");
}

/**
 * @param {"c" | "h"} letter
 * @param {number[]} values one for each step
 * @returns {string} SVG of one strip
 */
function strip(letter, values) {
  const { top, height } = STRIPS[letter];
  const low = Math.min(0, ...values);
  const high = Math.max(1, ...values);
  const y = (/** @type {number} */ value) => top + ((high - value) / (high - low)) * height;
  const x = (/** @type {number} */ t) => LEFT + (t + 0.5) * STEP;
  const points = values.map((value, t) => `${x(t)},${y(value).toFixed(1)}`);
  const zero = y(0).toFixed(1);
  const numbers = values.map((value, t) => {
    const above = value >= (values[t - 1] ?? -Infinity) || value >= (values[t + 1] ?? -Infinity);
    return `<text x="${x(t)}" y="${(y(value) + (above ? -9 : 19)).toFixed(1)}">${written(value)}</text>`;
  });
  const dots = points.map((point) => {
    const [cx, cy] = point.split(",");
    return `<circle cx="${cx}" cy="${cy}" r="4" />`;
  });
  const name = letter === "c" ? "cell state" : "hidden state";
  return `<path class="rnn-switches__zero" d="M${LEFT},${zero}H${LEFT + values.length * STEP}" />
    <g class="q-${letter}"><polyline points="${points.join(" ")}" />${dots.join("")}
    <text class="rnn-switches__letter" x="${LEFT - 12}" y="${zero}">${letter}</text></g>
    <text class="rnn-switches__name" x="${LEFT - 12}" y="${Number(zero) + 16}">${name}</text>
    ${numbers.join("")}`;
}

class RnnSwitches extends LiveForm {
  markup() {
    const sliders = Object.entries(GATES).map(([letter, name]) => {
      const words = `${name} <code class="q-${letter}">${letter}</code> =`;
      return slider("rnn-switches", letter, words, 'min="0" max="1" step="0.05" value="1"');
    });
    return `<p>The counter, its gates in your hands. A number without decimals is exact.</p>
      <form><div><label for="rnn-switches-text">brackets, up to ${MOST}</label><input
      id="rnn-switches-text" name="text" value="(()((())))" spellcheck="false"></div>
      ${sliders.join("")}</form><output></output><div class="rnn-figure__drawing rnn-form__found"
      role="region" tabindex="0" aria-label="c and h at each step"></div>`;
  }

  show() {
    const values = this.values();
    const text = `${values.get("text")}`;
    const gates = { i: 0, f: 0, o: 0 };
    for (const [letter, name] of Object.entries(GATES)) {
      gates[letter] = Number(values.get(letter));
      const value = written(gates[letter]);
      this.tellValue(letter, value, `${name} ${value}`);
    }
    const other = [...text].find((letter) => !"()".includes(letter));
    if (other) this.refuse(`Expected ( and ) alone, got "${other}": take it out.`);
    else if (!text) this.refuse("Type a bracket, ( or ).");
    else if (text.length > MOST) {
      this.refuse(`Expected up to ${MOST} brackets, got ${text.length}: take some out.`);
    } else this.#draw(text, gates);
  }

  /**
   * @param {string} text
   * @param {{ i: number, f: number, o: number }} gates
   */
  #draw(text, gates) {
    const steps = count(text, gates);
    const [c, h] = [steps.map((step) => step.c[0]), steps.map((step) => step.h[0])];
    const told = `c ends at ${written(c[c.length - 1], 4)}, h at ${written(h[h.length - 1], 4)}`;
    this.say(told);
    const width = LEFT + steps.length * STEP + 8;
    const symbols = [...text].map(
      (bracket, t) => `<text x="${LEFT + (t + 0.5) * STEP}" y="${HEIGHT - 8}">${bracket}</text>`,
    );
    this.fill(
      ".rnn-form__found",
      `<svg width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img"
        aria-label="${told}">${strip("c", c)}${strip("h", h)}${symbols.join("")}</svg>`,
    );
  }
}

if (!customElements.get("rnn-switches")) customElements.define("rnn-switches", RnnSwitches);
