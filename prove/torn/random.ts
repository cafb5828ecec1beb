import { createHash } from "node:crypto";

/** A number in [0, 1) that follows from a name. */
export const chanceOf = (name: string): number => createHash("sha256").update(name).digest().readUInt32BE() / 2 ** 32;

/** One of the whole numbers from `from` to `to`, both included, that follows from a name. */
export const pick = (name: string, from: number, to: number): number =>
  from + Math.floor(chanceOf(name) * (to - from + 1));
