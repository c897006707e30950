// @ts-check
/**
 * The inside of one cell of <rnn-lattice>: the drawing of its kind, with its numbers.
 */

import { joinsOf, partsOf, writeJoins } from "./cell-joins.mjs";
import { KINDS, named, reads } from "./lattice-run.mjs";
import { number } from "./numbers.mjs";
import { write } from "./writing.mjs";

/** How far a drawing may shrink before it scrolls: its smallest numbers are 9 pixels high then. */
const LEAST = { wide: 0.82, narrow: 0.9 };

export class CellInside {
  /** @type {HTMLDialogElement} */
  #dialog;

  /** Kind whose drawing is shown, and whether it is the narrow one. */
  #mode = "";

  #narrow = matchMedia("screen and (max-width: 47em)");

  /** Number of the cell that is shown. */
  #count = 0;

  /**
   * @param {Element} root where the dialog belongs
   * @param {string} id
   * @param {(count: number) => void} go open another cell; 0 closes
   */
  constructor(root, id, go) {
    root.insertAdjacentHTML("beforeend", `<dialog class="rnn-lattice__inside" aria-labelledby="${id}">
      <div class="rnn-lattice__bar"><p id="${id}"></p><button type="button" value="-1" aria-label="The cell before it">‹</button>
      <button type="button" value="1" aria-label="The cell after it">›</button>
      <button type="button" value="0" autofocus>Close</button></div>
      <div class="rnn-lattice__drawing" tabindex="0" role="group" aria-label="Drawing of the cell"></div>
      <p aria-live="polite"></p></dialog>`);
    this.#dialog = /** @type {HTMLDialogElement} */ (root.lastElementChild);
    this.#dialog.addEventListener("close", () => {
      document.documentElement.style.removeProperty("overflow");
      go(0);
    });
    this.#dialog.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (button?.value === "0" || event.target === this.#dialog) this.#dialog.close();
      else if (button) go(this.#count + Number(button.value));
    });
  }

  /**
   * @param {number} count which cell, from 1, in torch's order; 0 for none
   * @param {number} all how many there are
   * @param {import("./lattice-run.mjs").Shape} shape
   * @param {import("./lattice-run.mjs").Cell | undefined} cell
   * @param {Record<string, number[]> | undefined} joins its numbers
   * @param {import("./lattice-files.mjs").Files | undefined} files
   */
  show(count, all, shape, cell, joins, files) {
    this.#count = count;
    if (!cell || !joins) {
      if (this.#dialog.open) this.#dialog.close();
      return;
    }
    const [title, said] = this.#dialog.querySelectorAll("p");
    write(title, `${KINDS[shape.mode][1]}, ${named(cell, shape.directions)} (cell ${count} of ${all})`);
    const read = joins.x.length > 3 ? `x = ${joins.x.map(number).join(", ")}. ` : "";
    write(said, `It reads ${reads(cell, shape)}. ${read}It gives h = ${joins.h.map(number).join(", ")}.`);
    for (const button of this.#dialog.querySelectorAll("button"))
      button.disabled = (button.value === "-1" && count === 1) || (button.value === "1" && count === all);
    if (!this.#dialog.open) {
      this.#dialog.showModal();
      document.documentElement.style.setProperty("overflow", "hidden"); // the page behind it stays
    }
    const narrow = this.#narrow.matches;
    const mode = `${shape.mode} ${narrow}`;
    const now = { joins, before: cell.direction ? "[t+1]" : "[t-1]" };
    if (this.#mode === mode) return this.#fill(now);
    this.#mode = mode;
    const box = this.#box;
    box.replaceChildren();
    files?.cell(shape.mode, narrow).then(
      (svg) => {
        if (this.#mode !== mode) return;
        svg.style.setProperty("min-width", `${Math.round(LEAST[narrow ? "narrow" : "wide"] * Number(svg.getAttribute("width")))}px`);
        box.replaceChildren(svg);
        this.#fill(this.#latest ?? now);
      },
      () => {
        this.#mode = "";
        box.textContent = "The drawing did not come.";
      },
    );
    this.#latest = now;
  }

  /** @typedef {{ joins: Record<string, number[]>, before: string }} Now numbers, and which step the past is */

  /** @type {Now | undefined} of the cell that is shown */
  #latest;

  get #box() {
    return /** @type {Element} */ (this.#dialog.querySelector(".rnn-lattice__drawing"));
  }

  /** @param {Now} now */
  #fill(now) {
    this.#latest = now;
    const { joins, before } = now;
    const parts = partsOf(this.#box.querySelectorAll("svg [id]"));
    writeJoins(joinsOf(parts), joins);
    // who reads from the right comes from the step after
    for (const state of ["h", "c"]) write(parts.get(`${state}-before`)?.querySelector("text:last-of-type"), before);
    const words = Object.entries(joins).map(([join, values]) => `${join} = ${values.map(number).join(", ")}`);
    const [title, desc] = this.#box.querySelectorAll("svg > :is(title, desc)");
    write(title, this.#dialog.querySelector("p")?.textContent ?? "");
    write(desc, `${words.join("; ")}.`);
  }
}
