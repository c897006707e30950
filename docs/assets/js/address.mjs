// @ts-check
/**
 * The state of a live part in the page's address: read and written by a table of what can be set.
 */

/**
 * @typedef {object} Field something that the reader can set
 * @property {string} name in the address
 * @property {"whole" | "number" | "choice"} type
 * @property {number} min
 * @property {number} max
 * @property {number | null} default null for what is not set
 * @property {string[]} [choices] of a choice, their names in the address; its value counts them
 */

/** @typedef {Record<string, number>} Values what the reader has set, by field; the rest is as given */

/**
 * @param {Field} field
 * @param {string | null} text
 * @returns {number | null} the number that a text gives, or the field's default
 */
export function read(field, text) {
  if (field.choices) {
    const at = field.choices.indexOf(text ?? "");
    return at < 0 ? field.default : at;
  }
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  const good = value >= field.min && value <= field.max;
  return good && (field.type === "number" || Number.isInteger(value)) ? value : field.default;
}

/**
 * Set a value, or take it away where it is the default.
 * @param {Values} values
 * @param {Field} field
 * @param {number | null} value
 */
export function set(values, field, value) {
  if (value === null || value === field.default) delete values[field.name];
  else values[field.name] = value;
}

/** @typedef {{ own: RegExp, said: Record<string, string | number>, again: boolean }} Writing */

/** @type {Writing[]} what is still to be written */
const waiting = [];

let timer = 0;

/** Milliseconds of rest after which the address is written: a browser takes long for it, and what a
 * gesture shows in several frames is shown by then. */
const REST = 200;

/**
 * Write into the address what is set, as soon as the reader rests; what others have there stays.
 * @param {RegExp} own the names that may be written
 * @param {Record<string, string | number>} said
 * @param {boolean} again true if it takes the place of the last one, without a step back
 */
export function writeAddress(own, said, again) {
  const last = waiting.at(-1);
  if (again && last?.own.source === own.source) last.said = said;
  else waiting.push({ own, said, again });
  clearTimeout(timer);
  timer = window.setTimeout(writeNow, REST);
}

/** Write what waits; before a page is left, or the address is read, too. */
export function writeNow() {
  clearTimeout(timer);
  for (const writing of waiting.splice(0)) write(writing);
}

/** @param {Writing} writing */
function write({ own, said, again }) {
  const all = new URLSearchParams(location.search);
  for (const key of [...all.keys()]) if (own.test(key)) all.delete(key);
  for (const [key, value] of Object.entries(said)) all.set(key, `${value}`);
  const address = `${location.pathname}${all.size ? `?${all}` : ""}${location.hash}`;
  if (again) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

addEventListener("pagehide", writeNow);
// who goes back is shown what was, and nothing is written over it
addEventListener("popstate", () => {
  clearTimeout(timer);
  waiting.length = 0;
});
