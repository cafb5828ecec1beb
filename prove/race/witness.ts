import type { Kind, Lifecycle } from "../../src/lifecycle/index.ts";
import { findResource } from "../../src/lifecycle/index.ts";
import { reclaimable } from "../../src/lifecycle/reclaim.ts";
import type { Point, Store } from "../../src/store/index.ts";
import { type Picture, takePicture } from "./picture.ts";
import { ALWAYS, AT_REST, type Kinds, type Promised } from "./promises.ts";

/** What a guard's answer depends on. */
const GUARDED = ["resources", "operations", "links"];

/** Looks at the store after every commit of a schedule, and notes each promise that it finds broken. */
export class Witness {
  readonly broken: string[] = [];
  readonly #store: Store;
  readonly #kinds: Kinds;
  readonly #now: () => number;
  #before: Picture | undefined;
  #last = 0;

  constructor(store: Store, kinds: readonly Kind[], now: () => number) {
    this.#store = store;
    this.#kinds = new Map(kinds.map((kind) => [kind.name, reclaimable(kind)]));
    this.#now = now;
  }

  async begin(): Promise<void> {
    this.#before = await takePicture(this.#store, 0);
    this.#last = this.#before.events.at(-1)?.seq ?? 0;
  }

  async committed(process: string, point: Point, written: ReadonlySet<string>): Promise<void> {
    const before = this.#before;
    if (!before) return;
    const picture = await takePicture(this.#store, this.#last, { before, written });
    this.#last = picture.events.at(-1)?.seq ?? this.#last;
    this.#before = picture;
    this.#judge(ALWAYS, picture, before, `after ${process} ${point}`);
    if (GUARDED.some((table) => written.has(table))) await this.#guardsHold(picture, `after ${process} ${point}`);
  }

  /** From its acceptance to its end, nothing but its own resource stands in the way of an operation by its guards. */
  async #guardsHold(picture: Picture, when: string): Promise<void> {
    for (const { kind, verb, resource_id, state } of picture.operations) {
      const guards = state === "running" ? (this.#kinds.get(kind)?.verbs[verb]?.guards ?? []) : [];
      for (const guard of guards) {
        const blockers = await this.#store.read(async (session) => {
          const resource = await findResource(session, resource_id);
          return resource ? guard(session, resource) : [];
        });
        for (const one of blockers)
          if (one.id !== resource_id)
            this.#note(`${verb} of ${resource_id} runs and ${one.kind} ${one.id} (${one.state}) is in its way`, when);
      }
    }
  }

  async atRest(living: readonly Lifecycle[]): Promise<void> {
    const picture = await takePicture(this.#store, this.#last);
    this.#judge(AT_REST, picture, picture, "at rest");
    for (const lifecycle of living) {
      const { purged: _, ...bugs } = await lifecycle.scan();
      if (Object.values(bugs).some((count) => count > 0))
        this.#note(`the scan found ${JSON.stringify(bugs)}`, "at rest");
    }
  }

  /** Everything that only the holder of a lease may change, as one text. */
  async digest(): Promise<string> {
    const { events: _, operations, ...rest } = await takePicture(this.#store, Number.MAX_SAFE_INTEGER);
    return JSON.stringify({ ...rest, operations: operations.map(({ owner: _owner, ...one }) => one) });
  }

  async isLeased(now: number): Promise<boolean> {
    const row = await this.#store.read((session) =>
      session.get("SELECT 1 AS one FROM operations WHERE state = 'running' AND lease_until >= ? LIMIT 1", [now]),
    );
    return row !== undefined;
  }

  #judge(promises: readonly Promised[], picture: Picture, before: Picture, when: string): void {
    for (const promised of promises) {
      const lines = promised({ picture, before, kinds: this.#kinds, at: this.#now() });
      for (const line of lines) this.#note(line, when);
    }
  }

  #note(line: string, when: string): void {
    this.broken.push(`${when}: ${line}`);
  }
}
