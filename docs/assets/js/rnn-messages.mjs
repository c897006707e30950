// @ts-check
/**
 * <rnn-messages> is a field that finds the card of an error message on its page.
 *
 * A card is a closed box, its heading and what follows it; its messages are in .rnn-run__error, and a
 * browser opens it when a link leads into it. Numbers, quotes and punctuation do not count, and words that stand side by side count as a word more.
 * Without scripts there is no field: the cards are there to read.
 */

const SHOWN = 5;
const ENOUGH = 0.3; // of what the query's words weigh; below it a card is no answer
const BESIDE = 0.6; // of what the best card reaches; below it a card is beside the point
const TEXT = 0.7; // how much less a word counts that stands in a card's text, not in its messages
const UNKNOWN = 0.5; // how much less a word weighs that stands in no card
const TITLE = 0.01; // what the heading adds, between cards of one message

/**
 * @typedef {{ id: string, heading: Element, messages: { text: string, terms: Set<string> }[],
 *   terms: Set<string> }} Card
 */

/**
 * @param {string} text
 * @returns {string} the message itself of a pasted traceback, any other text as it is
 */
export function message(text) {
  const last = [...text.matchAll(/[A-Z][A-Za-z]*(?:Error|Exception|Warning): /g)].at(-1);
  return last && /Traceback|, line \d/.test(text) ? text.slice(last.index) : text;
}

/**
 * @param {string} text
 * @returns {Set<string>} its words, and its pairs of words that stand side by side
 */
export function terms(text) {
  const all = text.toLowerCase().match(/[^\W_]{2,}/g) ?? [];
  const words = all.filter((word) => !/^\d+(x\d+)?$/.test(word));
  return new Set([...words, ...words.slice(1).map((word, place) => `${words[place]} ${word}`)]);
}

/**
 * @param {Element} page
 * @returns {Card[]} its cards
 */
export function cards(page) {
  return [...page.querySelectorAll(".rnn-card")].map((card) => {
    const heading = /** @type {Element} */ (card.querySelector("h3"));
    const id = card.querySelector(".rnn-card__content")?.id ?? "";
    const said = [...card.querySelectorAll(".rnn-run__error")].map((box) => box.textContent ?? "");
    const messages = said.map((text) => ({ text, terms: terms(text) }));
    return { id, heading, messages, terms: terms(card.textContent ?? "") };
  });
}

/**
 * @param {Card[]} all
 * @param {string} query
 * @returns {{ card: Card, said: string }[]} the cards that fit, the best first, each with the
 *   message that fits best
 */
export function find(all, query) {
  const weights = new Map(
    [...terms(message(query))].map((term) => {
      const holders = all.filter((card) => card.terms.has(term)).length;
      return [term, Math.log(1 + all.length / (holders || 1)) * (holders ? 1 : UNKNOWN)];
    }),
  );
  const share = (/** @type {Set<string>} */ there) => {
    let [found, total] = [0, 0];
    for (const [term, weight] of weights) {
      total += weight;
      if (there.has(term)) found += weight;
    }
    return found / (total || 1);
  };
  const fitting = all
    .map((card) => {
      const fits = card.messages.map((one) => ({ said: one.text, score: share(one.terms) }));
      fits.sort((a, b) => b.score - a.score);
      const { said = "", score = 0 } = fits[0] ?? {};
      const fit = Math.max(score, TEXT * share(card.terms));
      return { card, said, score: fit + TITLE * share(terms(card.heading.textContent ?? "")) };
    })
    .sort((a, b) => b.score - a.score);
  const least = Math.max(ENOUGH, BESIDE * (fitting[0]?.score ?? 0));
  return fitting.filter(({ score }) => score >= least).slice(0, SHOWN);
}

class RnnMessages extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  connectedCallback() {
    const all = cards(this.closest("article") ?? document.body);
    this.classList.add("rnn-form");
    this.innerHTML = `
      <label>Your message, or the whole traceback
        <textarea rows="2" autocomplete="off" spellcheck="false"
          placeholder="RuntimeError: Expected hidden[0] size (1, 64, 128), got [1, 32, 128]"
        ></textarea></label>
      <p aria-live="polite">Numbers, versions and punctuation do not matter.</p>
      <ol></ol>`;
    const field = /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const look = () => this.#show(field.value, find(all, field.value));
    field.addEventListener("input", look, { signal });
    field.addEventListener("keydown", (event) => this.#goOn(event), { signal });
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /**
   * Enter goes to the first card.
   * @param {KeyboardEvent} event
   */
  #goOn(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.querySelector("a")?.click();
  }

  /**
   * List what was found, and say how much it was.
   * @param {string} query
   * @param {{ card: Card, said: string }[]} found
   */
  #show(query, found) {
    this.querySelector("ol")?.replaceChildren(
      ...found.map(({ card: { id, heading }, said }) => {
        const link = document.createElement("a");
        link.href = `#${id}`;
        link.append(...heading.cloneNode(true).childNodes);
        const line = document.createElement("span");
        line.textContent = said;
        const item = document.createElement("li");
        item.append(link, line);
        return item;
      }),
    );
    const many = `${found.length} cards fit, the best first`;
    const some = `${found.length === 1 ? "One card fits" : many}. Enter goes to the first.`;
    const none = "No card fits. Paste the last line of the traceback, whole.";
    const said = /** @type {Element} */ (this.querySelector("p"));
    said.textContent = query.trim() ? (found.length ? some : none) : "";
  }
}

if (!customElements.get("rnn-messages")) customElements.define("rnn-messages", RnnMessages);
