// @ts-check
/**
 * What writes into a page only what is new: a browser styles, lays out and paints anew for the rest too.
 */

/**
 * Write a text where it is another one. Its node is kept: a new one costs the browser a new layout.
 * @param {Element | null | undefined} element
 * @param {string} text
 */
export function write(element, text) {
  if (!element || element.textContent === text) return;
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
