// Give each figure its files: the drawing in plain colours, its numbers as CSV. Runs behind
// chooser.js, which unpacks numbers too.

{
  const colours = document.styleSheets[0].cssRules[0].style; // of the light scheme

  function drawing(figure) {
    const copy = figure.querySelector(".rnn-figure__drawing svg").cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("font-family", "Arial, Helvetica, sans-serif");
    const text = new XMLSerializer().serializeToString(copy);
    return text.replace(/var\((--[\w-]+)\)/g, (_, name) => colours.getPropertyValue(name).trim());
  }

  async function save(event) {
    const link = event.currentTarget;
    event.preventDefault();
    const packed = link.dataset.packed;
    const content = packed ? await inflated(packed).text() : drawing(link.closest("figure"));
    const type = packed ? "text/csv;charset=utf-8" : "image/svg+xml";
    const address = URL.createObjectURL(new Blob([content], { type }));
    Object.assign(document.createElement("a"), { href: address, download: link.download }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  for (const link of document.querySelectorAll(".rnn-figure__files a[download]")) {
    if (link.dataset.packed && !("DecompressionStream" in window)) continue;
    link.hidden = false;
    link.addEventListener("click", save);
  }
}
