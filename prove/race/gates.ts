/** One step of an actor that waits for its turn. */
export interface Gate {
  process: string;
  /** The write's point, and what it is about where that is known. */
  label: string;
  open(): void;
}

/** Where the steps of all actors wait: while the gates are shut, one is let through at a time, and its actor then goes as far as its next. */
export class Gates {
  /** In order of arrival, which a schedule that is replayed repeats. */
  readonly waiting: Gate[] = [];
  /** Steps let through or never held, and not yet over. */
  #moving = 0;
  #shut = false;

  shut(): void {
    this.#shut = true;
  }

  get isShut(): boolean {
    return this.#shut;
  }

  /** Lets everything through from here on. */
  free(): void {
    this.#shut = false;
    for (const gate of this.waiting.splice(0)) gate.open();
  }

  async pass<T>(process: string, label: string, step: () => Promise<T>): Promise<T> {
    if (this.#shut) {
      const turn = Promise.withResolvers<void>();
      // Counted as it is let through and not as it comes to move: between the two nothing may take it for waiting.
      const open = () => {
        this.#moving++;
        turn.resolve();
      };
      this.waiting.push({ process, label, open });
      await turn.promise;
    } else this.#moving++;
    try {
      return await step();
    } finally {
      this.#moving--;
    }
  }

  /** A look that waits for no turn, but for which whoever asks for quiet waits. */
  async follow<T>(look: () => Promise<T>): Promise<T> {
    this.#moving++;
    try {
      return await look();
    } finally {
      this.#moving--;
    }
  }

  open(gate: Gate): void {
    this.waiting.splice(this.waiting.indexOf(gate), 1);
    gate.open();
  }

  /** Forgets the steps of a process that is never let through again. */
  drop(process: string): void {
    const kept = this.waiting.filter((gate) => gate.process !== process);
    this.waiting.splice(0, this.waiting.length, ...kept);
  }

  /** Resolves once every actor waits for its turn or has come to its end: what is left then is nobody's but the gates'. */
  async quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#moving > 0);
  }
}
