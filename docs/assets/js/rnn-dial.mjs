// @ts-check
/**
 * <rnn-dial> turns one number of a layer: the gradient by lag moves, and with it half-life and reach.
 *
 * Every curve was measured when the page was made, by autograd; here is no mathematics but where a
 * point lies.
 */

import { LiveDrawing } from "./live-drawing.mjs";
import { hide, put } from "./writing.mjs";

/**
 * @typedef {object} Stop one setting: heights in hundredths of a point, lags, texts
 * @property {number[]} median
 * @property {number[]} low
 * @property {number[]} high
 * @property {number | null} half-life
 * @property {number} reach
 * @property {Record<string, string>} texts
 */

class RnnDial extends LiveDrawing {
  fields = [
    {
      name: this.settings.name.replace(" ", "-"),
      type: /** @type {const} */ ("number"),
      min: this.settings.min,
      max: this.settings.max,
      step: this.settings.step,
      default: this.settings.start,
    },
  ];

  build() {
    const [{ name }] = this.fields;
    this.querySelector(".rnn-figure__drawing")?.insertAdjacentHTML(
      "beforebegin",
      `<form class="rnn-live__controls">${this.slider(name, this.settings.name)}<button type="button"
      data-action="reset">Reset</button></form><p class="rnn-live__ghosted" hidden>Dashed: the setting
      before your last change.</p>`,
    );
  }

  /** @param {import("./live-drawing.mjs").Values} values @returns {Stop} */
  #stop(values) {
    const [{ name, min, step }] = this.fields;
    return this.settings.stops[Math.round((Number(values[name]) - min) / step)];
  }

  /** @param {number[]} heights @returns {string[]} points, as a path has them */
  #points(heights) {
    return heights.map((height, lag) => `${this.settings.x[lag]},${height / 100}`);
  }

  showDrawing() {
    const stop = this.#stop(this.values);
    const line = `M${this.#points(stop.median).join("L")}`;
    const band = [...this.#points(stop.low), ...this.#points(stop.high).reverse()];
    this.#draw("dial-median", line);
    this.#draw("dial-band", `M${band.join("L")}Z`);
    this.#mark("half-life", stop["half-life"]);
    this.#mark("reach", stop.reach);
  }

  showWords() {
    const [{ name }] = this.fields;
    const { texts } = this.#stop(this.values);
    this.write(texts);
    const said = `${texts.setting}: ${[0, 20, 40, 59].map((lag) => `lag ${lag} ${texts[`lag-${lag}`]}`).join(", ")}`;
    this.showSlider(name, texts.setting, said);
    this.#showGhost();
  }

  told() {
    const { texts } = this.#stop(this.values);
    return `${this.settings.name} ${texts.setting}, half-life ${texts["half-life"]}, reach ${texts.reach}`;
  }

  /** @param {string} name @param {string} d */
  #draw(name, d) {
    this.put(name, "d", d);
  }

  /** @param {"half-life" | "reach"} name @param {number | null} lag none where the curve never comes so low */
  #mark(name, lag) {
    const [line, text] = [this.part(`dial-${name}`), this.part(`dial-${name}-name`)];
    const { x, ends, start } = this.settings;
    const outside = lag === null || lag > x.length - 1;
    for (const part of [line, text]) put(part, "visibility", outside ? "hidden" : "visible");
    const at = (/** @type {number} */ lag) => x[0] + lag * (x[1] - x[0]);
    const here = at(lag ?? 0);
    this.put(`dial-${name}`, "d", `M${here},${ends[0]}L${here},${ends[1]}`);
    const first = at(this.#stop({ [this.fields[0].name]: start })[name] ?? 0);
    put(text, "transform", `translate(${here - first},0)`);
  }

  /** Draw the setting before as a dashed line. */
  #showGhost() {
    const shown = this.ghost && this.#stop(this.ghost) !== this.#stop(this.values);
    hide(/** @type {HTMLElement} */ (this.querySelector(".rnn-live__ghosted")), !shown);
    const d = this.ghost && shown ? `M${this.#points(this.#stop(this.ghost).median).join("L")}` : "";
    this.showGhost(this.part("dial-median"), d);
  }
}

if (!customElements.get("rnn-dial")) customElements.define("rnn-dial", RnnDial);
