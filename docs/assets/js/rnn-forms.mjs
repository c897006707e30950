// @ts-check
/**
 * <rnn-forms> runs PyTorch's GRU and the paper's side by side, r held at a number for each unit.
 *
 * The drawing and its axes are Python's; the numbers come from gru-forms.mjs.
 */

import { bothForms } from "./gru-forms.mjs";
import { LiveDrawing } from "./live-drawing.mjs";
import { number } from "./numbers.mjs";
import { hide, put } from "./writing.mjs";

const WHOLE = /** @type {const} */ ("whole");

/** What counts as equal in float64: the rest is rounding. */
const ROUNDING = 1e-12;

class RnnForms extends LiveDrawing {
  fields = [
    ...this.settings.r.map((/** @type {number} */ start, /** @type {number} */ unit) => ({
      name: `r-${unit}`, type: /** @type {const} */ ("number"), min: 0, max: 1, step: 0.05, default: start,
    })),
    { name: "b-hn", type: WHOLE, min: 0, max: 1, step: 1, default: 1 },
    { name: "t", type: WHOLE, min: 0, max: this.settings.input.length - 1, step: 1, default: this.settings.step },
  ];

  build() {
    const units = this.settings.r.map((/** @type {number} */ _, /** @type {number} */ unit) =>
      this.slider(`r-${unit}`, `<code class="q-r">r</code> of unit ${unit}:`),
    );
    const id = `${this.closest("figure")?.id}-b-hn`;
    this.querySelector(".rnn-figure__drawing")?.insertAdjacentHTML(
      "beforebegin",
      `<form class="rnn-live__controls">${units.join("")}<div class="rnn-live__check"><input
      type="checkbox" id="${id}" data-field="b-hn"><label for="${id}">with the bias b<sub>hn</sub></label>
      </div>${this.slider("t", "step")}<button type="button" data-action="reset">Reset</button></form>
      <p class="rnn-live__ghosted" hidden>Dashed, lowest: the gap before your last change.</p>`,
    );
  }

  /** @param {import("./live-drawing.mjs").Values} values @returns {number[]} */
  #r(values) {
    return this.settings.r.map((/** @type {number} */ _, /** @type {number} */ unit) => Number(values[`r-${unit}`]));
  }

  /** @type {Map<string, { torch: number[][], paper: number[][], gap: number[] }>} the newest runs */
  #runs = new Map();

  /** @param {import("./live-drawing.mjs").Values} values */
  #run(values) {
    const key = JSON.stringify({ ...values, t: 0 });
    const known = this.#runs.get(key) ?? this.#computed(values);
    if (this.#runs.size > 2) this.#runs.clear(); // what is shown, and the ghost
    this.#runs.set(key, known);
    return known;
  }

  /** @param {import("./live-drawing.mjs").Values} values */
  #computed(values) {
    const weights = { ...this.settings.weights };
    const units = this.settings.r.length;
    if (!values["b-hn"])
      weights.bias_hh = weights.bias_hh.map((/** @type {number} */ bias, /** @type {number} */ row) =>
        row < 2 * units ? bias : 0,
      );
    const { torch, paper } = bothForms(weights, this.settings.input, { r: this.#r(values) });
    const gap = torch.map((h, t) => {
      const most = Math.max(...h.map((value, unit) => Math.abs(value - paper[t][unit])));
      return most < ROUNDING ? 0 : most;
    });
    return { torch, paper, gap };
  }

  showDrawing() {
    const { torch, paper, gap } = this.#run(this.values);
    const { x, strips, gaps, pitch } = this.settings;
    for (const [name, run] of /** @type {[string, number[][]][]} */ ([["torch", torch], ["paper", paper]]))
      strips.forEach((/** @type {number[]} */ ends, /** @type {number} */ unit) => {
        const points = run.map((h, t) => `${x[t]},${height(ends, h[unit])}`);
        this.put(`forms-${name}-${unit}`, "d", `M${points.join("L")}`);
      });
    gap.forEach((value, t) => {
      const [left, right] = [x[t] - pitch / 4, x[t] + pitch / 4];
      const [bottom, top] = [height(gaps, 0), height(gaps, value)];
      const d = `M${left},${bottom}L${right},${bottom}L${right},${top}L${left},${top}Z`;
      this.put(`forms-gap-${t}`, "d", d);
    });
    const t = Number(this.values.t);
    put(this.part("forms-now"), "transform", `translate(${x[t] - x[this.settings.step]},0)`);
  }

  showWords() {
    const { torch, paper, gap } = this.#run(this.values);
    const t = Number(this.values.t);
    this.write({
      t: `${t}`,
      gap: number(gap[t]),
      why: this.#why(Math.max(...gap)),
      ...Object.fromEntries(torch[t].map((value, unit) => [`torch-${unit}`, number(value)])),
      ...Object.fromEntries(paper[t].map((value, unit) => [`paper-${unit}`, number(value)])),
    });
    this.#r(this.values).forEach((r, unit) => this.showSlider(`r-${unit}`, number(r), `r ${number(r)}`));
    this.showSlider("t", `${t}`, `step ${t}, gap ${number(gap[t])}`);
    const box = /** @type {HTMLInputElement} */ (this.querySelector('input[data-field="b-hn"]'));
    box.checked = Boolean(this.values["b-hn"]);
    this.#showGhost();
  }

  /** @param {number} most the largest gap @returns {string} one of Python's sentences */
  #why(most) {
    const [first, ...others] = this.#r(this.values);
    const { why } = this.settings;
    if (others.some((r) => r !== first)) return why.apart;
    if (first === 1) return why.open;
    return most === 0 ? why.none : why.bias;
  }

  told() {
    const { gap } = this.#run(this.values);
    return `gap at step ${this.values.t}: ${number(gap[Number(this.values.t)])}`;
  }

  /** Draw the gap before the last change as dashed tops of its bars. */
  #showGhost() {
    const { x, gaps, pitch } = this.settings;
    const before = this.ghost && this.#run(this.ghost).gap;
    const shown = before && `${before}` !== `${this.#run(this.values).gap}`;
    hide(/** @type {HTMLElement} */ (this.querySelector(".rnn-live__ghosted")), !shown);
    const tops = (before ?? []).map((value, t) => `M${x[t] - pitch / 3},${height(gaps, value)}h${pitch / 1.5}`);
    this.showGhost(this.part("forms-gap-0").parentElement, shown ? tops.join("") : "");
  }
}

/** @param {number[]} ends heights of 0 and of 1 @param {number} value @returns {number} its height */
const height = ([zero, one], value) => Number((zero + value * (one - zero)).toFixed(2));

if (!customElements.get("rnn-forms")) customElements.define("rnn-forms", RnnForms);
