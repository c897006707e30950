// @ts-check
/**
 * A swipe that begins on a slider and scrolls the page leaves the slider where it was.
 *
 * A browser moves a slider to the finger before it knows what the finger wants; then it takes the
 * gesture for itself, and says so.
 */

/**
 * @param {HTMLElement} root what has the sliders in it
 * @param {AbortSignal} signal ends it
 */
export function keepSliders(root, signal) {
  /** @type {HTMLInputElement | null} */
  let slider = null;
  let before = "";
  root.addEventListener(
    "pointerdown",
    ({ target, pointerType }) => {
      const isSlider = target instanceof HTMLInputElement && target.type === "range";
      slider = isSlider && pointerType !== "mouse" ? target : null;
      before = slider?.value ?? "";
    },
    { signal, capture: true },
  );
  root.addEventListener(
    "pointercancel",
    () => {
      if (!slider || slider.value === before) return;
      slider.value = before;
      for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, { bubbles: true }));
    },
    { signal },
  );
}
