// @ts-check
/**
 * <rnn-atlas> makes a form of the atlas's table: choose options, go to the page.
 *
 * The table holds every address; the form reads the options from them. Without scripts the table
 * is all there is, and it is complete.
 */

/** The options, in the order in which an address names them; "" is the plain value. */
const OPTIONS = [
  { name: "layer", values: ["lstm", "gru", "rnn-tanh", "rnn-relu"] },
  { name: "layers", values: ["1-layer", "2-layers", "3-layers"] },
  { name: "direction", values: ["", "bidirectional"], plain: "forward only" },
  { name: "projection", values: ["", "proj-size"], plain: "none" },
  { name: "layout", values: ["", "batch-first"], plain: "steps first" },
  { name: "input", values: ["", "unbatched", "packed"], plain: "batched" },
];

class RnnAtlas extends HTMLElement {
  /** @type {AbortController | undefined} */
  #listening;

  connectedCallback() {
    const page = this.closest("article") ?? document.body;
    /** @type {Map<string, string>} */
    const pages = new Map();
    page.querySelectorAll("table a").forEach((link) => {
      const address = link.getAttribute("href") ?? "";
      pages.set(address.replace(/\/(index\.html)?$/, "").split("/").pop() ?? "", address);
    });
    this.innerHTML = `<form class="rnn-atlas">${OPTIONS.map(
      ({ name, values, plain }) => `<label>${name}<select name="${name}">${values
        .map((value) => `<option value="${value}">${value.replaceAll("-", " ") || plain}</option>`)
        .join("")}</select></label>`,
    ).join("")}<button>Open the page</button><output></output></form>`;
    const form = /** @type {HTMLFormElement} */ (this.querySelector("form"));
    this.#listening = new AbortController();
    form.addEventListener("submit", (event) => this.#open(event, form, pages), {
      signal: this.#listening.signal,
    });
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /**
   * Go to the page of the chosen options, or say why there is none.
   * @param {Event} event
   * @param {HTMLFormElement} form
   * @param {Map<string, string>} pages
   */
  #open(event, form, pages) {
    event.preventDefault();
    const chosen = new FormData(form);
    const slug = OPTIONS.map(({ name }) => chosen.get(name)).filter(Boolean).join("-");
    const address = pages.get(slug);
    if (address) {
      location.href = new URL(address, location.href).href;
      return;
    }
    const output = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
    output.textContent = "Only an LSTM takes proj_size; choose another layer or no projection.";
  }
}

if (!customElements.get("rnn-atlas")) customElements.define("rnn-atlas", RnnAtlas);
