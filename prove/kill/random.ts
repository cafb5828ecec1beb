import { createHash } from "node:crypto";

/** A number in [0, 1) that follows from a name. */
export const chanceOf = (name: string): number => createHash("sha256").update(name).digest().readUInt32BE() / 2 ** 32;
