import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The head of SQLite's write-ahead log, and of each of its frames, in bytes. */
const WAL_HEAD = 32;
const FRAME_HEAD = 24;
const FRAMES_AT_ONCE = 64;
const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const MAGIC = LITTLE ? 0x377f0682 : 0x377f0683;

/** The two words of a sum. It finds for certain whatever damage lies within 8 bytes, and misses 1 in 2^64 of the rest. */
export interface Sum {
  a: number;
  b: number;
}

/** SQLite's own sum of `count` words (an even number), going on from `sum`. Signed words keep it to whole numbers: ten times faster. */
export function addTo(sum: Sum, words: Int32Array, from: number, count: number): void {
  let a = sum.a | 0;
  let b = sum.b | 0;
  for (let index = from; index < from + count; index += 2) {
    a = (((a + (words[index] as number)) | 0) + b) | 0;
    b = (((b + (words[index + 1] as number)) | 0) + a) | 0;
  }
  sum.a = a >>> 0;
  sum.b = b >>> 0;
}

/** Adds the same words to two sums: no slower than to one. */
function addToBoth(one: Sum, other: Sum, words: Int32Array, from: number, count: number): void {
  let a = one.a | 0;
  let b = one.b | 0;
  let c = other.a | 0;
  let d = other.b | 0;
  for (let index = from; index < from + count; index += 2) {
    const first = words[index] as number;
    const second = words[index + 1] as number;
    a = (((a + first) | 0) + b) | 0;
    b = (((b + second) | 0) + a) | 0;
    c = (((c + first) | 0) + d) | 0;
    d = (((d + second) | 0) + c) | 0;
  }
  one.a = a >>> 0;
  one.b = b >>> 0;
  other.a = c >>> 0;
  other.b = d >>> 0;
}

/** Where the frame with this number (the first is 1) starts in the log. */
export const frameAt = (frame: number, pageSize: number): number => WAL_HEAD + (frame - 1) * (FRAME_HEAD + pageSize);

/** What stands in the log after its last whole commit, other than what an earlier round of the log left there. */
export interface Tail {
  /** From the end of the last whole commit to the last byte that belongs to none of those rounds; 0 for nothing. */
  bytes: number;
  /** Frames in it that bear the mark of a commit of this round of the log. */
  commits: number;
}

/** A log as it stands on disk: what SQLite would read from it, and what it would pass over in silence. */
export interface Wal {
  size: number;
  /** Names this round of the log; "" for a log without a head. */
  salt: string;
  /** Frames up to the last whole commit. */
  frames: number;
  commits: number;
  /** Pages of the database after the last whole commit. */
  pageCount: number;
  /** By page: the frame with its last committed image. */
  pages: ReadonlyMap<number, number>;
  /** The running sum at a frame, as text; "" for one that is not whole. */
  sumAt(frame: number): string;
  /** The sum of the page in a whole frame. */
  pageSum(frame: number): Sum;
  tail: Tail;
}

const NOTHING: Wal = {
  size: 0,
  salt: "",
  frames: 0,
  commits: 0,
  pageCount: 0,
  pages: new Map(),
  sumAt: () => "",
  pageSum: () => ({ a: 0, b: 0 }),
  tail: { bytes: 0, commits: 0 },
};

/** Holds at most the write that begins a round of the log, which says nothing of the store. */
export function isBegun({ frames, pages, tail }: Wal): boolean {
  return frames === 0 ? tail.commits <= 1 : frames === 1 && pages.has(1) && tail.commits === 0;
}

