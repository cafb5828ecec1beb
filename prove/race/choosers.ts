import { createIds, seededRandom } from "../../src/ids.ts";

/** Says which of the possible next steps is taken. */
export interface Chooser {
  choose(options: readonly string[]): number;
}

/** Takes every path there is, one schedule after the other, each replayed from its start. */
export class DepthFirst implements Chooser {
  #path: { taken: number; options: readonly string[] }[] = [];
  #depth = 0;
  readonly #delays: number;

  /** @param delays how often a path may take another than the first option; every path by default */
  constructor(delays = Number.POSITIVE_INFINITY) {
    this.#delays = delays;
  }

  choose(options: readonly string[]): number {
    const known = this.#path[this.#depth];
    if (known && known.options.join("|") !== options.join("|")) {
      const then = known.options.join(", ");
      throw new Error(
        `the schedule cannot be replayed: step ${this.#depth} had ${then}, and has ${options.join(", ")}`,
      );
    }
    if (!known) this.#path.push({ taken: 0, options });
    return this.#path[this.#depth++]?.taken ?? 0;
  }

  /** Goes back to the last step that could have been another. False when there is none. */
  next(): boolean {
    this.#path.length = this.#depth;
    this.#depth = 0;
    for (let last = this.#path.at(-1); last; last = this.#path.at(-1)) {
      const others = this.#path.filter((one) => one !== last && one.taken > 0).length;
      if (last.taken + 1 < last.options.length && others < this.#delays) {
        last.taken++;
        return true;
      }
      this.#path.pop();
    }
    return false;
  }
}

/** One path by chance, the same for the same seed. */
export class Seeded implements Chooser {
  /** The product of the numbers of options: by Knuth, its mean over many paths is the number of all. */
  branches = 1;
  readonly #ids: ReturnType<typeof createIds>;

  constructor(seed: number) {
    this.#ids = createIds(seededRandom(seed));
  }

  choose(options: readonly string[]): number {
    this.branches *= options.length;
    return Math.floor(this.#ids.fraction() * options.length);
  }
}

/** The path that somebody wrote down, and the first option after its end. */
export class Replayed implements Chooser {
  readonly #path: readonly number[];
  #depth = 0;

  constructor(path: readonly number[]) {
    this.#path = path;
  }

  choose(options: readonly string[]): number {
    return Math.min(this.#path[this.#depth++] ?? 0, options.length - 1);
  }
}
