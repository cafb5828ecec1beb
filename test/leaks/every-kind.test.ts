import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Blocked, type Kind, type Resource } from "../../src/lifecycle/index.ts";
import { type Ebb, startEbb } from "../harness.ts";
import { EVS, notebooksOf } from "../notebooks.ts";
import { furnish } from "../tenancy/things.ts";

const A_WHILE = 2 * 3_600_000;
const A_MOMENT = 1_000;
const REASON = "its machine is on fire";

interface Held {
  ref: string;
  resource_id: string;
}

const kindsOf = (ebb: Ebb): Map<string, Kind> =>
  new Map(ebb.services.flatMap((service) => service.kinds.map((kind) => [kind.name, kind])));

const held = (ebb: Ebb, where = "") =>
  ebb.store.read((session) =>
    session.all<Held>(`SELECT ref, resource_id FROM holdings WHERE released_at IS NULL ${where} ORDER BY ref`),
  );

async function marked(ebb: Ebb): Promise<string[]> {
  const each = await Promise.all(Object.values(ebb.house.drivers).map((host) => host.marked()));
  return each.flat().map((one) => one.ref);
}

/** One of everything, a run that is at work, a notebook that has stopped and keeps its volume, and a replica to spare. */
async function furnished(t: TestContext): Promise<Ebb> {
  const ebb = await startEbb(t);
  const { dataartsfabric: at, modelarts, gaussdb } = await furnish(ebb);
  const nodes = `/v3/${ebb.one.projectId}/instances/${gaussdb?.instance_id}/nodes/enlarge`;
  assert.equal((await ebb.one.ask("POST", nodes, { priorities: [1] })).status, 201);
  await ebb.pass(A_WHILE / 6);
  const notebooks = notebooksOf(ebb, ebb.one);
  await notebooks.act(modelarts?.instance_id ?? "", "stop");
  await notebooks.stopped({ name: "with-volume", spec: { storage: EVS } });
  const job = { id: at?.job_id, version_id: at?.job_version_id };
  const runs = `/v1/workspaces/${at?.workspace_id}/jobs/runs`;
  const { body } = await ebb.one.ask("GET", runs);
  const [{ endpoint_id }] = body.job_runs;
  const answer = await ebb.one.ask("POST", runs, { job, name: "at-work", endpoint_id });
  assert.equal(answer.status, 200, answer.text);
  await ebb.pass(60_000);
  return ebb;
}

/** Live resources with something in the world, children before their parents. */
async function holders(ebb: Ebb): Promise<Resource[]> {
  const kinds = [...kindsOf(ebb).keys()];
  const ids = new Set((await held(ebb)).map((one) => one.resource_id));
  return (await ebb.house.lifecycle.list({ kind: kinds })).filter((one) => ids.has(one.id)).toReversed();
}

/** Deletes, and waits until the delete is at its last step. Undefined for what goes only together with its parent. */
async function lastStepOf(ebb: Ebb, { id, kind, tenant, parentId }: Resource, verb: string) {
  const caller = { tenant, userId: "test", requestId: "test" };
  const accepted = await ebb.house.lifecycle
    .accept(caller, async (accepting) => accepting.submit(verb, await accepting.get(kind, id)))
    .catch((error: unknown) => {
      if (error instanceof Blocked && error.blockers.every((one) => one.id === parentId)) return undefined;
      throw error;
    });
  if (!accepted) return undefined;
  const { operation } = accepted;
  const last = operation.plan.steps.length - 1;
  for (let turn = 0; turn < 3_600; turn++) {
    await ebb.settle();
    const now = (await ebb.house.lifecycle.operations(id)).find((one) => one.id === operation.id);
    if (now?.step === last) return { operation: operation.id, step: operation.plan.steps[last] ?? "" };
    await ebb.pass(A_MOMENT);
  }
  return assert.fail(`${kind} never came to its last step`);
}

