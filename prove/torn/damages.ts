import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { chanceOf, pick } from "./random.ts";

/** One way to damage a copy of a store, with a name that says it again. */
export interface Damage {
  name: string;
  /** False where the files are not there to be damaged so. */
  do(db: string): boolean;
}

const PAGE = 4_096;
const FRAME = PAGE + 24;
const WAL_HEAD = 32;

type FileKind = "wal" | "db" | "sums" | "shm";
const fileOf = (db: string, kind: FileKind) => ({ db, wal: `${db}-wal`, sums: `${db}.sums`, shm: `${db}-shm` })[kind];

/** What can be damaged in a file: its bytes that are read. Behind a log's last frame stand those of earlier rounds, and a hole. */
function used(db: string, kind: FileKind): { file: string; bytes: Buffer; end: number } | undefined {
  const file = fileOf(db, kind);
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const end = kind === "wal" ? endOfRound(bytes) : bytes.length;
  return end === 0 ? undefined : { file, bytes, end };
}

/** Where the last frame ends that bears the salt of the log's head. */
function endOfRound(bytes: Buffer): number {
  const salt = bytes.subarray(16, 24);
  let end = Math.min(bytes.length, WAL_HEAD);
  while (bytes.length >= end + FRAME && bytes.subarray(end + 8, end + 16).equals(salt)) end += FRAME;
  return end;
}

/** Changes a file's bytes in place; `where` gets the end of what is used, and answers the place. */
function change(
  kind: FileKind,
  name: string,
  where: (end: number) => number,
  to: (bytes: Buffer, at: number) => void,
): Damage {
  return {
    name: `${kind}: ${name}`,
    do(db) {
      const found = used(db, kind);
      const at = found ? where(found.end) : -1;
      if (!found || at < 0 || at >= found.end) return false;
      const before = Buffer.from(found.bytes);
      to(found.bytes, at);
      if (before.equals(found.bytes)) return false;
      writeFileSync(found.file, found.bytes);
      return true;
    },
  };
}

const flip = (kind: FileKind, name: string, where: (end: number) => number, bit: number) =>
  change(kind, `bit ${bit} of ${name} flipped`, where, (bytes, at) => {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  });

const burst = (kind: FileKind, name: string, where: (end: number) => number, length: number, seed: string) =>
  change(kind, `${length} bytes at ${name} overwritten`, where, (bytes, at) => {
    for (let index = at; index < Math.min(bytes.length, at + length); index++)
      bytes[index] = (bytes[index] ?? 0) ^ pick(`${seed} ${index}`, 0, 255);
  });

const zeros = (kind: FileKind, name: string, where: (end: number) => number, length: number) =>
  change(kind, `${length} bytes at ${name} zeroed`, where, (bytes, at) => {
    bytes.fill(0, at, Math.min(bytes.length, at + length));
  });

function cut(kind: FileKind, name: string, to: (end: number, size: number) => number): Damage {
  return {
    name: `${kind}: cut ${name}`,
    do(db) {
      const found = used(db, kind);
      const length = found ? to(found.end, found.bytes.length) : -1;
      if (!found || length < 0 || length >= found.bytes.length) return false;
      truncateSync(found.file, length);
      return true;
    },
  };
}

const missing = (kind: FileKind): Damage => ({
  name: `${kind}: missing`,
  do(db) {
    if (!existsSync(fileOf(db, kind)) || statSync(fileOf(db, kind)).size === 0) return false;
    rmSync(fileOf(db, kind));
    return true;
  },
});

/** Where the frame stands that is so many before the last (0 is the last); -1 where there are not so many. */
const frame = (back: number, offset: number) => (end: number) => {
  const frames = Math.ceil((end - WAL_HEAD) / FRAME);
  return frames > back ? WAL_HEAD + (frames - 1 - back) * FRAME + offset : -1;
};
const page = (back: number, offset: number) => (end: number) => end - (back + 1) * PAGE + offset;

const FIELDS = { "page number": 0, "commit mark": 4, salt: 8, "second salt": 12, sum: 16, "second sum": 20 };

