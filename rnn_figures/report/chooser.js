// Choose call, layer, sequence, quantity and unit of a report, and read its numbers.
//
// The numbers are in the page: for each part (a layer in one direction of a call) one zlib stream,
// sequence by sequence, quantity by quantity, a row for each unit. Where a column stands for
// several steps it has two numbers, the lowest and the highest.

const ROWS = 256; // pixels of the map at most; where there are more units, several share one
const [LINE, LETTER] = [16, 7]; // pixels of a line and of a letter beside the map, with some air

const section = document.getElementById("choose");
const find = (name) => section.querySelector(name);
const data = JSON.parse(find("script").textContent);
const lists = Object.fromEntries(
  [...section.querySelectorAll("[data-choice]")].map((one) => [one.dataset.choice, one]),
);
const canvas = find("canvas");
const told = find("output");
const scale = find(".chooser__scale");
const strips = find(".chooser__strips");
const marks = { row: find(".chooser__row"), column: find(".chooser__column") };
const axes = { units: find(".chooser__units"), steps: find(".chooser__steps") };
const unpacked = new Map(); // by part, its numbers
let part, numbers;
let column = 0;

// ----------------------------------------------------------------------------- numbers

// What the page has as a zlib stream, written in base64.
function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")));
}

async function unpack(part) {
  const buffer = await inflated(part.numbers).arrayBuffer();
  const flat = part.bits === 16 ? new Int16Array(buffer) : new Int8Array(buffer);
  const pair = part.columns < part.steps ? 2 : 1;
  const found = [];
  let start = 0;
  for (let sequence = 0; sequence < part.lengths.length; sequence += 1) {
    found.push({});
    for (const letter of Object.keys(part.letters)) {
      const size = part.units[letter] * part.columns * pair;
      found[sequence][letter] = flat.subarray(start, start + size);
      start += size;
    }
  }
  return found;
}

// The lowest and the highest number of a unit in a column; NaN for what is not finite.
function ends(letter, unit, at) {
  const pair = part.columns < part.steps ? 2 : 1;
  const own = numbers[+lists.sequence.value][letter];
  const index = (unit * part.columns + at) * pair;
  const limit = part.bits === 16 ? 32767 : 127;
  const value = (raw) => (raw < -limit ? NaN : (raw / limit) * part.tops[letter]);
  return [value(own[index]), value(own[index + pair - 1])];
}

