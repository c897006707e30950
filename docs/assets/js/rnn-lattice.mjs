// @ts-check
/**
 * <rnn-lattice> is a layer over its steps in the reader's hands: choose it, compute it cell by cell,
 * open a cell, follow a row of h_n.
 *
 * The drawings are Python's: the page has one, others are fetched when they are chosen. Numbers are
 * computed with the live module's weights, and written into the boxes. `show` does all of it, from
 * the state alone.
 */

import { read, set, writeAddress } from "./address.mjs";
import { Frames } from "./frames.mjs";
import { CellInside } from "./lattice-cell.mjs";
import { LIT, LatticeDrawing, PIECES, WRITTEN } from "./lattice-drawing.mjs";
import { Files } from "./lattice-files.mjs";
import { KINDS, MODES, compute, inside, named, order, reads, rows } from "./lattice-run.mjs";
import { LivePlayer } from "./live-player.mjs";
import { number } from "./numbers.mjs";
import { put, write } from "./writing.mjs";

/**
 * @typedef {object} Settings
 * @property {import("./cells.mjs").Configuration} configuration of the page's own module
 * @property {number} steps
 * @property {number} narrow_steps
 * @property {Record<string, any>} weights
 * @property {import("./cells.mjs").Sequence} input
 */

const OWN = /^(kind|layers|directions|steps|at|row|open)$/;

/** What is chosen by radio buttons: the words over them, and those on them. */
const CHOICES = {
  kind: ["Kind", MODES.map((mode) => KINDS[mode][1])],
  layers: ["num_layers", ["1", "2", "3"]],
  directions: ["Directions", ["1", "2"]],
  steps: ["Steps", ["2", "3", "4", "5"]],
};

/** What stands where a row's path is told, while none is followed. */
const HINT = "<p>Choose a row: what made it, the cell that it lies in, and where output has it.</p>";

class RnnLattice extends LivePlayer {
  beat = 700;

  /** @type {Settings} */
  #settings = JSON.parse(this.dataset.settings ?? "{}");

  /** @type {import("./address.mjs").Values} what is set otherwise than the page has it */
  #values = {};

  /** Field that the newest address is of. */
  #pushed = "";

  #narrow = matchMedia("screen and (max-width: 47em)");

  /** @type {Files | undefined} */
  #files;

  /** @type {CellInside | undefined} */
  #inside;

  /** @type {import("./lattice-files.mjs").Found | undefined} what the state needs */
  #found;

  /** @type {LatticeDrawing | undefined} whose cells have the buttons */
  #drawing;

  /** @type {{ key: string, weights: Record<string, any>, result: import("./cells.mjs").Result } | undefined} */
  #run;

  /** What lies over the drawing: a button for each of its cells. */
  #cells = document.createElement("div");

