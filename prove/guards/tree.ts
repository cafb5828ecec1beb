import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mutation } from "./mutation.ts";

const ROOT = join(import.meta.dirname, "../..");
const COPIED = ["src", "test", "bin", "package.json", "package-lock.json", "tsconfig.json"];

/** A copy of the project that can be broken and mended again. */
export class Tree {
  readonly folder = mkdtempSync(join(tmpdir(), "ebb-guards-"));

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.folder, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Answers how to mend it. @throws when the mutation does not fit the source */
  break({ name, file, find, put }: Mutation): () => void {
    const path = join(this.folder, file);
    const text = readFileSync(path, "utf8");
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${name}: what it changes stands ${times} times in ${file}, not once`);
    if (put === find) throw new Error(`${name}: it changes nothing`);
    writeFileSync(
      path,
      text.replace(find, () => put),
    );
    return () => writeFileSync(path, text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
