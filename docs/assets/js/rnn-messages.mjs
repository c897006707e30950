// @ts-check
/**
 * <rnn-messages> is a field that finds the card of an error message on its page.
 *
 * A card is a heading with an id and what follows it; its messages are in .rnn-run__error. Numbers,
 * quotes and punctuation do not count, rare words count most. Without scripts there is no field:
 * the cards are there to read, and the page's own search finds them.
 */

const SHOWN = 5;
const ENOUGH = 0.3; // of what the query's words weigh; below it a card is no answer
const MESSAGE = 3; // how much more a word of the message counts than one of the text

/**
 * Split a text in words, numbers all alike.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  const plain = text.toLowerCase().replace(/\d+(\.\d+)?/g, " 0 ");
  return plain.match(/[a-z_]{2,}|0/g) ?? [];
}

/**
 * @typedef {{ heading: Element, messages: Set<string>, text: Set<string> }} Card
 */

/**
 * Read the cards of a page.
 * @param {Element} page
 * @returns {Card[]}
 */
export function cards(page) {
  const found = [];
  for (const heading of page.querySelectorAll("h3[id]")) {
    const messages = new Set(words(heading.textContent ?? ""));
    const text = new Set(messages);
    for (let part = heading.nextElementSibling; part; part = part.nextElementSibling) {
      if (/^H[1-3]$/.test(part.tagName)) break;
      words(part.textContent ?? "").forEach((word) => text.add(word));
      part.querySelectorAll(".rnn-run__error").forEach((message) => {
        words(message.textContent ?? "").forEach((word) => messages.add(word));
      });
    }
    found.push({ heading, messages, text });
  }
  return found;
}

/**
 * Return the cards that fit a query, the best first.
 * @param {Card[]} all
 * @param {string} query
 * @returns {Card[]}
 */
export function find(all, query) {
  const asked = [...new Set(words(query))];
  const weights = asked.map((word) => {
    const holders = all.filter((card) => card.text.has(word)).length;
    return holders ? Math.log(1 + all.length / holders) : 0;
  });
  const total = MESSAGE * weights.reduce((sum, weight) => sum + weight, 0);
  if (!total) return [];
  return all
    .map((card) => {
      const score = asked.reduce((sum, word, place) => {
        const counts = card.messages.has(word) ? MESSAGE : card.text.has(word) ? 1 : 0;
        return sum + counts * weights[place];
      }, 0);
      return { card, score: score / total };
    })
    .filter(({ score }) => score >= ENOUGH)
    .sort((a, b) => b.score - a.score)
    .slice(0, SHOWN)
    .map(({ card }) => card);
}

class RnnMessages extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  connectedCallback() {
    const page = this.closest("article") ?? document.body;
    const all = cards(page);
    this.innerHTML = `
      <label class="rnn-messages__label">Your message
        <input class="rnn-messages__field" type="search" autocomplete="off" spellcheck="false"
          placeholder="Expected hidden[0] size (1, 64, 128), got [1, 32, 128]">
      </label>
      <p class="rnn-messages__said" aria-live="polite"></p>
      <ol class="rnn-messages__found"></ol>`;
    const field = /** @type {HTMLInputElement} */ (this.querySelector("input"));
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    field.addEventListener("input", () => this.#show(field.value, find(all, field.value)), { signal });
    field.addEventListener(
      "keydown",
      (event) => {
        const first = /** @type {HTMLAnchorElement | null} */ (this.querySelector("a"));
        if (event.key === "Enter" && first) first.click();
      },
      { signal },
    );
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /**
   * List what was found, and say how much it was.
   * @param {string} query
   * @param {Card[]} found
   */
  #show(query, found) {
    const list = /** @type {Element} */ (this.querySelector("ol"));
    const said = /** @type {Element} */ (this.querySelector("p"));
    list.replaceChildren(
      ...found.map(({ heading }) => {
        const link = document.createElement("a");
        link.href = `#${heading.id}`;
        link.textContent = (heading.firstChild?.textContent ?? heading.id).trim();
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
    const count = found.length === 1 ? "One card fits." : `${found.length} cards fit, the best first.`;
    const none = "No card fits. Paste the last line of the traceback, whole.";
    said.textContent = query.trim() ? (found.length ? count : none) : "";
  }
}

if (!customElements.get("rnn-messages")) customElements.define("rnn-messages", RnnMessages);
