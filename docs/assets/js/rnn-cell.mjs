// @ts-check
/**
 * <rnn-cell> is one cell in the reader's hands: it plays, steps, and lets everything be taken hold of.
 *
 * The drawings are Python's, and complete without this: it writes numbers, moves bars, and lights
 * parts by ids that both sides know. `#show` does all of it, from the state alone.
 */

import { read, set, writeAddress } from "./address.mjs";
import { CellDrawing } from "./cell-drawing.mjs";
import { fields, holdable, run, signsOf, typed, weightFields } from "./cell-run.mjs";
import { Frames } from "./frames.mjs";
import { LivePlayer } from "./live-player.mjs";
import { number } from "./numbers.mjs";
import { hide, mark, put, write } from "./writing.mjs";

/**
 * @typedef {object} Control something that moves a field
 * @property {HTMLInputElement} input
 * @property {string} field its name, or what stands for one
 * @property {Element | null} knob what it is in, and is hidden with
 * @property {HTMLDetailsElement | null} box that can be closed
 * @property {string} shown what it shows, so that what is there already is not written again
 */

/** What a state is written into, beside the drawings and the knobs. */
const WORDS = {
  preset: "[data-preset]",
  why: ".rnn-cell__why > p",
  text: "input[data-text]",
  seen: ".rnn-cell__seen > span",
  stage: ".rnn-cell__stage select",
  code: ".rnn-cell__stage code",
  said: ".rnn-live__said",
  ghosted: ".rnn-cell__ghosted",
};

/** What is said of a preset whose numbers are no longer its own. */
const CHANGED = " Changed: Reset brings it back.";

/** @param {string} text @returns {string} as a field of numbers takes it */
const plain = (text) => text.replace("−", "-");

/** @param {number} value @returns {string} what is set, to four digits and as many decimals at most */
const short = (value) => `${Number(Number(value.toPrecision(4)).toFixed(4))}`;

class RnnCell extends LivePlayer {
  /** @type {import("./cell-run.mjs").Settings} */
  #settings = JSON.parse(this.dataset.settings ?? "{}");

  /** Number of the preset. */
  #preset = 0;

  /** @type {import("./address.mjs").Values} what is set otherwise than the preset has it */
  #values = {};

  /** @type {Record<string, number[]>[] | null} the last released run */
  #ghost = null;

  /** @type {Record<string, number[]>[]} the run as it was when the last gesture ended */
  #released = [];

  /** Field that the gesture in progress moves, and the one that the newest address is of. */
  #moved = "";
  #pushed = "";

  /** Whether the state is to be said to those who hear the page. */
  #saying = false;

  /** What the reader has typed, where the input is a text; null for what is there at first. */
  /** @type {string | null} */
  #text = null;

  /** Field of the weight that the slider below the weights moves. */
  #weight = "";

  /** @type {Frames | undefined} what shows the state */
  #frames;

  /** @type {Map<import("./cell-run.mjs").Preset, Map<string, import("./address.mjs").Field>>} */
  #known = new Map();

  /** @type {Record<string, number[]>[]} the run that is shown, and what it was made from */
  #steps = [];
  #key = "";

  /** @type {Control[]} everything with a field */
  #controls = [];

  /** @type {HTMLInputElement[]} the boxes that hold a gate */
  #holds = [];

  /** @type {Record<string, any>} what a state is written into, found once; null for what it has not */
  #words = {};

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener("focusin", (event) => this.#choose(event), { signal: this.signal });
    // weights in a closed box are not kept up to date
    this.querySelector(".rnn-cell__weights")?.addEventListener("toggle", () => this.show(), { signal: this.signal });
  }

