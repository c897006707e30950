// @ts-check
/**
 * <rnn-atlas> makes a form of the atlas's tables: choose options, go to the page.
 *
 * The tables hold every constructor and every address; the form looks the chosen ones up in them.
 * Without scripts the tables are all there is, and they are complete.
 */

import { LiveForm, choice } from "./live-form.mjs";

/** The options, in the order in which an address names them; "" is the value that it leaves out. */
const OPTIONS = [
  {
    name: "Layer",
    values: { lstm: "LSTM", gru: "GRU", "rnn-tanh": "RNN tanh", "rnn-relu": "RNN relu" },
  },
  { name: "num_layers", values: { "1-layer": "1", "2-layers": "2", "3-layers": "3" } },
  { name: "bidirectional", values: { "": "False", bidirectional: "True" } },
  { name: "proj_size", values: { "": "0, none", "proj-size": "2" } },
  { name: "batch_first", values: { "": "False", "batch-first": "True" } },
  { name: "Input", values: { "": "batched", unbatched: "unbatched", packed: "packed" } },
];

/** Why there is no page; the only options that cannot be combined. */
const IMPOSSIBLE = "Only an LSTM takes proj_size: choose an LSTM, or 0.";

/**
 * @param {Element} page
 * @returns {Map<string, { address: string, constructor: string }>} every page of the tables, by the
 *   last part of its address
 */
function pagesOf(page) {
  const pages = new Map();
  for (const row of page.querySelectorAll("tbody tr")) {
    for (const link of row.querySelectorAll("a")) {
      const slug = link.pathname.replace(/\/(index\.html)?$/, "").split("/").pop();
      pages.set(slug, { address: link.href, constructor: row.querySelector("code")?.textContent });
    }
  }
  return pages;
}

class RnnAtlas extends LiveForm {
  /** @type {ReturnType<typeof pagesOf>} */
  #pages = new Map();

  connectedCallback() {
    this.#pages = pagesOf(this.closest("article") ?? document.body);
    if (!this.#pages.size) return; // a site that was built without the atlas's pages
    super.connectedCallback();
    this.listen("submit", () => {
      const page = this.#chosen();
      if (page) location.assign(page.address);
    });
  }

  markup() {
    const choices = OPTIONS.map(({ name, values }) =>
      choice("rnn-atlas", name, name, Object.entries(values)),
    );
    return `<form>${choices.join("")}<p><button>Open its page</button> <output></output></p></form>`;
  }

  show() {
    const page = this.#chosen();
    if (page) this.say(page.constructor);
    else this.refuse(IMPOSSIBLE);
  }

  #chosen() {
    const values = this.values();
    return this.#pages.get(OPTIONS.map(({ name }) => values.get(name)).filter(Boolean).join("-"));
  }
}

if (!customElements.get("rnn-atlas")) customElements.define("rnn-atlas", RnnAtlas);
