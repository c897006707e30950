// @ts-check
/**
 * <rnn-shapes> is a form: sizes and options of a layer go in, every shape comes out.
 *
 * The page that it stands on has the same rules in words and in tables, for who has no scripts.
 */

import { LiveForm, choice } from "./live-form.mjs";
import { LIMITS, count, problem, shapes, tuple } from "./shapes.mjs";

/** The fields: the choices of each, or the number that it starts with. */
const FIELDS = {
  layer: ["LSTM", "GRU", "RNN"],
  input_size: 5,
  hidden_size: 3,
  num_layers: 1,
  bidirectional: ["False", "True"],
  proj_size: 0,
  batch_first: ["False", "True"],
  bias: ["True", "False"],
  L: 8,
  N: 1,
};

/** What a field's label says beyond its name. */
const WORDS = { L: "L, steps", N: "N, 0: no batch" };

/** Parameters beyond these are counted, not listed. */
const MOST_ROWS = 64;

/** @param {string} name */
function field(name) {
  const of = FIELDS[name];
  if (Array.isArray(of)) return choice("rnn-shapes", name, name, of.map((text) => [text, text]));
  const [least, most] = LIMITS[name];
  return `<div><label for="rnn-shapes-${name}">${WORDS[name] ?? name}</label><input
    id="rnn-shapes-${name}" name="${name}" type="number" value="${of}" min="${least}" max="${most}"
    required></div>`;
}

/**
 * @param {FormData} values
 * @returns {import("./shapes.mjs").Setting} what the form says; NaN where it has no whole number
 */
function setting(values) {
  const read = Object.entries(FIELDS).map(([name, of]) => {
    const text = `${values.get(name)}`;
    if (name === "layer") return [name, text];
    if (Array.isArray(of)) return [name, text === "True"];
    return [name, text && Number.isInteger(Number(text)) ? Number(text) : NaN];
  });
  return Object.fromEntries(read);
}

/** @param {[string, number[]]} tensor */
function row([name, shape]) {
  const letter = { output: "h", h_0: "h", h_n: "h", c_0: "c", c_n: "c" }[name];
  const code = letter ? `<code class="q-${letter}">${name}</code>` : `<code>${name}</code>`;
  const number = `<td class="rnn-numbers__number">${count(shape)}</td>`;
  return `<tr><th scope="row">${code}</th><td>${tuple(shape)}</td>${number}</tr>`;
}

class RnnShapes extends LiveForm {
  markup() {
    const fields = Object.keys(FIELDS).map(field);
    return `<p>Sizes and options of a layer go in, every shape comes out: by the rules below, which a
      test holds to hundreds of live modules.</p><form>${fields.join("")}</form><output></output>
      <div class="rnn-form__found"><pre><code></code></pre>
      <div class="rnn-table" tabindex="0" role="group" aria-label="Shapes"><table
        class="rnn-numbers"><caption>Every tensor with its shape</caption><thead><tr><th
        scope="col">tensor</th><th scope="col">shape</th><th scope="col">numbers</th></tr></thead>
        <tbody></tbody></table></div></div>`;
  }

  show() {
    const chosen = setting(this.values());
    const wrong = problem(chosen);
    if (wrong) {
      this.refuse(wrong);
      return;
    }
    const found = shapes(chosen);
    const out = found.tensors.filter(([name]) => name === "output" || name.endsWith("_n"));
    const told = out.map(([name, shape]) => `${name} ${tuple(shape)}`).join(", ");
    this.say(`${told}; ${found.total} parameters`);
    this.fill("pre > code", `${chosen.layer.toLowerCase()} = ${found.constructor}\n${found.call}`);
    const listed = [...found.tensors, ...found.parameters.slice(0, MOST_ROWS)];
    const more = found.parameters.length - MOST_ROWS;
    const rest = more > 0 ? `<tr><td colspan="3">and ${more} more parameters</td></tr>` : "";
    this.fill("tbody", listed.map(row).join("") + rest);
  }
}

if (!customElements.get("rnn-shapes")) customElements.define("rnn-shapes", RnnShapes);
