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

/** What the Tab key comes to. */
const REACHED = "a, button, summary, [tabindex]";

/**
 * Have the pointer, the Tab key and those who hear the page meet a figure, or what is before it. It
 * keeps its place, and no style that its parts inherit is set: each of them would be styled anew.
 * @param {HTMLElement} figure
 * @param {boolean} met
 */
function meet(figure, met) {
  if (figure.hasAttribute("aria-hidden") !== met) return;
  if (met) figure.removeAttribute("aria-hidden");
  else figure.setAttribute("aria-hidden", "true");
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll(REACHED)))
    part.tabIndex = met ? 0 : -1;
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
        figures.forEach((figure, place) => mark(figure, "unseen", place !== index));
      },
      () => figures.forEach((figure, place) => meet(figure, place === index)),
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
