import assert from "node:assert/strict";
import type { Kind, Resource } from "../src/lifecycle/index.ts";
import { findResource } from "../src/lifecycle/index.ts";
import type { ResourceRow, Session } from "../src/store/index.ts";
import type { Asker, Ebb } from "./harness.ts";
import type { Made, Teller } from "./stories/index.ts";

const HOUR = 3_600_000;
/** What stands in an id's place when its thing could not be made. */
const NOT_MADE = "00000000-0000-4000-8000-000000000000";
const TURNS = 5;

/** `strict`: every call has to succeed. `patient`: a step fails for good somewhere, and what follows from that is borne. */
export type Mood = "strict" | "patient";

/** Tells a story over the wire of an Ebb in this process. */
export class Wire implements Teller {
  readonly project: string;
  /** `delete of <id>`: what has failed for good, and was left in a stable state that says why. */
  readonly stable = new Set<string>();
  readonly #ebb: Ebb;
  readonly #client: Asker;
  readonly #tag: string;
  readonly #mood: Mood;

  constructor(ebb: Ebb, client: Asker, tag: string, mood: Mood) {
    this.#ebb = ebb;
    this.#client = client;
    this.#tag = tag;
    this.#mood = mood;
    this.project = client.projectId;
  }

  async make(kind: string, name: string, path: string, body: object): Promise<string> {
    await this.#ask("POST", path, body);
    const id = await this.find(kind, name);
    assert.ok(id !== undefined || this.#mood === "patient", `${kind} ${name} was not made`);
    return id ?? NOT_MADE;
  }

  async act(_name: string, method: string, path: string, body?: object): Promise<void> {
    await this.#ask(method, path, body);
  }

  async perhaps(_name: string, method: string, path: string, body?: object): Promise<void> {
    await this.#client.ask(method, path, body);
  }

  /** Deletes a thing; once more when a step of its deletion has failed for good. */
  async remove({ id, remove: [method, path, body] }: Made): Promise<void> {
    for (let turn = 0; turn < 2; turn++) {
      for (let again = 0; again < (this.#mood === "strict" ? 2 : 1); again++) {
        const { status, text } = await this.#client.ask(method, path, body);
        const fits = status < 300 || (await this.#find(id)) === undefined;
        assert.ok(fits, `${this.#tag}: ${method} ${path}: ${status} ${text}`);
      }
      if (this.#mood === "strict") return;
      await this.#anHour();
      await this.#noteFailures();
    }
  }

  /** Lets time pass until nothing runs. What failed to be deleted along with something else is deleted again. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      await this.#anHour();
      const stuck = await this.#noteFailures();
      for (const one of stuck) await this.#deleteAgain(one);
      if (stuck.length === 0 && (await this.#running()) === 0) return;
    }
    throw new Error(`${this.#tag}: operations still run after ${TURNS} hours`);
  }

  pass(ms: number): Promise<void> {
    return this.#ebb.pass(ms);
  }

  moment(most: number): Promise<void> {
    return this.#ebb.pass(Math.round(most / 6));
  }

  async find(kind: string, name: string): Promise<string | undefined> {
    const sql = "SELECT id FROM resources WHERE kind = ? AND name = ? ORDER BY seq LIMIT 1";
    return (await this.read((session) => session.get<{ id: string }>(sql, [kind, name])))?.id;
  }

  read<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    return this.#ebb.store.read(ask);
  }

  /** Lets time pass until nothing runs, but no more than an hour: something may wait for what has failed. */
  async #anHour(): Promise<void> {
    const { clock, house } = this.#ebb;
    const end = clock.now() + HOUR;
    for (;;) {
      await this.#ebb.settle();
      const { later } = await house.lifecycle.runner.due();
      if ((await this.#running()) === 0 || later === undefined || later > end) return;
      clock.advance(later - clock.now());
    }
  }

  async #ask(method: string, path: string, body?: object): Promise<void> {
    const { status, text } = await this.#client.ask(method, path, body);
    assert.ok(status < 300 || this.#mood === "patient", `${method} ${path}: ${status} ${text}`);
    assert.ok(status < 500 && status !== 401, `${method} ${path}: ${status} ${text}`);
  }

  async #find(id: string): Promise<Resource | undefined> {
    const found = await this.read((session) => findResource(session, id));
    return found?.goneAt === null ? found : undefined;
  }

  async #running(): Promise<number> {
    const sql = "SELECT count(*) AS n FROM operations WHERE state = 'running'";
    return (await this.read((session) => session.get<{ n: number }>(sql)))?.n ?? 0;
  }

  /** Holds that whatever has failed stands in a state that takes a delete, and says why. Answers what failed to be deleted. */
  async #noteFailures(): Promise<Resource[]> {
    const sql = "SELECT * FROM resources WHERE error IS NOT NULL AND gone_at IS NULL ORDER BY seq";
    const rows = await this.read((session) => session.all<ResourceRow>(sql));
    const stuck: Resource[] = [];
    for (const { id } of rows) {
      const one = await this.#find(id);
      if (!one?.error) continue;
      const { error } = one;
      for (const said of [error.step, error.reason, error.owner, error.hint])
        assert.ok(said, `${one.kind} ${one.state}`);
      const operations = await this.#ebb.house.lifecycle.operations(id);
      assert.equal(
        operations.at(-1)?.state,
        "failed",
        `${one.kind} ${one.state} has an error, and something else came of it`,
      );
      const kind = this.#kind(one.kind);
      const ending = endingOf(kind);
      const takesDelete = kind.verbs[ending]?.from.includes(one.state);
      assert.ok(
        takesDelete || kind.verbs[error.verb]?.during === undefined,
        `${one.kind} takes no delete in ${one.state}`,
      );
      this.stable.add(`${error.verb} of ${id}`);
      if (error.verb === ending) stuck.push(one);
    }
    return stuck;
  }

  async #deleteAgain({ id, kind, tenant }: Resource): Promise<void> {
    const caller = { tenant, userId: "a test", requestId: "a test" };
    await this.#ebb.house.lifecycle.accept(caller, async (accepting) =>
      accepting.submit(endingOf(this.#kind(kind)), await accepting.get(kind, id)),
    );
  }

  #kind(name: string): Kind {
    const kind = this.#ebb.services.flatMap((service) => service.kinds).find((one) => one.name === name);
    assert.ok(kind, name);
    return kind;
  }
}

/** The verb that takes a thing of this kind away. */
const endingOf = ({ verbs, gone }: Kind): string =>
  Object.keys(verbs).find((name) => verbs[name]?.then === gone) ?? assert.fail("a kind that nothing ends");
