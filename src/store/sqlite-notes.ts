import { hash } from "node:crypto";
import { closeSync, fdatasyncSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { LogNote, Sums } from "./sqlite-sums.ts";

const MAGIC = "ebb page sums 1";
const SHA_BYTES = 32;
/** Length of the body, its SHA-256; then the body. */
const SLOT_HEAD = 4 + SHA_BYTES;
const SLOT_LEAST = 64 * 1_024;

interface Head {
  magic: string;
  /** Grows with each note. */
  number: number;
  pageSize: number;
  pages: number;
  coming: number | null;
  log: LogNote | null;
}

/**
 * The file in which the sums are noted: two slots, written in turn, so that a note that is cut by the end of the process
 * leaves the one before it. A note is a line of JSON, then the sums of the pages, then those that are coming.
 */
export class Notes {
  readonly #file: string;
  #number = 0;
  /** The other note is there and not whole: cut by the end of the process, or damaged. */
  torn = false;
  /** Bytes of one slot; 0 where there is no file. */
  #slot = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** The newest note that is whole. Undefined where there is no file, "damaged" where it has none. */
  read(): Sums | "damaged" | undefined {
    const bytes = readIfThere(this.#file);
    if (!bytes) return undefined;
    this.#slot = bytes.length / 2;
    const slots = [bytes.subarray(0, this.#slot), bytes.subarray(this.#slot)];
    const notes = slots.flatMap((slot) => parse(slot) ?? []);
    this.torn = slots.some((slot) => !parse(slot) && slot.some((byte) => byte !== 0));
    const newest = notes.toSorted((one, other) => other.head.number - one.head.number)[0];
    if (!newest) return "damaged";
    this.#number = newest.head.number;
    return newest.sums;
  }

  /** Writes a note down: it is on disk when this returns. */
  write({ pageSize, pages, coming, log }: Sums): void {
    this.#number++;
    const head: Head = {
      magic: MAGIC,
      number: this.#number,
      pageSize,
      pages: pages.length,
      coming: coming?.length ?? null,
      log,
    };
    const body = Buffer.concat([
      Buffer.from(`${JSON.stringify(head)}\n`),
      bytesOf(pages),
      bytesOf(coming ?? new Uint32Array()),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    const note = Buffer.concat([length, hash("sha256", body, "buffer"), body]);
    if (note.length > this.#slot) this.#replace(note);
    else writeAt(this.#file, "r+", note, (this.#number % 2) * this.#slot);
  }

  /** A file with longer slots, in the place of the one that is there. */
  #replace(note: Buffer): void {
    const slot = Math.max(SLOT_LEAST, 2 ** Math.ceil(Math.log2(note.length * 2)));
    const both = Buffer.alloc(2 * slot);
    note.copy(both, (this.#number % 2) * slot);
    writeAt(`${this.#file}.next`, "w", both, 0);
    renameSync(`${this.#file}.next`, this.#file);
    // A folder cannot be opened on Windows, which keeps it safe by itself.
    if (process.platform !== "win32") sync(dirname(this.#file));
    this.#slot = slot;
  }
}

function parse(slot: Buffer): { head: Head; sums: Sums } | undefined {
  if (slot.length < SLOT_HEAD) return undefined;
  const body = slot.subarray(SLOT_HEAD, SLOT_HEAD + slot.readUInt32LE(0));
  if (!hash("sha256", body, "buffer").equals(slot.subarray(4, SLOT_HEAD))) return undefined;
  const headEnd = body.indexOf("\n") + 1;
  const head = JSON.parse(body.toString("utf8", 0, headEnd)) as Head;
  if (head.magic !== MAGIC) return undefined;
  const middle = headEnd + head.pages * 4;
  const pages = wordsOf(body.subarray(headEnd, middle));
  const coming = head.coming === null ? null : wordsOf(body.subarray(middle));
  return { head, sums: { pageSize: head.pageSize, pages, coming, log: head.log } };
}

const bytesOf = (words: Uint32Array) => Buffer.from(words.buffer, words.byteOffset, words.byteLength);
const wordsOf = (bytes: Buffer) => new Uint32Array(new Uint8Array(bytes).buffer);

/** A file's bytes, or undefined where there is none. */
function readIfThere(file: string): Buffer | undefined {
  if (!statSync(file, { throwIfNoEntry: false })) return undefined;
  return readFileSync(file);
}

function writeAt(file: string, flags: "w" | "r+", bytes: Buffer, at: number): void {
  const fd = openSync(file, flags, 0o600);
  try {
    writeSync(fd, bytes, 0, bytes.length, at);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Brings to disk what was written to a file or, for a folder, which files are in it. */
export function sync(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