  /** Find the drawings, and add the controls around them. */
  build() {
    const drawing = new CellDrawing(this, this.#settings);
    this.#frames = new Frames(this.#inFrames(drawing));
    this.insertAdjacentHTML("afterbegin", this.#presetsHtml());
    const cell = this.querySelector(".rnn-figure__narrow") ?? this.querySelector(".rnn-figure__drawing");
    if (this.#settings.simple) this.firstElementChild?.insertAdjacentHTML("afterend", this.#transport());
    else cell?.insertAdjacentHTML("afterend", this.#transport());
    this.insertAdjacentHTML("beforeend", this.#knobsHtml());
    this.#findControls();
    this.#holds = [...this.querySelectorAll("input")].filter((input) => input.dataset.hold);
    const words = Object.entries(WORDS).map(([name, selector]) => [name, this.querySelector(selector)]);
    this.#words = Object.fromEntries(words);
  }

  #findControls() {
    const inputs = [...this.querySelectorAll("input")].filter((input) => input.dataset.field);
    this.#controls = inputs.map((input) => ({
      input,
      field: input.dataset.field ?? "",
      knob: input.closest(".rnn-cell__knob"),
      box: input.closest("details"),
      shown: "",
    }));
  }

  #presetsHtml() {
    const options = this.#settings.presets.map(({ name }, at) => `<option value="${at}">${name}</option>`);
    const one = options.length === 1 ? " hidden" : "";
    return `<div class="rnn-cell__presets"><label for="${this.ownId("preset")}"${one}>What it does</label>
      <div class="rnn-cell__list"${one}><select id="${this.ownId("preset")}" data-preset>${options.join("")}</select></div>${this.#textHtml()}<div class="rnn-cell__why"><div>${this.#roomHtml()}</div><p></p></div></div>`;
  }

