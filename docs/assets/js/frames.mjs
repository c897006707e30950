// @ts-check
/**
 * Showing a state in several frames, so that none of them is late: first what the eye looks at.
 */

/** @typedef {() => boolean | void} Part false if all of it is there already: the next has its frame */

export class Frames {
  /** @type {Part[]} each shows a part of the newest state, whatever was there before */
  #parts;

  /** @type {Set<number>} parts that do not show it yet */
  #due = new Set();

  /** The part whose turn is next: while a state follows another one, each has its frame in turn. */
  #next = 0;

  #together = 1;

  #frame = 0;

  /** @type {() => void} */
  #settle = () => {};

  /** @type {(error: unknown) => void} */
  #fail = () => {};

  /** Kept when no part is due; broken when one fails, so that nobody waits for it. */
  settled = Promise.resolve();

  /** @param {Part[]} parts in the order in which they are shown; each may take a frame's time */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Show all of it at once: what is first painted, or comes with no gesture. */
  all() {
    this.stop();
    for (const part of this.#parts) part();
  }

  /** Show no more of it. */
  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#due.clear();
    this.#settle();
  }

  /**
   * Show a gesture's state: some parts in the frame that comes, the others in the next ones.
   * @param {number} first which part comes first; -1 is the last one
   * @param {number} together how many parts a frame shows: a frame itself has its costs
   */
  begin(first, together) {
    this.#parts.forEach((_, index) => this.#due.add(index));
    this.#together = this.#frame ? Math.min(together, this.#together) : together;
    if (this.#frame) return; // frames are under way: this state is what their parts show
    this.settled = new Promise((settle, fail) => ([this.#settle, this.#fail] = [settle, fail]));
    this.settled.catch(() => {}); // the error itself is reported where it is thrown
    this.#next = (first + this.#parts.length) % this.#parts.length;
    this.#show();
    // the frame that comes has its parts already
    this.#frame = requestAnimationFrame(() => this.#wait());
  }

  /** Show parts in the next frame, and so on. */
  #wait() {
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0; // a part that fails holds up no later state
      this.#show();
      if (this.#due.size) this.#wait();
      else this.#settle();
    });
  }

  #show() {
    try {
      this.#showNext();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #showNext() {
    for (let shown = 0; shown < this.#together && this.#due.size; ) {
      while (!this.#due.has(this.#next)) this.#pass();
      this.#due.delete(this.#next);
      if (this.#parts[this.#next]() !== false) shown += 1;
      this.#pass();
    }
  }

  /** The turn passes on: a part that is due again is shown after all others. */
  #pass() {
    this.#next = (this.#next + 1) % this.#parts.length;
  }
}
