import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Answer, type Asker, type Ebb, type EbbOptions, START, startEbb } from "./harness.ts";

export const CPU = "modelarts.vm.cpu.2u";
export const PYTHON = "Multi-Engine 1.0 (python3)-cpu";
export const OBS = { type: "obs", location: { path: "/team-bucket/nb/" } };
export const EVS = { type: "evs", location: { volume_size: 20 } };

/** Virtual ms within which anything that an instance is at has ended. */
export const A_WHILE = 5 * 60_000;

/** A create's body; `over` replaces or, with undefined, removes fields. */
export const bodyOf = (over: Record<string, unknown> = {}) => ({
  name: "nb-one",
  profile_id: PYTHON,
  description: "",
  flavor: CPU,
  spec: { storage: OBS },
  ...over,
});

export interface Notebooks {
  ebb: Ebb;
  url(id?: string, tail?: string): string;
  create(over?: Record<string, unknown>): Promise<Answer>;
  show(id: string): Promise<Answer>;
  act(id: string, action: string): Promise<Answer>;
  remove(id: string): Promise<Answer>;
  list(query?: string): Promise<Answer>;
  modify(id: string, body: unknown): Promise<Answer>;
  status(id: string): Promise<string>;
  /** Creates an instance, waits until it runs, and answers its id. */
  running(over?: Record<string, unknown>): Promise<string>;
  /** The same, stopped again. */
  stopped(over?: Record<string, unknown>): Promise<string>;
  /** Fails unless nothing is held and the world is empty. */
  assertNothingLeft(): Promise<void>;
}

export async function startNotebooks(t: TestContext, options: EbbOptions = {}): Promise<Notebooks> {
  const ebb = await startEbb(t, options);
  return notebooksOf(ebb, ebb.one);
}

/** One caller's way of asking for notebooks. */
export function notebooksOf(ebb: Ebb, who: Pick<Asker, "ask" | "projectId">): Notebooks {
  const url = (id = "", tail = "") => `/v1/${who.projectId}/demanager/instances${id && `/${id}`}${tail}`;
  const it: Notebooks = {
    ebb,
    url,
    create: (over) => who.ask("POST", url(), bodyOf(over)),
    show: (id) => who.ask("GET", url(id)),
    act: (id, action) => who.ask("POST", url(id, "/action"), { action }),
    remove: (id) => who.ask("DELETE", url(id)),
    list: (query = "") => who.ask("GET", `${url()}?de_type=Notebook${query}`),
    modify: (id, body) => who.ask("PUT", url(id), body),
    status: async (id) => (await it.show(id)).body.status,
    async running(over) {
      const created = await it.create(over);
      assert.equal(created.status, 200, created.text);
      await ebb.pass(A_WHILE);
      assert.equal(await it.status(created.body.id), "RUNNING");
      return created.body.id;
    },
    async stopped(over) {
      const id = await it.running(over);
      await it.act(id, "stop");
      await ebb.pass(A_WHILE);
      assert.equal(await it.status(id), "STOPPED");
      return id;
    },
    async assertNothingLeft() {
      const held = await ebb.store.read((session) => session.all("SELECT ref FROM holdings WHERE released_at IS NULL"));
      assert.deepEqual(held, []);
      assert.deepEqual(await ebb.house.drivers.notebooks.marked(), []);
    },
  };
  return it;
}

/** Fails unless the answer is this refusal, with its message under both keys. */
export function assertRefused(answer: Answer, code: string, status = 400): void {
  assert.equal(answer.body?.error_code, `ModelArts.${code}`, answer.text);
  assert.equal(answer.status, status, answer.text);
  assert.equal(typeof answer.body.error_message, "string");
  assert.notEqual(answer.body.error_message, "");
  assert.equal(answer.body.error_msg, answer.body.error_message);
  assert.ok(!answer.body.error_message.includes("{}"), answer.text);
}

export { START };
