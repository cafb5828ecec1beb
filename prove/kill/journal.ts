import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** One line of a run's journal. It outlives each process of the run, as a client's own notes would. */
export type Entry =
  | { is: "born" }
  /** A stage of a tale that is done, with what it answered. */
  | { is: "done"; stage: string; value: unknown }
  /** A call that was sent: without its `done`, its answer may have been lost. */
  | { is: "asked"; stage: string }
  /** A success that reached the client. */
  | { is: "accepted"; id: string; verb: string }
  | { is: "killed"; when: When; labels: readonly string[] }
  /** A write that has become durable, the first time that it was seen. */
  | { is: "seen"; label: string }
  /** The world began to make or to change a thing. */
  | { is: "made"; ref: string }
  | { is: "changed"; ref: string; operation: string; spec: string }
  | { is: "problem"; kind: Problem; text: string }
  | { is: "over" };

export type When = "before" | "after";
export type Problem = "lost" | "leaked" | "doubled" | "broken";

/** What is known of a run: the lines of its file, in order. */
export class Journal {
  readonly #file: string;
  readonly entries: Entry[];

  constructor(file: string) {
    this.#file = file;
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    this.entries = text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Entry);
  }

  /** One call into the system a line: whatever ends the process, a line is there or it is not. */
  write(entry: Entry): void {
    this.entries.push(entry);
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  all<I extends Entry["is"]>(is: I): Extract<Entry, { is: I }>[] {
    return this.entries.filter((one): one is Extract<Entry, { is: I }> => one.is === is);
  }
}