/** Opens a file to read, or answers undefined where there is none. */
export function openIfThere(file: string, flags = "r"): number | undefined {
  try {
    return openSync(file, flags);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Reads a log and checks every sum in it.
 * @param options.former the salts of earlier rounds, whose frames may still stand behind this round's
 * @param options.most frames to read; all of them by default
 */
export function readWal(
  file: string,
  pageSize: number,
  options: { former?: ReadonlySet<string>; most?: number } = {},
): Wal {
  const fd = openIfThere(file);
  if (fd === undefined) return NOTHING;
  try {
    return new Reading(fd, pageSize, options.former ?? new Set()).read(options.most);
  } finally {
    closeSync(fd);
  }
}

class Reading {
  readonly #fd: number;
  readonly #size: number;
  readonly #pageSize: number;
  /** Bytes of a frame. */
  readonly #frame: number;
  readonly #former: ReadonlySet<string>;
  readonly #chunk: Buffer;
  readonly #words: Int32Array;
  readonly #zeros: Buffer;
  readonly #sum: Sum = { a: 0, b: 0 };
  readonly #pageSum: Sum = { a: 0, b: 0 };
  /** Four words a whole frame: the running sum, and its page's own. */
  readonly #sums: number[] = [];
  readonly #pages = new Map<number, number>();
  #pending: number[] = [];
  /** The head's two words of salt, as they stand in the file. */
  #salt: readonly [number, number] = [0, 0];
  #count = 0;
  #frames = 0;
  #commits = 0;
  #pageCount = 0;
  #tailEnd = 0;
  #tailCommits = 0;

  constructor(fd: number, pageSize: number, former: ReadonlySet<string>) {
    this.#fd = fd;
    this.#size = fstatSync(fd).size;
    this.#pageSize = pageSize;
    this.#frame = FRAME_HEAD + pageSize;
    this.#former = former;
    this.#chunk = Buffer.alloc(this.#frame * FRAMES_AT_ONCE);
    this.#words = new Int32Array(this.#chunk.buffer, this.#chunk.byteOffset, this.#chunk.length / 4);
    this.#zeros = Buffer.alloc(this.#frame);
  }

  read(most = Number.POSITIVE_INFINITY): Wal {
    let whole = this.#head();
    const length = this.#frame * Math.min(most, FRAMES_AT_ONCE);
    for (let at = WAL_HEAD; at < this.#size && this.#count < most; at += length) {
      const got = readSync(this.#fd, this.#chunk, 0, length, at);
      for (let from = 0; from < got; from += this.#frame) {
        this.#count++;
        whole &&= got - from >= this.#frame && this.#next(from / 4);
        if (!whole || this.#pending.length > 0) this.#leftOver(from, Math.min(got, from + this.#frame), at);
      }
    }
    return this.#found();
  }

  #found(): Wal {
    const end = this.#frames === 0 ? 0 : frameAt(this.#frames + 1, this.#pageSize);
    const isWhole = (frame: number) => frame > 0 && frame <= this.#frames;
    const [first, second] = this.#salt;
    return {
      size: this.#size,
      salt: first === 0 && second === 0 ? "" : hex(read(Int32Array.of(first), 0), read(Int32Array.of(second), 0)),
      frames: this.#frames,
      commits: this.#commits,
      pageCount: this.#pageCount,
      pages: this.#pages,
      sumAt: (frame) => (isWhole(frame) ? hex(...this.#sumsAt(4 * frame - 4)) : ""),
      pageSum: (frame) => {
        const [a, b] = this.#sumsAt(4 * frame - 2);
        return { a, b };
      },
      tail: { bytes: Math.max(0, this.#tailEnd - end), commits: this.#tailCommits },
    };
  }

  #sumsAt(index: number): [number, number] {
    return [this.#sums[index] ?? 0, this.#sums[index + 1] ?? 0];
  }

  /** True for a head that SQLite would accept; it writes its sums in the machine's own order of bytes. */
  #head(): boolean {
    if (readSync(this.#fd, this.#chunk, 0, WAL_HEAD, 0) < WAL_HEAD) return false;
    const words = this.#words;
    addTo(this.#sum, words, 0, 6);
    if (read(words, 0) !== MAGIC || read(words, 2) !== this.#pageSize || !this.#isSum(6)) return false;
    this.#salt = [words[4] ?? 0, words[5] ?? 0];
    return true;
  }

  /** Takes the frame at this word of the chunk in, and answers whether it is whole. */
  #next(at: number): boolean {
    const words = this.#words;
    if (!this.#isOfRound(at)) return false;
    addTo(this.#sum, words, at, 2);
    this.#pageSum.a = this.#pageSum.b = 0;
    addToBoth(this.#sum, this.#pageSum, words, at + FRAME_HEAD / 4, this.#pageSize / 4);
    if (!this.#isSum(at + 4)) return false;
    this.#sums.push(this.#sum.a, this.#sum.b, this.#pageSum.a, this.#pageSum.b);
    this.#pending.push(read(words, at));
    const committed = read(words, at + 1);
    if (committed > 0) this.#commit(committed);
    return true;
  }

  #commit(pageCount: number): void {
    for (const page of this.#pending) this.#pages.set(page, ++this.#frames);
    this.#pending = [];
    this.#commits++;
    this.#pageCount = pageCount;
    // What was taken for a rest before belongs to a commit that is whole.
    this.#tailEnd = 0;
    this.#tailCommits = 0;
  }

  /** Looks at a frame, or a piece of one, behind the last commit that is whole so far. */
  #leftOver(from: number, to: number, chunkAt: number): void {
    const hasHead = to - from >= FRAME_HEAD;
    const ofRound = hasHead && this.#isOfRound(from / 4);
    if (hasHead && !ofRound && this.#former.has(this.#chunk.toString("hex", from + 8, from + 16))) return;
    const slot = this.#chunk.subarray(from, to);
    if (slot.equals(this.#zeros.subarray(0, slot.length))) return;
    let end = to;
    while (this.#chunk[end - 1] === 0) end--;
    this.#tailEnd = chunkAt + end;
    if (ofRound && read(this.#words, from / 4 + 1) > 0) this.#tailCommits++;
  }

  #isOfRound(at: number): boolean {
    const [first, second] = this.#salt;
    return this.#words[at + 2] === first && this.#words[at + 3] === second && (first !== 0 || second !== 0);
  }

  #isSum(at: number): boolean {
    return read(this.#words, at) === this.#sum.a && read(this.#words, at + 1) === this.#sum.b;
  }
}

/** A word as SQLite writes all but its sums' input: the highest byte first. */
function read(words: Int32Array, at: number): number {
  const word = words[at] ?? 0;
  if (!LITTLE) return word;
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

const hex = (...words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, "0")).join("");
