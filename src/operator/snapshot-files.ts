import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";

const ENDING = ".ebb-snapshot";
const BLOCK = 1 << 20;

export interface SnapshotFile {
  name: string;
  bytes: number;
  /** When it was taken, on the machine's clock. */
  savedAt: number;
}

/** The snapshots of one data folder: a file each, that only its owner reads. It holds what the store holds. */
export class SnapshotFiles {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, "snapshots");
  }

  has(name: string): boolean {
    return existsSync(this.#path(name));
  }

  list(): SnapshotFile[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(ENDING))
      .toSorted()
      .map((file) => this.describe(file.slice(0, -ENDING.length)));
  }

  describe(name: string): SnapshotFile {
    const { size, mtimeMs } = statSync(this.#path(name));
    return { name, bytes: size, savedAt: mtimeMs };
  }

  /** Writes a file line by line; it gets its name only when it is whole and on the disk. */
  async write<T>(name: string, fill: (put: (line: string) => void) => Promise<T>): Promise<T> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${this.#path(name)}.${process.pid}`;
    const file = openSync(draft, "w", 0o600);
    try {
      const done = await fill((line) => writeSync(file, `${line}\n`));
      fsyncSync(file);
      renameSync(draft, this.#path(name));
      return done;
    } finally {
      closeSync(file);
      rmSync(draft, { force: true });
    }
  }

  /** Opens a snapshot; `lines` may be read more than once, until `close`. */
  open(name: string): { lines: () => Generator<string>; close: () => void } {
    const file = openSync(this.#path(name), "r");
    return { lines: () => linesOf(file), close: () => closeSync(file) };
  }

  remove(name: string): void {
    rmSync(this.#path(name));
  }

  #path(name: string): string {
    return join(this.#folder, name + ENDING);
  }
}

/** What stands after the last line feed is no line: a file that was cut there lacks its end. */
function* linesOf(file: number): Generator<string> {
  const block = Buffer.alloc(BLOCK);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for (let at = 0; ; ) {
    const count = readSync(file, block, 0, BLOCK, at);
    if (count === 0) return;
    at += count;
    const lines = (rest + decoder.write(block.subarray(0, count))).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
