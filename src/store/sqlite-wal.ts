import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The head of SQLite's write-ahead log, and of each of its frames, in bytes. */
const WAL_HEAD = 32;
const FRAME_HEAD = 24;
/** The log's sums are made of words in this order when the last bit of its magic number is 0. */
const MAGIC_LITTLE = 0x377f0682;
const FRAMES_AT_ONCE = 64;
const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The two words of a sum. It finds for certain whatever damage lies within 8 bytes, and misses 1 in 2^64 of the rest. */
export interface Sum {
  a: number;
  b: number;
}

/** SQLite's own sum of `count` words (an even number), going on from `sum`. */
export function addTo(sum: Sum, words: Uint32Array, from: number, count: number): void {
  let { a, b } = sum;
  for (let index = from; index < from + count; index += 2) {
    a = (a + (words[index] ?? 0) + b) | 0;
    b = (b + (words[index + 1] ?? 0) + a) | 0;
  }
  sum.a = a >>> 0;
  sum.b = b >>> 0;
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
  readonly #frame: number;
  readonly #former: ReadonlySet<string>;
  readonly #sum: Sum = { a: 0, b: 0 };
  readonly #sums: number[] = [];
  readonly #zeros: Buffer;
  readonly #pages = new Map<number, number>();
  #pending = new Map<number, number>();
  #salt = "";
  #native = true;
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
    this.#zeros = Buffer.alloc(this.#frame);
  }

  read(most = Number.POSITIVE_INFINITY): Wal {
    let whole = this.#head();
    const chunk = Buffer.alloc(this.#frame * Math.min(most, FRAMES_AT_ONCE));
    for (let at = WAL_HEAD; at < this.#size && this.#count < most; at += chunk.length) {
      const got = readSync(this.#fd, chunk, 0, chunk.length, at);
      for (let from = 0; from < got; from += this.#frame) {
        const slot = chunk.subarray(from, Math.min(from + this.#frame, got));
        this.#count++;
        whole &&= slot.length === this.#frame && this.#next(slot);
        if (this.#count > this.#frames) this.#leftOver(slot, at + from);
      }
    }
    const end = this.#frames === 0 ? 0 : frameAt(this.#frames + 1, this.#pageSize);
    return {
      size: this.#size,
      salt: this.#salt,
      frames: this.#frames,
      commits: this.#commits,
      pageCount: this.#pageCount,
      pages: this.#pages,
      sumAt: (frame) => (frame > 0 && frame <= this.#frames ? hex(this.#sums, 2 * (frame - 1)) : ""),
      tail: { bytes: Math.max(0, this.#tailEnd - end), commits: this.#tailCommits },
    };
  }

  /** True for a head that SQLite would accept. */
  #head(): boolean {
    const head = Buffer.alloc(WAL_HEAD);
    if (readSync(this.#fd, head, 0, WAL_HEAD, 0) < WAL_HEAD) return false;
    const magic = head.readUInt32BE(0);
    if ((magic & ~1) >>> 0 !== MAGIC_LITTLE) return false;
    this.#native = (magic === MAGIC_LITTLE) === LITTLE;
    this.#add(head.subarray(0, 24));
    if (head.readUInt32BE(8) !== this.#pageSize || !this.#isSum(head, 24)) return false;
    this.#salt = head.toString("hex", 16, 24);
    return true;
  }

  /** Takes the next frame in, and answers whether it is whole. */
  #next(slot: Buffer): boolean {
    if (slot.toString("hex", 8, 16) !== this.#salt) return false;
    this.#add(slot.subarray(0, 8));
    this.#add(slot.subarray(FRAME_HEAD));
    if (!this.#isSum(slot, 16)) return false;
    this.#sums.push(this.#sum.a, this.#sum.b);
    this.#pending.set(slot.readUInt32BE(0), this.#count);
    const committed = slot.readUInt32BE(4);
    if (committed > 0) this.#commit(committed);
    return true;
  }

  #commit(pageCount: number): void {
    for (const [page, frame] of this.#pending) this.#pages.set(page, frame);
    this.#pending = new Map();
    this.#frames = this.#count;
    this.#commits++;
    this.#pageCount = pageCount;
    // What was taken for a rest before belongs to a commit that is whole.
    this.#tailEnd = 0;
    this.#tailCommits = 0;
  }

  #leftOver(slot: Buffer, at: number): void {
    const salt = slot.length < FRAME_HEAD ? "" : slot.toString("hex", 8, 16);
    if (salt !== this.#salt && this.#former.has(salt)) return;
    if (slot.equals(this.#zeros.subarray(0, slot.length))) return;
    let end = slot.length;
    while (slot[end - 1] === 0) end--;
    this.#tailEnd = at + end;
    if (salt === this.#salt && slot.readUInt32BE(4) > 0) this.#tailCommits++;
  }

  #add(bytes: Buffer): void {
    const own = this.#native && bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
    if (!this.#native) own.swap32();
    addTo(this.#sum, new Uint32Array(own.buffer, own.byteOffset, own.length / 4), 0, own.length / 4);
  }

  #isSum(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#sum.a && bytes.readUInt32BE(at + 4) === this.#sum.b;
  }
}

const hex = (words: readonly number[], at: number): string =>
  [words[at], words[at + 1]].map((word) => (word ?? 0).toString(16).padStart(8, "0")).join("");