  /** @returns {string} what may stand there, not seen: so that its room is the same for all of them */
  #roomHtml() {
    const whys = this.#settings.presets.map(({ why }) => `<span aria-hidden="true">${why}${CHANGED}</span>`);
    return whys.join("");
  }

  /** @returns {string} a field for what the cell reads, where that is a text */
  #textHtml() {
    const { text, input } = this.#settings.presets[0];
    if (!text) return "";
    return `<label for="${this.ownId("text")}">It reads</label><input type="text" data-text id="${this.ownId("text")}"
      maxlength="${input.length}" size="${input.length + 2}" spellcheck="false" autocapitalize="off" autocomplete="off">
      <div class="rnn-cell__seen"><span></span></div>`;
  }

  #transport() {
    const { stages } = this.#settings;
    const options = stages.map(([name, what], at) => `<option value="${at + 1}">${at + 1}: ${name.length === 1 ? `${name}, ` : ""}${what}</option>`);
    const stage = stages.length
      ? `<div class="rnn-cell__stage"><label for="${this.ownId("stage")}">Stage of the step</label>
        <div class="rnn-cell__list"><select id="${this.ownId("stage")}" data-field="stage"><option value="0">all of it</option>${options.join("")}</select></div>
        <div class="rnn-cell__code"><div><code></code></div></div></div>`
      : "";
    return `${this.transportHtml("step", "Step")}${stage}<div class="rnn-live__aloud"><p class="rnn-live__said" aria-live="polite"></p></div>`;
  }

  /**
   * @param {string} field
   * @param {string} label HTML
   * @param {string} name for those who do not see the label
   * @param {number} step of the slider
   * @param {string} [more] HTML behind it
   * @returns {string} a slider, its number, both for one field
   */
  #knobHtml(field, label, name, step, more = "") {
    const about = `data-field="${field}" aria-label="${name}`;
    return `<div class="rnn-cell__knob"><span>${label}</span><input type="range" step="${step}"
      ${about}"><input type="number" step="any" ${about}, as a number">${more}</div>`;
  }

  #knobsHtml() {
    const { names, presets, mode, simple } = this.#settings;
    const letter = (/** @type {string} */ text) => `<code class="q-${text}">${text}</code>`;
    const gates = holdable(this.#settings).map((gate) =>
      this.#knobHtml(`hold-${gate}`, `${letter(gate)} ${names[gate]}`, `${gate}, ${names[gate]}`, 0.05,
        `<label><input type="checkbox" data-hold="${gate}"> hold</label>`),
    );
    const width = Math.max(...presets.map((preset) => preset.names.length));
    const inputs = Array.from({ length: width }, (_, column) =>
      this.#knobHtml(`x-${column}`, "", `input ${column}`, 0.1),
    );
    const states = (mode === "LSTM" ? ["c", "h"] : ["h"]).map((state) =>
      this.#knobHtml(`start-${state}`, `${letter(state)} ${names[state]}`, `${state} before step 0`, 0.1),
    );
    const group = (/** @type {string} */ legend, /** @type {string[]} */ knobs) =>
      knobs.length ? `<fieldset><legend>${legend}</legend>${knobs.join("")}</fieldset>` : "";
    const weights = `<details class="rnn-cell__weights"${gates.length ? "" : " open"}><summary>Weights and
      biases</summary><div class="rnn-cell__table"></div>${this.#knobHtml("w", "", "chosen weight", gates.length ? 0.5 : 0.1)}
      </details>`;
    return `<p class="rnn-cell__ghosted" hidden>Dashed: the run before your last change.</p>
      <form class="rnn-cell__knobs">${group("Gates, at this step", gates)}${group("Before step 0", simple ? [] : states)}${group("Input, at this step", inputs)}</form>${simple ? "" : weights}`;
  }

  /** @returns {import("./cell-run.mjs").Preset} */
  get #chosen() {
    return this.#settings.presets[this.#preset];
  }

  /** @returns {number} */
  get #step() {
    return this.#values.step ?? this.#chosen.step;
  }

  /** @returns {Map<string, import("./address.mjs").Field>} all that can be set in this preset */
  get #fields() {
    const preset = this.#chosen;
    const known = this.#known.get(preset) ?? new Map(fields(this.#settings, preset).map((field) => [field.name, field]));
    this.#known.set(preset, known);
    return known;
  }

  /** @param {string} name @returns {import("./address.mjs").Field} one that every preset has */
  #field(name) {
    return /** @type {import("./address.mjs").Field} */ (this.#fields.get(name));
  }

  get position() {
    return this.#step;
  }

  get kept() {
    return this.#text === null ? {} : { text: this.#text };
  }

  /** A play ends with the text, if there is one: then come spaces. */
  get end() {
    const text = signsOf((this.#text ?? this.#chosen.text).trimEnd());
    return (text.length || this.#chosen.input.length) - 1;
  }

  /** Read the state from the address; what it does not say, or says badly, is as given. */
  restore() {
    const said = new URLSearchParams(this.addressed ? location.search : "");
    const at = this.#settings.presets.findIndex(({ slug }) => slug === said.get("preset"));
    this.#preset = Math.max(at, 0);
    this.#values = {};
    this.#text = null;
    if (this.#chosen.text && said.has("text")) this.#type(said.get("text") ?? "");
    const isSaid = (/** @type {string} */ name) => said.has(name) || !(this.#text !== null && /^(x-|step$)/.test(name));
    for (const field of this.#fields.values()) if (isSaid(field.name)) set(this.#values, field, read(field, said.get(field.name)));
    this.#ghost = null;
    this.#pushed = "";
    this.show();
    this.#released = this.#steps;
  }

  /**
   * Write the state into the address: a new one for a new gesture, else in place of the last.
   * @param {string} name of what was moved
   */
  #write(name) {
    if (!this.addressed) return;
    const preset = this.#preset ? { preset: this.#chosen.slug } : {};
    const again = name === this.#pushed || name === "step";
    const own = /^(preset|text|step|stage|(hold|start|x|w)-.+)$/;
    const spelt = this.#text === null ? {} : typed(this.#settings, this.#chosen, this.#text);
    const told = this.#text === null ? {} : { text: this.#text };
    const rest = Object.entries(this.#values).filter(([field, value]) => spelt[field] !== value);
    writeAddress(own, { ...preset, ...told, ...Object.fromEntries(rest) }, again);
    this.#pushed = name;
  }

  /** @param {string} text set the inputs that it spells */
  #type(text) {
    this.#text = signsOf(text).slice(0, this.#chosen.input.length).join("");
    const inputs = typed(this.#settings, this.#chosen, this.#text);
    for (const [name, value] of Object.entries(inputs)) set(this.#values, this.#field(name), value);
    set(this.#values, this.#field("step"), Math.max(0, signsOf(this.#text.trimEnd()).length - 1));
    if (this.#text.trimEnd() === this.#chosen.text.trimEnd()) this.#text = null;
  }

  /** @param {Event} event something is moved: all that comes after it moves at once */
  take(event) {
    const control = event.target;
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement)) return;
    this.stop();
    for (const one of this.#controls) if (one.input === control) one.shown = "";
    if (control.dataset.text !== undefined) {
      this.#type(control.value);
      return this.#changed("text");
    }
    if (control.dataset.preset !== undefined) return this.#start(Number(control.value));
    const gate = control.dataset.hold;
    const name = gate ? `hold-${gate}` : this.#named(control.dataset.field ?? "");
    const field = this.#fields.get(name);
    if (!field) return;
    if (gate) set(this.#values, field, /** @type {HTMLInputElement} */ (control).checked ? this.#now()[gate][0] : null);
    else if (control.value === "") return;
    else set(this.#values, field, Math.min(field.max, Math.max(field.min, Number(control.value))));
    this.#changed(name);
  }

  /** @param {string} name a field's, or what stands for one: x-0 of this step, the chosen weight */
  #named(name) {
    if (/^x-\d+$/.test(name)) return name.replace("x-", `x-${this.#step}-`);
    return name === "w" ? this.#weight : name;
  }

  /** @returns {Record<string, number[]>} the numbers of this step */
  #now() {
    return this.#steps[this.#step];
  }

  /** @param {string} name of what was moved */
  #changed(name) {
    if (!/^st(ep|age)$/.test(name) && name !== this.#moved) this.#ghost = this.#released;
    this.#moved = name;
    this.#showSoon(name);
    this.#write(name);
  }

  /** A gesture has ended. */
  release() {
    this.#moved = "";
    this.#saying = true;
    this.#showSoon("");
    this.#released = this.#steps;
  }

  /** @param {number} preset begin one afresh */
  #start(preset) {
    this.#preset = preset;
    this.#values = {};
    this.#text = null;
    this.#ghost = null;
    this.#weight = "";
    this.#showSoon("preset");
    this.#write(`preset ${preset}`);
    this.#released = this.#steps;
  }

  reset() {
    this.#start(this.#preset);
  }

  /** @param {Event} event a place in the strips: its step */
  press(event) {
    const strips = /** @type {Element} */ (event.target).closest(".rnn-live__beside svg");
    if (!strips) return;
    this.stop();
    this.go(this.#column(strips, /** @type {MouseEvent} */ (event).clientX));
  }

  /**
   * @param {Element} drawing
   * @param {number} x of the pointer
   * @returns {number} the step that is there
   */
  #column(drawing, x) {
    const { left, width } = /** @type {Element} */ (drawing.querySelector(".track")).getBoundingClientRect();
    return Math.floor(((x - left) / width) * this.#chosen.input.length);
  }

  /** @param {number} t a step, or one beyond an end, which changes nothing */
  go(t) {
    const field = this.#field("step");
    if (t < field.min || t > field.max) return;
    set(this.#values, field, t);
    this.#saying = true;
    this.#changed("step");
    this.#moved = "";
  }

  /** @param {Event} event the weight that has the focus is the one that the slider moves */
  #choose(event) {
    const name = /** @type {HTMLElement} */ (event.target).dataset.field ?? "";
    if (!/^w-/.test(name)) return;
    this.#weight = name;
    this.#showSoon("");
  }

  /** Say the state to those who hear the page, where a gesture has ended. */
  #say() {
    if (!this.#saying) return;
    this.#saying = false;
    const now = this.#now();
    const states = ["c", "h"].filter((letter) => this.#settings.names[letter]);
    const words = states.map((letter) => `${this.#settings.names[letter]} ${number(now[letter][0])}`);
    const stage = this.#settings.stages[(this.#values.stage ?? 0) - 1];
    const doing = stage ? `, stage ${this.#values.stage}, ${stage[1]}` : "";
    write(this.#words.said, `step ${this.#step}${doing}, ${words[0]}`);
  }

  /** Run the cell as it is set, where that is otherwise than it was. */
  #compute() {
    const key = JSON.stringify([this.#preset, this.#text, { ...this.#values, step: 0, stage: 0 }]);
    if (key !== this.#key) this.#steps = run(this.#settings, this.#chosen, this.#values);
    this.#key = key;
  }

  /** Show the state: drawings, controls, words. */
  show() {
    this.#compute();
    this.#frames?.all();
  }

  /**
   * Show what a gesture has made of it, in several frames.
   * @param {string} moved what it is that was moved
   */
  #showSoon(moved) {
    this.#compute();
    // what is under the hand, and its name for those who hear it, at once
    for (const control of this.#controls)
      if (this.#named(control.field) === moved) this.#showControl(control, this.#now());
    const isCell = /^st(ep|age)$/.test(moved); // that changes first, and the strips little
    this.#frames?.begin(isCell ? -1 : 0, /^(stage|preset)$/.test(moved) ? 1 : 2);
  }

  /** @returns {Promise<void>} kept when all of the newest state is shown */
  get settled() {
    return this.#frames?.settled ?? Promise.resolve();
  }

  /** @param {CellDrawing} drawing @returns {import("./frames.mjs").Part[]} what each frame shows */
  #inFrames(drawing) {
    const [first, ...others] = drawing.strips;
    return [
      () => {
        mark(this, "playing", this.playing);
        hide(this.#words.ghosted, !this.#ghost);
        return first.show(this.#shown);
      },
      ...others.map((strips) => () => strips.show(this.#shown)),
      () => {
        drawing.showWords(this.#shown);
        this.#showControls(this.#now());
        this.#say();
      },
      () => drawing.showCell(this.#shown),
    ];
  }

  /** @returns {import("./cell-drawing.mjs").Shown} the state, as the drawings show it */
  get #shown() {
    return {
      preset: this.#chosen,
      text: signsOf(this.#text ?? this.#chosen.text),
      step: this.#step,
      steps: this.#steps,
      values: this.#values,
      ghost: this.#ghost,
      stage: this.#settings.stages[(this.#values.stage ?? 0) - 1]?.[0] ?? "",
      asDrawn: !this.#preset && Object.keys(this.#values).length === 0,
    };
  }

  /** @param {Record<string, number[]>} now */
  #showControls(now) {
    const preset = this.#chosen;
    const step = this.#step;
    const { preset: select, why } = this.#words;
    if (select.value !== `${this.#preset}`) select.value = `${this.#preset}`;
    const changed = Object.keys(this.#values).some((name) => !/^st(ep|age)$/.test(name));
    this.#showStage(now);
    write(why, preset.why + (changed ? CHANGED : ""));
    this.showTransport(`step ${step} (0 to ${preset.input.length - 1})`);
    for (const box of this.#holds) box.checked = `hold-${box.dataset.hold}` in this.#values;
    this.#showText(now);
    this.#showTable();
    for (const control of this.#controls) if (!control.box || control.box.open) this.#showControl(control, now);
  }

  /** @param {Control} control @param {Record<string, number[]>} now */
  #showControl(control, now) {
    const { input, field: name, knob } = control;
    const field = this.#fields.get(this.#named(name));
    if (knob instanceof HTMLElement) hide(knob, !field);
    if (!field) return;
    const gate = field.name.startsWith("hold-") ? now[field.name.slice("hold-".length)][0] : 0;
    const value = this.#values[field.name] ?? field.default;
    const text = value === null ? plain(number(gate)) : short(value);
    const shown = `${this.#preset} ${field.name} ${value} ${text}`;
    if (control.shown === shown) return;
    control.shown = shown;
    put(input, "min", `${field.min}`);
    put(input, "max", `${field.max}`);
    // who types a number passes through others
    const mine = input.type === "number" && input === document.activeElement;
    if (mine) control.shown = "";
    else if (input.value !== text) input.value = text;
    if (input.type === "range" && field.name !== "step")
      put(input, "aria-valuetext", value === null ? `${number(gate)}, not held` : number(value));
    const { names } = this.#chosen;
    if (/^x-/.test(field.name)) this.#label(input, names[Number(field.name.split("-")[2])]);
    if (name === "w") this.#label(input, weightName(field.name, names));
  }

  /** @param {Record<string, number[]>} now what is read, and what c makes of it */
  #showText({ c }) {
    const { text: field, seen } = this.#words;
    if (!field) return;
    const text = this.#text ?? this.#chosen.text;
    // who types a space at the end keeps it
    if (field !== document.activeElement && field.value !== text.trimEnd()) field.value = text.trimEnd();
    const signs = signsOf(text).slice(0, this.#step + 1);
    const read = signs.join("");
    const open = signs.reduce((count, one) => count + (one === "(" ? 1 : one === ")" ? -1 : 0), 0);
    const depth = `${open < 0 ? `${-open} more closed than opened` : `${open} open`}`;
    const found = Math.abs(c[0] - open) < 0.005 ? "" : ", and c has lost count";
    write(seen, `After “${read}”: c is ${number(c[0])}; brackets: ${depth}${found}.`);
  }

  /** @param {Record<string, number[]>} now the line of PyTorch of the stage, and what it gives */
  #showStage(now) {
    const { stage: select, code } = this.#words;
    if (!select) return;
    const chosen = this.#values.stage ?? 0;
    if (select.value !== `${chosen}`) select.value = `${chosen}`;
    const stage = this.#settings.stages[chosen - 1];
    const gives = stage?.[3] ? ` = ${number(now[stage[3]][0])}` : "";
    write(code, stage ? stage[2] + gives : "");
  }

  /** @param {number} way a stage back or on */
  climb(way) {
    const field = this.#field("stage");
    const to = (this.#values.stage ?? 0) + way;
    if (to < field.min || to > field.max) return;
    set(this.#values, field, to);
    this.#changed("stage");
    this.release();
  }

  /** @param {HTMLInputElement} control @param {string} name what its knob is called now */
  #label(control, name) {
    const label = control.parentElement?.querySelector("span");
    write(label, name);
    put(control, "aria-label", control.type === "number" ? `${name}, as a number` : name);
  }

  /** Fill the table of weights, where the preset is another one and somebody sees it. */
  #showTable() {
    const table = /** @type {HTMLElement | null} */ (this.querySelector("[open] > .rnn-cell__table"));
    if (!table || table.dataset.of === `${this.#preset}`) return;
    table.dataset.of = `${this.#preset}`;
    const all = weightFields(this.#settings, this.#chosen);
    const { names } = this.#chosen;
    const columns = [...names, "h", "b_i", "b_h"];
    const rows = Array.from({ length: all.length / columns.length }, (_, row) => {
      const cells = all.slice(row * columns.length, (row + 1) * columns.length);
      const letter = cells[0][0].split("-")[1];
      return `<tr><th scope="row"><code class="q-${letter}">${letter}</code></th>${cells
        .map(([name]) => `<td><input type="number" step="any" data-field="${name}"
          aria-label="${weightName(name, names)}"></td>`)
        .join("")}</tr>`;
    });
    const head = columns.map((name) => `<th scope="col">${name}</th>`).join("");
    table.innerHTML = `<table class="rnn-cell__numbers"><thead><tr><td></td>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
    this.#weight ||= all[0][0];
    this.#findControls();
  }
}

/** @param {string} field @param {string[]} names @returns {string} W_f value, b_if, … */
function weightName(field, names) {
  const [, letter, place] = field.split("-");
  if (place === "h") return `${letter}: weight of h`;
  if (place.startsWith("b")) return `${letter}: bias ${place === "bi" ? "b_i" : "b_h"}${letter}`;
  return `${letter}: weight of ${names[Number(place.slice(1))]}`;
}

if (!customElements.get("rnn-cell")) customElements.define("rnn-cell", RnnCell);
