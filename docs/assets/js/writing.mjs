// @ts-check
/**
 * What writes into a page only what is new: a browser styles, lays out and paints anew for the rest too.
 */

/**
 * Write a text where it is another one. Its node is kept: a new one costs the browser a new layout.
 * What is there is read each time, since others write too; a node's own text is read at once.
 * @param {Element | null | undefined} element
 * @param {string} text
 */
export function write(element, text) {
  if (!element) return;
  const only = element.firstChild;
  if (!(only instanceof Text) || only.nextSibling) {
    if (element.textContent !== text) element.textContent = text;
  } else if (only.data !== text) only.data = text;
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

/**
 * Make an element's content what HTML says, in place: parts that are alike already are kept. What a
 * script set beyond the HTML stays in `style` alone.
 * @param {Element} element
 * @param {string} html
 */
export function patch(element, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  match(element, made.content);
}

/** @param {Node} old @param {Node} made what it becomes like */
function match(old, made) {
  const [there, parts] = [[...old.childNodes], [...made.childNodes]];
  for (const one of there.slice(parts.length)) one.remove();
  parts.forEach((part, at) => {
    const one = there[at];
    if (!one) old.appendChild(part);
    else if (one.nodeName !== part.nodeName) old.replaceChild(part, one);
    else if (one instanceof Element && part instanceof Element) {
      for (const { name, value } of part.attributes) put(one, name, value);
      for (const { name } of [...one.attributes])
        if (name !== "style" && !part.hasAttribute(name)) one.removeAttribute(name);
      match(one, part);
    } else if (one.nodeValue !== part.nodeValue) one.nodeValue = part.nodeValue;
  });
}
