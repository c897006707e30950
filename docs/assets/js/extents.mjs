// @ts-check
/**
 * How far a polygon of a drawing goes, as Python drew it.
 */

/** @type {WeakMap<Element, ReturnType<typeof extent>>} sides of what moves up and down at most */
const known = new WeakMap();

/** @param {Element} shape @returns {{ left: number, right: number, top: number, bottom: number }} */
function extent(shape) {
  const points = (shape.getAttribute("points") ?? "").trim().split(/\s+/).map((point) => point.split(",").map(Number));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** @param {Element} shape @returns {ReturnType<typeof extent>} as it was at first */
export function sides(shape) {
  const found = known.get(shape) ?? extent(shape);
  known.set(shape, found);
  return found;
}
