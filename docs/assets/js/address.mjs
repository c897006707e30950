// @ts-check
/**
 * What a reader has set, in the page's address: read and written by a table of fields.
 */

/**
 * @typedef {object} Field something that the reader can set
 * @property {string} name in the address
 * @property {number} [min] of a number
 * @property {number} [max] of a number
 * @property {number} [step] between two numbers that it can be
 * @property {string[]} [values] of a choice
 * @property {number | string} default
 */

/** @typedef {Record<string, number | string>} Values one for each field */

/**
 * @param {Field} field
 * @param {string | null} text
 * @returns {number | string} what a text gives; what is no value of the field gives the default
 */
export function parsed(field, text) {
  if (text === null || text.trim() === "") return field.default;
  if (field.values) return field.values.includes(text) ? text : field.default;
  const { min = -Infinity, max = Infinity, step = 1 } = field;
  const steps = (Number(text) - min) / step;
  const stop = Math.abs(steps - Math.round(steps)) < 1e-6;
  return stop && Number(text) >= min && Number(text) <= max ? Number(text) : field.default;
}

/**
 * @param {Field[]} fields
 * @param {string} search of an address
 * @returns {Values}
 */
export function read(fields, search) {
  const said = new URLSearchParams(search);
  return Object.fromEntries(fields.map((field) => [field.name, parsed(field, said.get(field.name))]));
}

/**
 * Write what is not as at first into the address.
 * @param {Field[]} fields
 * @param {Values} values
 * @param {boolean} push true for an entry of its own, which Back leaves again
 */
export function write(fields, values, push) {
  const said = new URLSearchParams(location.search);
  for (const { name, default: start } of fields) {
    if (values[name] === start) said.delete(name);
    else said.set(name, `${values[name]}`);
  }
  const address = `${location.pathname}${said.size ? `?${said}` : ""}${location.hash}`;
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
