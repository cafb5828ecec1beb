import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { StoreAddress } from "../../src/store/index.ts";
import { freshStore } from "../store.ts";
import { type EbbProcess, peek, startProcess } from "./process.ts";

/** The promise: every accepted operation goes on within this time (real ms) after a restart or a takeover. */
const RESUME_MS = 2_000;
const GIVE_UP_MS = 30_000;
const DELETES = 24;

interface Running {
  id: string;
  fence: number;
}

async function until<T>(what: string, look: () => Promise<T | undefined>, most = GIVE_UP_MS): Promise<T> {
  const end = performance.now() + most;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) throw new Error(`${what}: not seen within ${most} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const runningIn = (store: StoreAddress) =>
  peek<Running>(store, "SELECT id, CAST(fence AS INTEGER) AS fence FROM operations WHERE state = 'running'");

const endpointBody = (index: number) => ({
  name: `ep-${index}`,
  type: "inference",
  reserved_resource: { mu: { spec_code: "mu.kill", min: 1, max: 1 } },
});

/** One workspace with endpoints in it, all running. */
async function furnish(ebb: EbbProcess): Promise<{ workspace: string; endpoints: string[] }> {
  const made = await ebb.ask("POST", "/v1/workspaces", { name: "kill-test" });
  assert.equal(made.status, 200, made.text);
  const workspace = made.body.id as string;
  const answers = await Promise.all(
    Array.from({ length: DELETES }, (_, index) =>
      ebb.ask("POST", `/v1/workspaces/${workspace}/endpoints`, endpointBody(index)),
    ),
  );
  const endpoints = answers.map((answer) => answer.body.id as string);
  await until("all endpoints running", async () => {
    const list = await ebb.ask("GET", `/v1/workspaces/${workspace}/endpoints?limit=100`);
    return list.body.endpoints.every((one: { status: string }) => one.status === "RUNNING") ? true : undefined;
  });
  return { workspace, endpoints };
}

/** Every operation that ran at the kill is done or has been claimed anew. */
async function allGoOn(store: StoreAddress, before: Running[]): Promise<number> {
  const since = performance.now();
  await until(
    "every accepted operation goes on",
    async () => {
      const running = new Map((await runningIn(store)).map((one) => [one.id, one.fence]));
      return before.every((one) => (running.get(one.id) ?? Number.POSITIVE_INFINITY) > one.fence) ? true : undefined;
    },
    RESUME_MS,
  );
  return performance.now() - since;
}

async function nothingIsLeft(ebb: EbbProcess, store: StoreAddress, workspace: string): Promise<void> {
  await until("the deletes end", async () => ((await runningIn(store)).length === 0 ? true : undefined));
  const list = await ebb.ask("GET", `/v1/workspaces/${workspace}/endpoints`);
  assert.equal(list.body.total, 0);
  assert.deepEqual(await peek(store, "SELECT ref FROM holdings WHERE released_at IS NULL"), []);
  assert.deepEqual(await peek(store, "SELECT ref FROM sim_things WHERE phase <> 'unmaking' OR made <> 1"), []);
  assert.equal((await ebb.ask("DELETE", `/v1/workspaces/${workspace}`)).status, 200);
}

async function place(t: TestContext) {
  const { dataDir, store, remove } = await freshStore({ discard: true });
  const living: EbbProcess[] = [];
  t.after(async () => {
    for (const one of living) await one.kill();
    await remove();
  });
  const start = async () => {
    const ebb = await startProcess(dataDir, store);
    living.push(ebb);
    return ebb;
  };
  return { store, start };
}

test("killed in the middle of deletes, a restarted Ebb goes on with every accepted one within two seconds", async (t) => {
  const { store, start } = await place(t);
  let ebb = await start();
  const { workspace, endpoints } = await furnish(ebb);
  let accepted = 0;
  for (const id of endpoints) {
    const answer = await ebb.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${id}`);
    assert.equal(answer.status, 202, answer.text);
    accepted++;
    if (accepted % 8 !== 0) continue;
    await ebb.kill();
    const before = await runningIn(store);
    ebb = await start();
    t.diagnostic(`${before.length} operations went on after ${Math.round(await allGoOn(store, before))} ms`);
  }
  await nothingIsLeft(ebb, store, workspace);
});

test("with two processes on one store, the deletes of a killed one go on in the other within two seconds", {
  skip: process.env.EBB_TEST_STORE !== "postgres" && "an embedded store has one process",
}, async (t) => {
  const { store, start } = await place(t);
  const [first, second] = [await start(), await start()];
  const { workspace, endpoints } = await furnish(first);
  await Promise.all(endpoints.map((id) => first.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${id}`)));
  await first.kill();
  const before = await peek<Running & { lease_until: number | null }>(
    store,
    "SELECT id, CAST(fence AS INTEGER) AS fence, lease_until FROM operations WHERE state = 'running' AND lease_until IS NOT NULL",
  );
  t.diagnostic(`${before.length} leases taken over after ${Math.round(await allGoOn(store, before))} ms`);
  await nothingIsLeft(second, store, workspace);
});
