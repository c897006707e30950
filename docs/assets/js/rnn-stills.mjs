// @ts-check
/**
 * <rnn-stills> holds figures that show the same thing at different moments; a slider chooses one.
 *
 *     <rnn-stills data-words="training steps" data-values="0 10 100" markdown>
 *
 * data-values names each figure's moment, in their order. Without scripts the figures stand below
 * each other, all of them.
 */

import { Frames } from "./frames.mjs";
import { keepSliders } from "./scrolling.mjs";
import { mark, write } from "./writing.mjs";

/**
 * Hide a figure, or show it. It keeps its place; nothing in it is seen, heard or has the focus.
 * @param {HTMLElement} figure
 * @param {boolean} hidden
 */
function hide(figure, hidden) {
  if (figure.hasAttribute("aria-hidden") === hidden) return;
  if (hidden) figure.setAttribute("aria-hidden", "true");
  else figure.removeAttribute("aria-hidden");
  const drawing = figure.querySelector(".rnn-figure__drawing");
  if (drawing instanceof HTMLElement) drawing.tabIndex = hidden ? -1 : 0;
}

class RnnStills extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  connectedCallback() {
    const figures = /** @type {HTMLElement[]} */ ([...this.querySelectorAll(":scope > figure")]);
    const values = (this.dataset.values ?? "").split(" ");
    if (figures.length < 2 || figures.length !== values.length) return;
    const range = this.querySelector("input") ?? this.#makeSlider(figures.length);
    let index = 0;
    const frames = new Frames([
      () => {
        range.value = `${index}`;
        range.setAttribute("aria-valuetext", `${values[index]} ${this.dataset.words}`);
        write(this.querySelector("output"), values[index]);
      },
      () => hide(figures[index], false),
      () => figures.forEach((figure, place) => hide(figure, place !== index)),
    ]);
    /** @param {number} chosen */
    const show = (chosen) => {
      index = chosen;
      frames.all();
    };
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    keepSliders(this, signal);
    range.addEventListener(
      "input",
      () => {
        index = Number(range.value);
        frames.begin(0, 1);
      },
      { signal },
    );
    const linked = () => {
      const named = figures.findIndex((figure) => `#${figure.id}` === location.hash);
      if (named >= 0) show(named);
    };
    addEventListener("hashchange", linked, { signal });
    mark(this, "stacked", true);
    show(0);
    linked();
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /**
   * @param {number} count
   * @returns {HTMLInputElement}
   */
  #makeSlider(count) {
    const label = document.createElement("label");
    label.className = "rnn-stills__slider";
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: "0", max: `${count - 1}`, step: "1" });
    range.setAttribute("aria-label", this.dataset.words ?? "");
    label.append(`${this.dataset.words} `, document.createElement("output"), range);
    this.prepend(label);
    return range;
  }
}

if (!customElements.get("rnn-stills")) customElements.define("rnn-stills", RnnStills);
