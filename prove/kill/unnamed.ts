import { DatabaseSync } from "node:sqlite";
import type { Journal } from "./journal.ts";

/** Watches a SQLite file for commits that no hook was told of. */
export class Unnamed {
  readonly #file: string;
  readonly #journal: Journal;
  #db: DatabaseSync | undefined;
  #version: number | undefined;

  constructor(file: string, journal: Journal) {
    this.#file = file;
    this.#journal = journal;
  }

  /** Before a named commit: nothing has been committed since the one before it. */
  look(): void {
    const version = this.#read();
    if (this.#version !== undefined && this.#version !== version)
      this.#journal.write({ is: "problem", kind: "broken", text: "the file was changed by a write without a point" });
    this.#version = version;
  }

  /** After a named commit. */
  note(): void {
    this.#version = this.#read();
  }

  close(): void {
    this.#db?.close();
  }

  /** Changes whenever another connection has committed. */
  #read(): number {
    this.#db ??= new DatabaseSync(this.#file, { readOnly: true });
    return (this.#db.prepare("PRAGMA data_version").get() as { data_version: number }).data_version;
  }
}
