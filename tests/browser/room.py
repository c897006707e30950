"""Text of live parts that is longer than the room that is kept for it, whatever is chosen."""

WIDTHS = (320, 375, 600, 800, 1280)
"""Of windows: phones, what is between, and a desk."""

TOO_LONG = """async root => {
  const found = new Set();
  const look = () => {
    for (const box of root.querySelectorAll("*")) {
      if (!/size|strict/.test(getComputedStyle(box).contain) || !box.offsetParent) continue;
      if (box.matches("input, select, [data-number], .rnn-live__said, .rnn-cell__knob")) continue;
      const [wide, high] = [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight];
      if (wide > 1 || high > 1) found.add(box.textContent.trim());
    }
  };
  const settle = async () => {
    do await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    while (document.querySelector("[aria-busy=true]"));
    await root.settled;
  };
  look();
  const moved = ":is(select, input, button)[data-field], [data-preset]";
  for (const control of root.querySelectorAll(moved)) {
    if (!control.offsetParent) continue;
    const [low, high, step] = ["min", "max", "step"].map(name => Number(control[name]));
    const stops = control.localName === "select" ? [...control.options].map(({ value }) => value)
      : control.type === "range" ? [0, 0.3, 0.5, 0.7, 1].map(part =>
          `${low + Math.round(((high - low) * part) / step) * step}`)
      : control.type === "number" ? [] : [null];
    for (const value of stops) {
      if (value === null) control.click();
      else {
        control.value = value;
        for (const kind of ["input", "change"])
          control.dispatchEvent(new Event(kind, { bubbles: true }));
      }
      await settle();
      look();
    }
  }
  return [...found];
}"""


def too_long(part):
    """Return the texts that stick out of a box of a fixed size, at five stops of each control.

    A number below its symbol may: it is centred there.

    Args:
        part: Locator of the live part.
    """
    return part.evaluate(TOO_LONG)
