// @ts-check
/**
 * What writes into a page only what is new: a browser styles, lays out and paints anew for the rest too.
 */

/** @type {WeakMap<Element, string>} what was written last: to ask the page for it takes longer */
const written = new WeakMap();

/**
 * Write a text where it is another one. Its node is kept: a new one costs the browser a new layout.
 * @param {Element | null | undefined} element
 * @param {string} text
 */
export function write(element, text) {
  if (!element || written.get(element) === text) return;
  written.set(element, text);
  if (element.textContent === text) return;
  const [only, second] = element.childNodes;
  if (only instanceof Text && !second) only.data = text;
  else element.textContent = text;
}

/**
 * Set an attribute where it has another value: a browser begins anew even for the same one.
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
export function put(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * Mark a part by an attribute, `data-` and a name. A class would do, but there are rules of the
 * theme, such as `table:not([class]) + *`, for which a browser styles all in it and after it anew.
 * @param {Element | undefined} part
 * @param {string} name
 * @param {boolean} marked
 */
export function mark(part, name, marked) {
  part?.toggleAttribute(`data-${name}`, marked);
}

/**
 * Hide an element, or show it: to say again what it is would have a browser style it anew.
 * @param {HTMLElement} element
 * @param {boolean} hidden
 */
export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}
