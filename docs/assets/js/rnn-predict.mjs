// @ts-check
/**
 * <rnn-predict> wraps a question, a numbered list of answers and a details box.
 *
 * Without scripts that is what it is: a list to think about, a box to open. This makes the list a
 * group of radio buttons; choosing one opens the box and marks what it says about the choice,
 * which is the item of the same number in the box's first list. Which choice is right, the build
 * has marked there: what the page's module gave.
 */

import { mark, write } from "./writing.mjs";

class RnnPredict extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  connectedCallback() {
    const list = this.querySelector(":scope > ol");
    const box = this.querySelector(":scope > details");
    if (!list || !(box instanceof HTMLDetailsElement)) return;
    const choices = this.#makeChoices(list);
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    choices.forEach((choice, place) =>
      choice.addEventListener("change", () => this.#answer(box, place), { signal }),
    );
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /**
   * Put a radio button before every item, named by the item's own text.
   * @param {Element} list
   * @returns {HTMLInputElement[]}
   */
  #makeChoices(list) {
    const group = `predict-${[...document.querySelectorAll("rnn-predict")].indexOf(this)}`;
    list.setAttribute("role", "radiogroup");
    list.setAttribute("aria-label", "Your answer");
    return [...list.children].map((item) => {
      const old = item.querySelector("input");
      if (old) return old;
      item.setAttribute("role", "presentation");
      const choice = document.createElement("input");
      choice.type = "radio";
      choice.name = group;
      const label = document.createElement("label");
      label.append(choice, ...item.childNodes);
      item.append(label);
      return choice;
    });
  }

  /**
   * Open the box and mark the item that speaks of the choice.
   * @param {HTMLDetailsElement} box
   * @param {number} place
   */
  #answer(box, place) {
    box.open = true;
    const choices = this.querySelectorAll(":scope > ol > li");
    const items = box.querySelectorAll("ol:first-of-type > li");
    items.forEach((item, number) => {
      mark(item, "chosen", number === place);
      mark(choices[number], "found", item.querySelector(".rnn-predict__right") !== null);
    });
    this.#announce(items[place]?.textContent ?? "");
    this.dispatchEvent(new CustomEvent("rnn-predict", { bubbles: true, detail: { choice: place } }));
  }

  /**
   * Say the answer to those who do not see it open.
   * @param {string} words
   */
  #announce(words) {
    if (!this.querySelector(":scope > .rnn-live__aloud"))
      this.insertAdjacentHTML("beforeend", '<div class="rnn-live__aloud"><p class="rnn-live__said" aria-live="polite"></p></div>');
    write(this.querySelector(".rnn-live__said"), words.trim());
  }
}

if (!customElements.get("rnn-predict")) customElements.define("rnn-predict", RnnPredict);
