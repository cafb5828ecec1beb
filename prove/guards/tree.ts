import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mutation } from "./mutation.ts";

const ROOT = join(import.meta.dirname, "../..");
const COPIED = ["src", "test", "bin", "package.json", "package-lock.json", "tsconfig.json"];

function broken(source: string, { name, file, and, ...first }: Mutation): string {
  let text = source;
  for (const { find, put } of [first, ...(and ? [and] : [])]) {
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${name}: what it changes stands ${times} times in ${file}, not once: ${find}`);
    text = text.replace(find, () => put);
  }
  return text;
}

/** What does not fit the source, all of it at once. */
export function misfits(all: readonly Mutation[]): string[] {
  return all.flatMap((one) => {
    try {
      broken(readFileSync(join(ROOT, one.file), "utf8"), one);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/** A copy of the project that can be broken and mended again. */
export class Tree {
  readonly folder = mkdtempSync(join(tmpdir(), "ebb-guards-"));

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.folder, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Answers how to mend it. @throws when the mutation does not fit the source */
  break(mutation: Mutation): () => void {
    const path = join(this.folder, mutation.file);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, broken(before, mutation));
    return () => writeFileSync(path, before);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
