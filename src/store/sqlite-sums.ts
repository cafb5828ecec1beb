import { closeSync, readSync } from "node:fs";
import { addTo, openIfThere, type Sum, type Wal } from "./sqlite-wal.ts";

/** A round of the log: what must be found in it. */
export interface LogNote {
  salt: string;
  /** Bytes that the file has at least; it was made longer than what is in it, so that a cut shows. */
  size: number;
  /** Frames that were whole when this was written, and the running sum at the last of them. */
  frames: number;
  sum: string;
  /** The salts of earlier rounds in the same file, oldest first. */
  former: readonly string[];
}

/** What each page of the database file must be. */
export interface Sums {
  pageSize: number;
  /** Two words a page, from page 1 on. */
  pages: Uint32Array;
  /** The pages as the checkpoint that is under way leaves them; null between two. */
  coming: Uint32Array | null;
  /** Null while the store is closed: it then has no log. */
  log: LogNote | null;
}

const PAGES_AT_ONCE = 256;

/** The sums of a database file's pages, two words each; a last page that is not whole is summed as far as it goes. */
export function sumPages(file: string, pageSize: number): Uint32Array {
  const fd = openIfThere(file);
  if (fd === undefined) return new Uint32Array();
  try {
    const sums: number[] = [];
    const chunk = Buffer.alloc(PAGES_AT_ONCE * pageSize);
    const words = new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
    for (let at = 0, got = 0; (got = readSync(fd, chunk, 0, chunk.length, at)) > 0; at += got) {
      chunk.fill(0, got);
      for (let from = 0; from < got; from += pageSize) {
        const sum: Sum = { a: 0, b: 0 };
        addTo(sum, words, from / 4, pageSize / 4);
        sums.push(sum.a, sum.b);
      }
    }
    return Uint32Array.from(sums);
  } finally {
    closeSync(fd);
  }
}

/** The sums that the pages will have once the log's last committed images are in their places. */
export function sumComing(pages: Uint32Array, wal: Pick<Wal, "pages" | "pageCount" | "pageSum">): Uint32Array {
  const coming = new Uint32Array(2 * wal.pageCount);
  coming.set(pages.subarray(0, coming.length));
  for (const [page, frame] of wal.pages) {
    if (page > wal.pageCount) continue;
    const { a, b } = wal.pageSum(frame);
    coming.set([a, b], 2 * page - 2);
  }
  return coming;
}