test("of every kind, a delete whose last step is skipped leaves exactly its things on the list, and reclaiming ends that", async (t) => {
  const ebb = await furnished(t);
  const kinds = kindsOf(ebb);
  const skipped = new Set<string>();
  for (const resource of await holders(ebb)) {
    if ((await ebb.house.lifecycle.list({ kind: resource.kind, ids: [resource.id] })).length === 0) continue;
    const kind = kinds.get(resource.kind);
    const verb = Object.entries(kind?.verbs ?? {}).find(([, one]) => one.then === kind?.gone)?.[0];
    assert.ok(verb, resource.kind);
    const last = await lastStepOf(ebb, resource, verb);
    if (!last) continue;
    const { operation, step } = last;
    const before = (await ebb.operator("GET", "/leaks?limit=1000")).body.leaks.map((one: Held) => one.ref);
    const own = (await held(ebb, `AND resource_id = '${resource.id}'`)).map((one) => one.ref);
    assert.notDeepEqual(own, [], resource.kind);
    const answer = await ebb.operator("POST", `/operations/${operation}/skip`, { step, reason: REASON });
    assert.deepEqual([answer.status, answer.body?.state], [200, "done"], answer.text);
    const { body } = await ebb.operator("GET", "/leaks?limit=1000");
    const added = body.leaks.filter((one: Held) => !before.includes(one.ref));
    assert.deepEqual(added.map((one: Held) => one.ref).toSorted(), own, `${resource.kind}: exactly what it held`);
    for (const leak of added) {
      assert.deepEqual(
        [leak.why, leak.resource_id, leak.kind, leak.tenant, leak.operation_id, leak.step, leak.reason],
        ["skipped", resource.id, resource.kind, resource.tenant, operation, step, REASON],
      );
      assert.deepEqual([leak.clear.command, leak.clear.after], [`ebb leaks reclaim ${leak.ref}`, undefined]);
    }
    skipped.add(resource.kind);
    const receipt = (await ebb.operator("GET", `/receipts/${operation}`)).body.receipt.body;
    const open = receipt.holdings.filter((one: { released_at: unknown }) => one.released_at === null);
    assert.deepEqual(open.map((one: Held) => one.ref).toSorted(), own);
  }
  const withThings = [...kinds.values()].filter((kind) => Object.values(kind.steps).some((step) => step.takes));
  assert.deepEqual([...skipped].toSorted(), withThings.map((kind) => kind.name).toSorted(), "no kind was left out");
  assert.deepEqual(await holders(ebb), []);
  const list = (await ebb.operator("GET", "/leaks?limit=1000")).body.leaks.map((one: Held) => one.ref);
  assert.deepEqual(
    (await marked(ebb)).filter((ref) => !list.includes(ref)),
    [],
    "whatever is left in the world is on the list",
  );
  await reclaimAll(ebb);
});

async function reclaimAll(ebb: Ebb): Promise<void> {
  const [first] = (await ebb.operator("GET", "/leaks?limit=1000")).body.leaks;
  const one = await ebb.operator("POST", "/leaks/reclaim", first.clear.body);
  assert.deepEqual([one.status, one.body.reclaimed[0].refs], [202, [first.ref]], "the call that the list names");
  const all = await ebb.operator("POST", "/leaks/reclaim");
  assert.equal(all.status, 202, all.text);
  await ebb.pass(A_WHILE);
  assert.deepEqual((await ebb.operator("GET", "/leaks")).body, { leaks: [], next: null, unseen: [] });
  assert.deepEqual(await marked(ebb), []);
  assert.deepEqual(await held(ebb), []);
  assert.equal((await ebb.operator("GET", "/receipts/verify")).body.whole, true);
  const scan = await ebb.house.lifecycle.scan();
  assert.deepEqual([scan.stranded, scan.overdue, scan.leaked, scan.unheld], [0, 0, 0, 0]);
}