function ofLog(seed: string): Damage[] {
  const some = (name: string, to: number) => pick(`${seed} ${name}`, 0, to);
  const all: Damage[] = [missing("wal"), cut("wal", "to nothing", () => 0), cut("wal", "inside its head", () => 16)];
  for (const back of [0, 1, 2, 3, 5, 8, 13, 21]) {
    all.push(cut("wal", `before frame -${back}`, frame(back, 0)));
    all.push(cut("wal", `in the head of frame -${back}`, frame(back, some(`head ${back}`, 23))));
    all.push(cut("wal", `in frame -${back}`, frame(back, 24 + some(`in ${back}`, PAGE - 1))));
    const at = some(`payload ${back}`, PAGE - 1);
    all.push(flip("wal", `byte ${at} of frame -${back}`, frame(back, 24 + at), some(`bit ${back}`, 7)));
    for (const length of [2, 32, 512])
      all.push(burst("wal", `frame -${back}`, frame(back, some(`${length} ${back}`, FRAME - length)), length, seed));
    all.push(zeros("wal", `frame -${back}`, frame(back, some(`zero ${back}`, FRAME - 512)), 512));
  }
  for (const [name, offset] of Object.entries(FIELDS))
    for (const back of [0, 1, 4])
      all.push(
        flip("wal", `${name} of frame -${back}`, frame(back, offset + some(name, 3)), some(`${name} ${back}`, 7)),
      );
  for (let at = 0; at < WAL_HEAD; at += 4) all.push(flip("wal", `its head at ${at}`, () => at, some(`head ${at}`, 7)));
  for (let nth = 0; nth < 8; nth++) {
    const somewhere = (end: number) => Math.floor(chanceOf(`${seed} anywhere ${nth}`) * end);
    all.push(flip("wal", `somewhere (${nth})`, somewhere, nth), cut("wal", `somewhere (${nth})`, somewhere));
  }
  all.push(
    cut("wal", "behind its last frame", (end) => end),
    cut("wal", "by one byte", (_end, size) => size - 1),
  );
  all.push(
    change(
      "wal",
      "bytes behind its last frame",
      (end) => end - 1,
      (bytes, at) => {
        if (bytes.length > at + 600) bytes.fill(0x5a, at + 1, at + 600);
      },
    ),
  );
  return all;
}

function ofFile(seed: string): Damage[] {
  const some = (name: string, to: number) => pick(`${seed} db ${name}`, 0, to);
  const all: Damage[] = [missing("db"), cut("db", "to nothing", () => 0), cut("db", "inside its head", () => 60)];
  for (const at of [0, 16, 18, 24, 28, 40, 56, 60, 68, 92, 96])
    all.push(flip("db", `its head at ${at}`, () => at, some(`${at}`, 7)));
  for (const back of [0, 1, 2, 4, 7]) {
    all.push(
      cut("db", `before page -${back}`, page(back, 0)),
      cut("db", `in page -${back}`, page(back, 1 + some(`c${back}`, PAGE - 2))),
    );
    all.push(flip("db", `page -${back}`, page(back, some(`p${back}`, PAGE - 1)), some(`b${back}`, 7)));
    all.push(burst("db", `page -${back}`, page(back, some(`u${back}`, PAGE - 64)), 64, seed));
    all.push(zeros("db", `page -${back}`, page(back, some(`z${back}`, PAGE - 512)), 512));
  }
  for (let nth = 0; nth < 24; nth++)
    all.push(flip("db", `somewhere (${nth})`, (end) => Math.floor(chanceOf(`${seed} row ${nth}`) * end), nth % 8));
  all.push({
    name: "db: a page added",
    do(db) {
      if (!existsSync(db)) return false;
      writeFileSync(db, Buffer.concat([readFileSync(db), Buffer.alloc(PAGE, 0x5a)]));
      return true;
    },
  });
  return all;
}

const half = (end: number) => end / 2;

function ofSums(seed: string): Damage[] {
  const all: Damage[] = [missing("sums"), cut("sums", "to nothing", () => 0), missing("shm")];
  all.push(
    cut("sums", "in its middle", half),
    cut("sums", "by one byte", (end) => end - 1),
    cut("sums", "to a byte", () => 1),
  );
  for (let nth = 0; nth < 6; nth++) {
    const at = pick(`${seed} sums ${nth}`, 0, 600);
    all.push(
      flip("sums", `byte ${at} of the first note`, () => at, nth),
      flip("sums", `byte ${at} of the second note`, (end) => half(end) + at, nth),
    );
  }
  all.push(
    zeros("sums", "the first note", () => 0, 4_096),
    zeros("sums", "the second note", half, 4_096),
  );
  all.push(
    flip("shm", "its start", () => 17, 3),
    flip("shm", "somewhere", (end) => end / 3, 5),
  );
  return all;
}

/** A file of another time in the place of this one. */
export const swapped = (kind: FileKind, other: string): Damage => ({
  name: `${kind}: one of another time`,
  do(db) {
    const from = fileOf(other, kind);
    if (!existsSync(from) || statSync(from).size === 0) return false;
    const bytes = readFileSync(from);
    if (existsSync(fileOf(db, kind)) && readFileSync(fileOf(db, kind)).equals(bytes)) return false;
    writeFileSync(fileOf(db, kind), bytes);
    return true;
  },
});

export const damagesOf = (seed: string): Damage[] => [...ofLog(seed), ...ofFile(seed), ...ofSums(seed)];