  connectedCallback() {
    super.connectedCallback();
    const { signal } = this;
    this.#narrow.addEventListener("change", () => this.show(), { signal });
    this.addEventListener("keydown", (event) => this.#walk(event), { signal });
    const watch = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      this.closest("figure")?.classList.add("rnn-figure--seen");
      watch.disconnect();
    });
    watch.observe(this);
    signal.addEventListener("abort", () => watch.disconnect());
  }

  build() {
    this.#files = new Files(this, this.#settings);
    this.#cells.className = "rnn-lattice__cells";
    this.#cells.setAttribute("role", "group");
    this.#cells.setAttribute("aria-label", "Cells; arrows go from one to the next, Enter opens it");
    this.insertAdjacentHTML("afterbegin", `<form class="rnn-lattice__choices">${Object.keys(CHOICES)
      .map((name) => this.#choiceHtml(/** @type {keyof CHOICES} */ (name)))
      .join("")}</form>`);
    this.insertAdjacentHTML("beforeend", `${this.transportHtml("at", "Cell")}
      <div class="rnn-lattice__now"><p aria-live="polite"></p><p></p></div>
      <fieldset class="rnn-lattice__rows"><legend>Follow a row of <code>h_n</code></legend><div></div></fieldset>
      <div class="rnn-lattice__row" aria-live="polite"></div>`);
    this.#inside = new CellInside(this, this.ownId("inside"), (count) => this.#open(count));
  }

  /** @param {keyof CHOICES} name @returns {string} HTML of a group of radio buttons */
  #choiceHtml(name) {
    const [words, texts] = /** @type {[string, string[]]} */ (CHOICES[name]);
    const first = name === "steps" ? 2 : name === "kind" ? 0 : 1;
    return radios(this.ownId(name), name, words, texts.map((text, at) => [`${at + first}`, text]));
  }

  /** @returns {import("./address.mjs").Field[]} all that can be set; the address goes by this table */
  get #fields() {
    const { kind, layers, directions, steps } = this.#values;
    const key = `${[kind, layers, directions, steps, this.#narrow.matches]}`;
    if (this.#table?.key !== key) this.#table = { key, fields: this.#fieldsNow() };
    return this.#table.fields;
  }

  /** @type {{ key: string, fields: import("./address.mjs").Field[] } | undefined} the table, and what it depends on */
  #table;

  /** @returns {import("./address.mjs").Field[]} */
  #fieldsNow() {
    const { mode, num_layers = 1, bidirectional } = this.#settings.configuration;
    const whole = /** @type {const} */ ("whole");
    const steps = this.#narrow.matches ? this.#settings.narrow_steps : this.#settings.steps;
    const shape = [
      { name: "kind", type: /** @type {const} */ ("choice"), choices: MODES.map((one) => KINDS[one][0]), min: 0, max: 3, default: MODES.indexOf(mode) },
      { name: "layers", type: whole, min: 1, max: 3, default: num_layers },
      { name: "directions", type: whole, min: 1, max: 2, default: bidirectional ? 2 : 1 },
      { name: "steps", type: whole, min: 2, max: 5, default: steps },
    ];
    const [, layers, directions, columns] = shape.map((field) => this.#values[field.name] ?? field.default);
    const all = layers * directions * columns;
    return [
      ...shape,
      { name: "at", type: whole, min: 0, max: all, default: all },
      { name: "row", type: whole, min: -1, max: layers * directions - 1, default: -1 },
      { name: "open", type: whole, min: 0, max: all, default: 0 },
    ];
  }

  /** @param {string} name @returns {import("./address.mjs").Field} */
  #field(name) {
    return /** @type {import("./address.mjs").Field} */ (this.#fields.find((one) => one.name === name));
  }

  /** @param {string} name @returns {number} what is set, or as given */
  #value(name) {
    const field = this.#field(name);
    return Math.min(field.max, this.#values[name] ?? field.default ?? 0);
  }

  /** @returns {import("./lattice-run.mjs").Shape} */
  get #shape() {
    const [kind, layers, directions, steps] = Object.keys(CHOICES).map((name) => this.#value(name));
    return { mode: MODES[kind], layers, directions, steps };
  }

  get position() {
    return this.#value("at");
  }

  get start() {
    return 1;
  }

  get end() {
    return order(this.#shape).length;
  }

  restore() {
    const said = new URLSearchParams(this.addressed ? location.search : "");
    this.#values = {};
    for (let at = 0; at < this.#fields.length; at += 1) {
      const field = this.#fields[at]; // the later ones depend on the earlier
      set(this.#values, field, read(field, said.get(field.name)));
    }
    this.#pushed = "";
    this.show();
  }

  /**
   * Set a value and show what comes of it.
   * @param {string} name
   * @param {number} value
   */
  #change(name, value) {
    const field = this.#field(name);
    if (!field || value < field.min || value > field.max) return;
    // what is opened is computed first
    if (name === "open" && value > this.position) set(this.#values, this.#field("at"), value);
    set(this.#values, field, value);
    if (name in CHOICES) {
      delete this.#values.at;
      delete this.#values.open;
      if (this.#value("row") !== (this.#values.row ?? -1)) delete this.#values.row;
    }
    this.#showChosen(); // what is under the hand, at once
    this.#showSoon();
    if (this.addressed) this.#write(name);
  }

  /** @param {string} name of what was changed */
  #write(name) {
    const said = Object.entries(this.#values).map(([key, value]) => [key, key === "kind" ? KINDS[MODES[value]][0] : value]);
    if (said.length && !("steps" in this.#values)) said.push(["steps", this.#value("steps")]); // others' screens have other defaults
    writeAddress(OWN, Object.fromEntries(said), name === "at" || (name === this.#pushed && name !== "open"));
    this.#pushed = name;
  }

  /** @param {Event} event */
  take({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    this.stop();
    this.#change(target.dataset.field ?? "", Number(target.value));
  }

  /** @param {number} position */
  go(position) {
    this.#change("at", position);
  }

  reset() {
    this.#values = {};
    this.#showSoon();
    if (this.addressed) this.#write("reset");
  }

  /** @param {Event} event a cell, or a row of h_n in the drawing */
  press(event) {
    const target = /** @type {Element} */ (event.target);
    const cell = target.closest(".rnn-lattice__cells button");
    const row = /-[hc]_n-(\d+)$/.exec(target.closest('g[id*="_n-"]')?.id ?? "");
    if (cell || row) this.stop();
    if (cell) this.#open(Number(/** @type {HTMLButtonElement} */ (cell).value));
    else if (row) this.#change("row", Number(row[1]) === this.#value("row") ? -1 : Number(row[1]));
  }

  /** @param {number} count of the cell that is opened; 0 to close */
  #open(count) {
    if (count !== this.#value("open")) this.#change("open", count);
  }

  /** @param {KeyboardEvent} event arrows go from cell to cell */
  #walk(event) {
    const cell = /** @type {Element} */ (event.target).closest(".rnn-lattice__cells button");
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const way = ways[/** @type {keyof ways} */ (event.key)];
    if (!(cell instanceof HTMLButtonElement) || !way) return;
    event.preventDefault();
    const { directions } = this.#shape;
    const cells = order(this.#shape);
    const from = cells[Number(cell.value) - 1];
    const row = from.layer * directions + from.direction + way[1];
    const next = cells.findIndex((one) => one.layer * directions + one.direction === row && one.step === from.step + way[0]);
    if (next < 0) return;
    for (const button of this.querySelectorAll(".rnn-lattice__cells button"))
      /** @type {HTMLButtonElement} */ (button).tabIndex = Number(/** @type {HTMLButtonElement} */ (button).value) === next + 1 ? 0 : -1;
    /** @type {HTMLElement} */ (this.querySelector(`.rnn-lattice__cells button[value="${next + 1}"]`)).focus();
  }

  show() {
    this.#find(() => this.#frames.all());
  }

  /** Show what a gesture has made of the state, in several frames. */
  #showSoon() {
    this.#find(() => this.#frames.begin(0, 1));
  }

  /** @returns {Promise<void>} kept when all of the newest state is shown */
  get settled() {
    return this.#frames.settled;
  }

  /**
   * Find what the state needs, and show it then.
   * @param {() => void} show
   */
  #find(show) {
    const shape = this.#shape;
    const found = this.#files?.at(shape, this.#narrow.matches);
    if (!found) return;
    if (found instanceof Promise) {
      this.#frames.stop(); // they would show this state in the drawing of the one before
      this.#showControls();
      this.setAttribute("aria-busy", "true");
      // show again: it is there now, but something else may be wanted, or wanted too
      found.then(() => this.#find(show), () => {
        this.removeAttribute("aria-busy");
        this.#say("The drawing did not come. Reload the page when there is a network.", "");
      });
      return;
    }
    this.removeAttribute("aria-busy");
    this.#found = found;
    this.#compute(found.weights);
    show();
  }

  /** @param {Record<string, any>} weights compute all cells, where the shape or the weights are others */
  #compute(weights) {
    const shape = this.#shape;
    const key = JSON.stringify(shape);
    if (this.#run?.key !== key || this.#run.weights !== weights)
      this.#run = { key, weights, result: compute(shape, weights, this.#settings.input) };
  }

  /** @returns {boolean} whether the drawing of the state is in the page */
  get #isPut() {
    return this.#files?.shown(this.#narrow.matches) === this.#found?.drawing.svg;
  }

  /** @returns {import("./lattice-drawing.mjs").Shown} the state, as its drawing shows it */
  get #shown() {
    const { result } = /** @type {NonNullable<typeof this.#run>} */ (this.#run);
    const at = this.position;
    const asDrawn = Boolean(this.#found?.own) && at === this.end;
    return { shape: this.#shape, result, at, row: this.#value("row"), asDrawn };
  }

  /** What each frame shows. */
  #frames = new Frames([
    () => this.#showFirst(),
    ...Array.from({ length: LIT - 1 }, (_, turn) => () => this.#whereItIsPut(() => this.#wanted.showMarks(this.#shown, turn + 1))),
    ...Array.from({ length: WRITTEN }, (_, turn) => () => this.#whereItIsPut(() => this.#wanted.showNumbers(this.#shown, turn))),
    () => this.#makeRoom(),
    ...Array.from({ length: 1 + PIECES }, () => () => this.#showPiece()),
    () => this.#showWords(),
  ]);

  /** @param {() => void} show @returns {boolean} false if nobody sees it yet: then it needs no frame */
  #whereItIsPut(show) {
    show();
    return this.#isPut;
  }

  /** @returns {LatticeDrawing} the one that the state needs */
  get #wanted() {
    return /** @type {import("./lattice-files.mjs").Found} */ (this.#found).drawing;
  }

  /** Show what is lit, at first in a part of the drawing; in all that is not in the page yet, and its numbers. */
  #showFirst() {
    this.#wanted.showMarks(this.#shown, 0);
    if (this.#isPut) return;
    for (let turn = 1; turn < LIT; turn += 1) this.#wanted.showMarks(this.#shown, turn);
    for (let turn = 0; turn < WRITTEN; turn += 1) this.#wanted.showNumbers(this.#shown, turn);
    this.#wanted.empty();
  }

  /** @returns {boolean} false if the drawing is in the page; else the one in its place goes first */
  #makeRoom() {
    if (this.#isPut) return false;
    this.#drawing?.empty();
    return true;
  }

  /** @returns {boolean | void} false if the drawing is in the page, and whole; else it is put there, or its next piece */
  #showPiece() {
    if (this.#isPut) return this.#wanted.fill();
    this.#files?.put(this.#wanted.svg, this.#narrow.matches);
  }

  /** Show what stands around the drawing, and lies over it. */
  #showWords() {
    const { drawing, weights } = /** @type {import("./lattice-files.mjs").Found} */ (this.#found);
    const { shape, result } = this.#shown;
    this.#showControls();
    this.#showNow(result);
    drawing.showWords(this.#shown);
    if (this.#drawing !== drawing) this.#placeCells(drawing);
    this.#drawing = drawing;
    const open = this.#value("open");
    const cell = order(shape)[open - 1];
    const joins = cell && inside(shape, weights, this.#settings.input, result, cell);
    this.#inside?.show(open, this.end, shape, cell, joins, this.#files);
  }

  /** @param {LatticeDrawing} drawing lay a button over each of its cells */
  #placeCells(drawing) {
    const shape = this.#shape;
    const layer = this.#cells;
    const { width, height } = drawing.svg.viewBox.baseVal;
    layer.style.setProperty("max-width", `${width}px`);
    layer.style.setProperty("aspect-ratio", `${width} / ${height}`);
    const there = /** @type {HTMLButtonElement[]} */ ([...layer.children]);
    const buttons = order(shape).map((cell, index) => {
      const button = there[index] ?? document.createElement("button");
      put(button, "type", "button");
      put(button, "value", `${index + 1}`);
      put(button, "tabindex", index ? "-1" : "0");
      put(button, "aria-label", `Open ${named(cell, shape.directions)}`);
      put(button, "aria-haspopup", "dialog");
      for (const [side, part] of Object.entries(drawing.extent(cell)))
        button.style.setProperty(side, `${(100 * part).toFixed(2)}%`);
      return button;
    });
    if (there.length !== buttons.length) layer.replaceChildren(...buttons); // else they are there already
    // a layer that is moved or made anew has a browser style the drawing beside it again
    if (layer.previousElementSibling !== drawing.svg) drawing.svg.after(layer);
  }

  /** Show what is chosen on the controls themselves. */
  #showChosen() {
    for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("input[type=radio]"))) {
      const checked = Number(control.value) === this.#value(control.dataset.field ?? "");
      if (control.checked !== checked) control.checked = checked;
    }
    const slider = /** @type {HTMLInputElement} */ (this.querySelector('input[data-field="at"]'));
    slider.max = `${this.end}`;
    slider.value = `${this.position}`;
    return slider;
  }

  #showControls() {
    this.#showRows();
    const slider = this.#showChosen();
    const { position, end } = this;
    slider.setAttribute("aria-valuetext", position ? named(order(this.#shape)[position - 1], this.#shape.directions) : "nothing computed");
    this.showTransport(`cell ${position} of ${end}`);
  }

  #showRows() {
    const { layers, directions, steps } = this.#shape;
    const box = /** @type {HTMLElement} */ (this.querySelector(".rnn-lattice__rows > div"));
    if (box.dataset.rows !== `${layers * directions}`) {
      box.dataset.rows = `${layers * directions}`;
      const all = rows(layers, directions, steps).map(({ k }) => [`${k}`, `h_n[${k}]`]);
      box.innerHTML = radioList(this.ownId("row"), "row", [["-1", "none"], .../** @type {[string, string][]} */ (all)]);
    }
    const told = /** @type {HTMLElement} */ (this.querySelector(".rnn-lattice__row"));
    const row = rows(layers, directions, steps)[this.#value("row")];
    const html = row ? rowHtml(row, directions) : HINT;
    if (told.dataset.of === html) return;
    told.dataset.of = html;
    told.innerHTML = html;
  }

  /** @param {import("./cells.mjs").Result} result */
  #showNow(result) {
    const shape = this.#shape;
    const cell = order(shape)[this.position - 1];
    if (!cell) return this.#say("Nothing is computed yet.", this.#ordered());
    const values = result.layers[cell.layer][cell.direction];
    const states = ["h", "c"].filter((letter) => values[letter]);
    const numbers = states.map((letter) => `${letter} = ${values[letter][cell.step][0].map(number).join(", ")}`);
    const done = this.position === this.end ? "All computed; the last was " : "";
    this.#say(`${done}${named(cell, shape.directions)}: ${numbers.join("; ")}`, `It reads ${reads(cell, shape)}. ${this.#ordered()}`);
  }

  /** @returns {string} */
  #ordered() {
    return this.#shape.directions === 2
      ? "A layer's two directions read nothing of each other: torch takes forward first, and the other order would give the same."
      : "";
  }

  /** @param {string} words @param {string} more what is not read aloud each time */
  #say(words, more) {
    const [said, below] = this.querySelectorAll(".rnn-lattice__now > p");
    write(said, words);
    write(below, more);
  }
}

/** @param {string} name @param {string} field @param {[string, string][]} options @returns {string} */
function radioList(name, field, options) {
  return options
    .map(([value, text]) => `<label><input type="radio" name="${name}" data-field="${field}" value="${value}"> <span>${text}</span></label>`)
    .join("");
}

/** @param {string} name @param {string} field @param {string} words @param {[string, string][]} options @returns {string} */
function radios(name, field, words, options) {
  return `<fieldset><legend>${words}</legend><div>${radioList(name, field, options)}</div></fieldset>`;
}

/**
 * @param {import("./lattice-run.mjs").Row} row
 * @param {number} directions
 * @returns {string} HTML: where the row is, and the code that reads it
 */
function rowHtml(row, directions) {
  const { k, twin, view } = row;
  const where = `<code>h_n[${k}]</code> is ${named(row, directions).replace("step", "after step")}.`;
  const equal = twin
    ? `It equals <code>${twin}</code>.`
    : "It is nowhere in <code>output</code>, which has the top layer alone.";
  const path = `Bright: all that it was made of${twin ? ", and its equal in output" : ""}.`;
  const code = [`h_n[${k}]`, view, ...(twin ? [twin] : [])].map((line) => `<code>${line}</code>`);
  return `<p>${where} ${equal} ${path}</p><p>Code that reads it: ${code.join(" · ")}</p>`;
}

if (!customElements.get("rnn-lattice")) customElements.define("rnn-lattice", RnnLattice);