// The lowest and the highest number of a quantity in the chosen sequence.
function range(letter) {
  let [low, high] = [Infinity, -Infinity];
  for (let unit = 0; unit < part.units[letter]; unit += 1) {
    for (let at = 0; at < valid(); at += 1) {
      const [least, most] = ends(letter, unit, at);
      if (least < low) low = least;
      if (most > high) high = most;
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

const isGate = (letter) => "iforz".includes(letter);

const farthest = ([low, high]) => (Math.abs(low) > Math.abs(high) ? low : high);

// Columns that the chosen sequence has.
function valid() {
  const length = part.lengths[+lists.sequence.value];
  return Math.max(1, Math.ceil((length / part.steps) * part.columns));
}

function steps(at) {
  const start = Math.floor((at * part.steps) / part.columns);
  const stop = Math.floor(((at + 1) * part.steps) / part.columns);
  return [start, Math.max(start, stop - 1)];
}

// What a column is called: its step, or what was read there; of several steps the first.
function columnName(at) {
  const [first, last] = steps(at);
  return first === last && data.symbols.length === part.steps ? data.symbols[first] : String(first);
}

function digits(value) {
  return Number.isNaN(value) ? "not finite" : Number(value.toPrecision(3)).toString().replace("-", "−");
}

// ----------------------------------------------------------------------------- colours

function colour(name) {
  const own = { r: "i", z: "f", n: "g" }[name] ?? name;
  const text = getComputedStyle(section).getPropertyValue(`--rnn-${own}`).trim();
  return [1, 3, 5].map((start) => parseInt(text.slice(start, start + 2), 16));
}

function order() {
  const letter = lists.letter.value;
  const found = part.orders[lists.order.value];
  const units = part.units[letter];
  return found.length === units ? found : [...Array(units).keys()];
}

// ----------------------------------------------------------------------------- drawing

function drawMap() {
  const letter = lists.letter.value;
  const units = order();
  const rows = Math.min(ROWS, units.length);
  const columns = valid();
  canvas.width = columns;
  canvas.height = rows;
  const picture = new ImageData(columns, rows);
  const gate = isGate(letter);
  const [low, high] = range(letter);
  const top = gate ? high - low || 1 : Math.max(-low, high) || 1;
  const zero = gate ? low : 0; // a gate moves within a part of 0 to 1: the map shows that part
  scale.textContent = gate
    ? `Full colour is ${digits(high)}, no colour ${digits(low)}.`
    : `Full colour is ${digits(top)}, no colour 0, grey negative.`;
  const [paper, up, down, alarm] = [colour("paper"), colour(letter), colour("ink"), [220, 30, 30]];
  for (let row = 0; row < rows; row += 1) {
    const first = Math.floor((row * units.length) / rows);
    const last = Math.floor(((row + 1) * units.length) / rows);
    for (let at = 0; at < columns; at += 1) {
      let most = 0;
      for (let index = first; index < last; index += 1) {
        const value = farthest(ends(letter, units[index], at)) - zero;
        if (Number.isNaN(value)) most = NaN;
        else if (Math.abs(value) > Math.abs(most)) most = value;
      }
      const share = Math.min(1, Math.abs(most) / top);
      const end = most > 0 ? up : down;
      const paint = Number.isNaN(most) ? alarm : paper.map((p, i) => p + share * (end[i] - p));
      picture.data.set([...paint, 255], 4 * (row * columns + at));
    }
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

// Write which unit a row is and what a column read, or its step: as many as there is room for.
function drawAxes() {
  const columns = [...Array(valid()).keys()];
  const room = (names) => canvas.clientWidth / LETTER / (1 + Math.max(...names.map((name) => name.length)));
  const numbers = columns.map((at) => String(steps(at)[0]));
  const read = columns.map(columnName);
  const names = room(read) < read.length ? numbers : read; // some of the words would be no text
  axes.units.replaceChildren(...ticks(order(), canvas.clientHeight / LINE, "top"));
  axes.steps.replaceChildren(...ticks(names, room(names), "left"));
}

// A word at the middle of every nth place of an axis, such that no more than `room` are written.
function ticks(names, room, side) {
  const least = Math.ceil(names.length / Math.max(1, room));
  const power = 10 ** Math.floor(Math.log10(least));
  const every = [1, 2, 5, 10].map((by) => by * power).find((stride) => stride >= least);
  return names.flatMap((name, index) => {
    if (index % every) return [];
    const word = document.createElement("span");
    word.textContent = name;
    word.style[side] = `${(100 * (index + 0.5)) / names.length}%`;
    return [word];
  });
}

function drawStrips() {
  const unit = +lists.unit.value;
  strips.replaceChildren();
  for (const [letter, name] of Object.entries(part.letters)) {
    if (unit >= part.units[letter]) continue;
    strips.append(strip(letter, name, unit));
  }
}

function svg(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function strip(letter, name, unit) {
  const columns = valid();
  const values = [...Array(columns).keys()].map((at) => ends(letter, unit, at));
  const finite = values.flat().filter((value) => !Number.isNaN(value));
  const gate = isGate(letter);
  const low = gate ? 0 : Math.min(0, ...finite);
  const high = gate ? 1 : Math.max(0, ...finite, low + 1e-9);
  const y = (value) => (1 - (value - low) / (high - low)) * 100;
  const box = document.createElement("figure");
  box.className = "chooser__strip";
  const words = document.createElement("figcaption");
  words.innerHTML = `<b class="q-${letter}"></b> `;
  words.firstChild.textContent = letter;
  words.append(name);
  const drawing = svg("svg", {
    viewBox: `0 0 ${columns} 100`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `${name} ${letter} of unit ${unit}: ${digits(Math.min(...finite))} to ${digits(Math.max(...finite))}`,
    class: `q-${letter}`,
  });
  drawing.append(svg("path", { d: `M0,${y(0)}H${columns}`, class: "chooser__zero" }));
  const shape = part.columns < part.steps ? "chooser__band" : "chooser__line";
  drawing.append(svg("path", { d: course(values, y), class: shape }));
  drawing.append(svg("path", { d: `M${column + 0.5},0V100`, class: "chooser__mark" }));
  const limits = document.createElement("span");
  limits.className = "chooser__limits";
  limits.textContent = `${digits(low)} … ${digits(high)}`;
  box.append(words, drawing, limits);
  return box;
}

// The line over the columns, or the band from the lowest to the highest of each; with gaps where
// a number is not finite.
function course(values, y) {
  const runs = [[]];
  for (const [at, [low, high]] of values.entries()) {
    if (Number.isNaN(low)) runs.push([]);
    else runs.at(-1).push([at + 0.5, y(low).toFixed(2), y(high).toFixed(2)]);
  }
  const there = runs.filter((run) => run.length);
  const line = (points) => points.map((point) => point.join(",")).join("L");
  if (part.columns === part.steps) {
    return there.map((run) => `M${line(run.map(([x, low]) => [x, low]))}`).join("");
  }
  return there
    .map((run) => {
      const above = run.map(([x, , high]) => [x, high]);
      const below = run.map(([x, low]) => [x, low]).reverse();
      return `M${line([...above, ...below])}Z`;
    })
    .join("");
}

// ----------------------------------------------------------------------------- what is chosen

// Say the numbers of a unit at a column, and mark them; without arguments, of what is chosen.
function tell(unit = +lists.unit.value, at = column) {
  const [first, last] = steps(at);
  const name = columnName(at);
  const label = name === String(first) ? "" : ` “${name}”`;
  const where = first === last ? `step ${first}${label}` : `steps ${first} to ${last}`;
  const said = Object.keys(part.letters)
    .filter((letter) => unit < part.units[letter])
    .map((letter) => {
      const [low, high] = ends(letter, unit, at).map(digits);
      return `${letter} ${low === high ? low : `${low} … ${high}`}`;
    });
  told.textContent = `unit ${unit}, ${where}: ${said.join(", ")}`;
  const row = order().indexOf(unit);
  canvas.setAttribute("aria-label", `Map of ${lists.letter.value}, ${told.textContent}`);
  marks.row.hidden = row < 0;
  marks.row.style.top = `${((row + 0.5) / order().length) * canvas.clientHeight}px`;
  marks.column.style.left = `${((at + 0.5) / valid()) * canvas.clientWidth}px`;
  for (const mark of strips.querySelectorAll(".chooser__mark")) {
    mark.setAttribute("d", `M${at + 0.5},0V100`);
  }
}

function pick(unit, at) {
  const other = unit !== +lists.unit.value;
  lists.unit.value = unit;
  column = Math.min(Math.max(at, 0), valid() - 1);
  if (other) drawStrips();
  tell();
}

function fill(name, options) {
  const before = lists[name].value;
  const made = options.map(([value, words]) => new Option(words, value));
  lists[name].replaceChildren(...made);
  if (options.some(([value]) => String(value) === before)) lists[name].value = before;
}

async function show(event) {
  const titles = [...new Set(data.parts.map((one) => one.call))];
  if (!lists.call.options.length) fill("call", titles.map((title) => [title, title]));
  const own = data.parts.filter((one) => one.call === lists.call.value);
  fill("part", own.map((one, index) => [index, one.part]));
  part = own[+lists.part.value];
  fill("sequence", part.lengths.map((length, index) => [index, `${index} (${length} steps)`]));
  fill("letter", Object.entries(part.letters).map(([letter, name]) => [letter, `${letter}, ${name}`]));
  fill("order", Object.keys(part.orders).map((name) => [name, name]));
  if (!unpacked.has(part)) unpacked.set(part, await unpack(part));
  numbers = unpacked.get(part);
  const units = part.units[lists.letter.value];
  lists.unit.max = units - 1;
  lists.unit.value = Math.min(Math.max(Math.trunc(+lists.unit.value) || 0, 0), units - 1);
  if (event?.target !== lists.unit && event?.target !== lists.letter) lists.unit.value = order()[0];
  column = Math.min(column, valid() - 1);
  drawMap();
  drawAxes();
  drawStrips();
  tell();
}

function under(event) {
  const box = canvas.getBoundingClientRect();
  const units = order();
  const row = Math.floor(((event.clientY - box.top) / box.height) * units.length);
  return [units[Math.min(Math.max(row, 0), units.length - 1)], columnUnder(event)];
}

// The column under the pointer: the map and the strips are as wide as each other.
function columnUnder(event) {
  const box = canvas.getBoundingClientRect();
  const found = Math.floor(((event.clientX - box.left) / box.width) * valid());
  return Math.min(Math.max(found, 0), valid() - 1);
}

function key(event) {
  const units = order();
  const row = units.indexOf(+lists.unit.value);
  const moves = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    Home: [0, -Infinity],
    End: [0, Infinity],
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  const next = Math.min(Math.max(row + move[0], 0), units.length - 1);
  pick(units[next], column + move[1]);
}

if (data.parts.length && "DecompressionStream" in window) {
  find(".chooser__live").hidden = false;
  for (const list of Object.values(lists)) list.addEventListener("change", show);
  canvas.addEventListener("pointermove", (event) => tell(...under(event)));
  canvas.addEventListener("pointerdown", (event) => pick(...under(event)));
  canvas.addEventListener("pointerleave", () => tell());
  strips.addEventListener("pointermove", (event) => tell(undefined, columnUnder(event)));
  strips.addEventListener("pointerleave", () => tell());
  canvas.addEventListener("keydown", key);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawMap);
  const resized = () => {
    if (!section.open || !numbers) return; // closed, it has no size
    drawAxes();
    tell();
  };
  addEventListener("resize", resized);
  section.addEventListener("toggle", resized);
  const first = data.parts[0].letters;
  fill("letter", Object.entries(first).map(([letter, name]) => [letter, name]));
  lists.letter.value = ["f", "z", "h"].find((letter) => letter in first);
  show();
} else {
  section.hidden = !data.parts.length;
}
