import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Ebb, startEbb } from "../../../test/harness.ts";
import { furnish } from "../../../test/tenancy/things.ts";
import { Refusal } from "../../drivers/port.ts";
import { type Kind, NotAccepted, type Resource, searchResources, type Verb } from "../../lifecycle/index.ts";

const A_WHILE = 2 * 3_600_000;
const OWNERS = ["Ebb", "the driver's machine", "the caller", "an operator"];

const kindsOf = (ebb: Ebb): Kind[] => ebb.services.flatMap((service) => service.kinds);
const living = (ebb: Ebb): Promise<Resource[]> => ebb.store.read((session) => searchResources(session, {}, 1_000));
const isEnding = (kind: Kind, verb: Verb | undefined) => verb?.then === kind.gone;

/** One whole answer: it says what it is about, and whoever has the next move is told what that is. */
async function whyOf(ebb: Ebb, id: string) {
  const { status, body, text } = await ebb.operator("GET", `/resources/${id}/why`);
  assert.equal(status, 200, text);
  assert.ok(body.summary.includes(id), text);
  assert.doesNotMatch(body.summary, /undefined|null|NaN/);
  if (!["well", "gone"].includes(body.is)) {
    assert.ok(OWNERS.includes(body.owner), text);
    assert.ok(body.unblock.say.length > 0, text);
    assert.ok(body.since_ms >= 0 && (body.next_try_in_ms ?? 0) >= 0, text);
    assert.equal(body.unblock.needed && body.unblock.cli === null && body.unblock.say === "", false, text);
  }
  return body;
}

/** Submits a verb as the resource's own tenant; undefined when it is not accepted. */
async function submit(ebb: Ebb, verb: string, { id, kind, tenant, createdBy: userId }: Resource) {
  try {
    return await ebb.house.lifecycle.accept({ tenant, userId, requestId: "why" }, async (accepting) =>
      accepting.submit(verb, await accepting.get(kind, id)),
    );
  } catch (error) {
    if (error instanceof NotAccepted) return undefined;
    throw error;
  }
}

const refusal = () =>
  Promise.reject(new Refusal("the world is closed", { owner: "an operator", hint: "open it", forGood: true }));

/** The world refuses everything for good until it is restored. */
function refuseAll(t: TestContext, ebb: Ebb): () => void {
  const mocks = Object.values(ebb.house.drivers).flatMap((driver: Ebb["house"]["drivers"]["servers"]) => [
    t.mock.method(driver, "make", refusal),
    t.mock.method(driver, "change", refusal),
    t.mock.method(driver, "unmake", refusal),
  ]);
  return () => {
    for (const mock of mocks) mock.mock.restore();
  };
}

/** Under way, right after its acceptance and once it is parked. Answers whether it was ever parked. */
async function assertUnderWay(ebb: Ebb, id: string): Promise<boolean> {
  const accepted = await whyOf(ebb, id);
  assert.ok(["due", "working", "waiting", "refused", "held-back"].includes(accepted.is) || accepted.is === "well");
  await ebb.settle();
  const parked = await whyOf(ebb, id);
  const under = ["waiting", "refused"].includes(parked.is);
  if (under) {
    const { id: operation, verb, step } = await newestOperation(ebb, id);
    assert.deepEqual([parked.operation, parked.verb, parked.step], [operation, verb, step]);
    assert.ok(parked.waiting_for ?? parked.reason, parked.summary);
    assert.ok(parked.next_try_in_ms > 0, parked.summary);
  }
  return under;
}

test("of every kind: why answers while anything is done to one", async (t) => {
  const ebb = await startEbb(t);
  await furnish(ebb);
  const seen = new Set<string>();
  const tried = new Set<string>();
  for (let again = true; again; ) {
    again = false;
    for (const kind of kindsOf(ebb)) {
      for (const [name, verb] of Object.entries(kind.verbs)) {
        const key = `${kind.name} ${name}`;
        if (name === "create" || isEnding(kind, verb) || tried.has(key)) continue;
        const one = (await living(ebb)).find((each) => each.kind === kind.name && verb.from.includes(each.state));
        if (!one || !(await submit(ebb, name, one))) continue;
        tried.add(key);
        again = true;
        if (await assertUnderWay(ebb, one.id)) seen.add(key);
        await ebb.pass(A_WHILE);
        assert.equal((await whyOf(ebb, one.id)).is, "well", key);
      }
    }
  }
  assert.deepEqual([...tried].filter((key) => !seen.has(key)).toSorted(), []);
  const known = ["clouddc.instance reinstall", "fabric.endpoint update", "modelarts.notebook stop"];
  for (const key of known) assert.ok(seen.has(key), `${key} was not seen: ${[...seen].join(", ")}`);
});

test("of every kind: why answers for a create under way, and for one that has failed for good", async (t) => {
  const ebb = await startEbb(t);
  await furnish(ebb);
  const made = await living(ebb);
  let walked = 0;
  for (const kind of kindsOf(ebb)) {
    const like = made.find((one) => one.kind === kind.name) ?? assert.fail(`nothing of ${kind.name} was made`);
    if ((kind.verbs.create?.plan(like) ?? []).length === 0) continue;
    const create = (id: string) =>
      ebb.house.lifecycle.accept({ tenant: like.tenant, userId: like.createdBy, requestId: "why" }, (accepting) => {
        const { kind: name, parentId, spec } = like;
        return accepting.create({ kind: name, id, name: id, spec, ...(parentId === null ? {} : { parentId }) });
      });
    const { resource } = await create(`twin-of-${walked}`);
    await assertUnderWay(ebb, resource.id);
    await ebb.pass(A_WHILE);
    assert.equal((await whyOf(ebb, resource.id)).is, "well", kind.name);
    const restore = refuseAll(t, ebb);
    const { resource: bad } = await create(`bad-twin-of-${walked}`);
    await ebb.settle();
    const why = await whyOf(ebb, bad.id);
    assert.deepEqual([why.is, why.reason, why.owner], ["failed", "the world is closed", "an operator"], kind.name);
    assert.equal(why.unblock.cli, `ebb rm ${bad.id}`);
    restore();
    walked++;
  }
  assert.ok(walked >= 7, `${walked} kinds were walked`);
});

test("of every kind: why answers while one is deleted, after that has failed for good, and after it is gone", async (t) => {
  const ebb = await startEbb(t);
  await furnish(ebb);
  const gone = new Set<string>();
  const failed = new Set<string>();
  for (let again = true; again; ) {
    again = false;
    for (const one of await living(ebb)) {
      const before = await living(ebb);
      if (!before.some((each) => each.id === one.id) || !(await deleteInAClosedWorld(t, ebb, one, failed))) continue;
      again = true;
      await ebb.pass(A_WHILE);
      const after = new Set((await living(ebb)).map((each) => each.id));
      assert.ok(!after.has(one.id), `${one.kind} is still there`);
      for (const { id, kind } of before.filter((each) => !after.has(each.id))) {
        const why = await whyOf(ebb, id);
        assert.deepEqual([why.is, why.operation, why.unblock], ["gone", (await newestOperation(ebb, id)).id, null]);
        gone.add(kind);
      }
    }
  }
  assert.deepEqual(await living(ebb), []);
  assert.deepEqual(
    [...gone].toSorted(),
    kindsOf(ebb)
      .map((kind) => kind.name)
      .toSorted(),
  );
  const held = ["clouddc.instance", "fabric.endpoint", "fabric.instance", "taurusdb.node", "taurusdb.proxy"];
  for (const kind of held) assert.ok(failed.has(kind), `no delete of ${kind} has failed: ${[...failed].join(", ")}`);
});

/** Deletes one while the world refuses everything, and once more when it does not. False when no delete is accepted. */
async function deleteInAClosedWorld(t: TestContext, ebb: Ebb, one: Resource, failed: Set<string>): Promise<boolean> {
  const kind = kindsOf(ebb).find((each) => each.name === one.kind) ?? assert.fail(one.kind);
  const [name, verb] = Object.entries(kind.verbs).find(([, each]) => isEnding(kind, each)) ?? assert.fail(kind.name);
  await makeDeletable(ebb, kind, verb, one);
  const restore = refuseAll(t, ebb);
  const accepted = await submit(ebb, name, one);
  if (accepted) await ebb.settle();
  restore();
  if (!accepted || accepted.operation.plan.steps.length === 0) return accepted !== undefined;
  const why = await whyOf(ebb, one.id);
  // It holds nothing in the world: that one being closed is nothing to it.
  if (why.is === "gone") return true;
  if (why.is !== "failed")
    assert.match(why.summary, /; at the root of it: .* has stopped for good .*the world is closed$/);
  // What goes along fails each for itself; the one that waits for them names them.
  const stopped = why.is === "failed" ? [why] : why.because;
  for (const { is, verb: stoppedVerb, owner, unblock, resource, summary } of stopped) {
    assert.deepEqual(
      [is, stoppedVerb, owner, unblock.cli],
      ["failed", name, "an operator", `ebb rm ${resource.id}`],
      summary,
    );
    assert.match(unblock.say, /^open it; then \w+ it again$/);
    failed.add(resource.kind);
    await submit(ebb, name, await found(ebb, resource.id));
  }
  assert.ok(
    stopped.some((each: typeof why) => each.unblock.cli === why.unblock.cli),
    why.summary,
  );
  await assertUnderWay(ebb, one.id);
  return true;
}

/** What has to be stopped before it can be deleted is stopped. */
async function makeDeletable(ebb: Ebb, kind: Kind, ending: Verb, { id }: Resource): Promise<void> {
  const one = await found(ebb, id);
  if (ending.from.includes(one.state)) return;
  const leads = Object.entries(kind.verbs).find(
    ([, verb]) => verb.from.includes(one.state) && verb.then !== undefined && ending.from.includes(verb.then),
  );
  if (leads && (await submit(ebb, leads[0], one))) await ebb.pass(A_WHILE);
}

const found = async (ebb: Ebb, id: string): Promise<Resource> =>
  (await living(ebb)).find((one) => one.id === id) ?? assert.fail(`${id} is gone`);

const newestOperation = async (ebb: Ebb, id: string) =>
  (await ebb.operator("GET", `/operations?resource_id=${id}&limit=1`)).body.operations[0];

test("a teardown that is held up names what holds it up, and the call that frees that", async (t) => {
  const ebb = await startEbb(t);
  const { dataartsfabric } = await furnish(ebb);
  const endpoint = dataartsfabric?.endpoint_id ?? "";
  const instance = dataartsfabric?.instance_id ?? "";
  const restore = refuseAll(t, ebb);
  const started = await ebb.operator("POST", "/teardowns", { ids: [endpoint] });
  assert.equal(started.status, 202, started.text);
  await ebb.settle();
  const why = await whyOf(ebb, started.body.id);
  assert.match(
    why.summary,
    new RegExp(`at the root of it: delete of fabric.instance ${instance} has stopped for good`),
  );
  assert.deepEqual([why.unblock.cli, why.owner], [`ebb rm ${instance}`, "an operator"]);
  restore();
  const { method, path, body } = why.unblock.call;
  const freed = await ebb.operator(method, path.replace("/ebb/v1", ""), body);
  assert.equal(freed.status, 202, freed.text);
  await ebb.pass(A_WHILE);
  const gone = await whyOf(ebb, endpoint);
  assert.deepEqual([gone.is, (await whyOf(ebb, started.body.id)).is], ["gone", "gone"]);
});

test("every call that why names is one that Ebb takes: it moves time, skips a step, reclaims, and shows the receipt", async (t) => {
  const ebb = await startEbb(t);
  const { dataartsfabric } = await furnish(ebb);
  const instance = await found(ebb, dataartsfabric?.instance_id ?? "");
  const call = async ({ method, path, body }: { method: string; path: string; body?: object }) => {
    const answer = await ebb.operator(method, path.replace("/ebb/v1", ""), body);
    assert.ok(answer.status < 300, `${path}: ${answer.text}`);
    return answer.body;
  };
  const locked = t.mock.method(ebb.house.drivers.inference, "unmake", () =>
    Promise.reject(new Refusal("the rack is locked", { owner: "an operator", hint: "unlock it" })),
  );
  await submit(ebb, "delete", instance);
  await ebb.settle();
  const refused = await whyOf(ebb, instance.id);
  await call(refused.unblock.call);
  const gone = await whyOf(ebb, instance.id);
  assert.deepEqual([gone.is, gone.owner, gone.left_behind[0].skipped_step], ["gone", "an operator", refused.step]);
  assert.match(
    gone.summary,
    /its receipt says what was released; replicas-\S+ was left behind, and no probe has said gone$/,
  );
  const receipt = await call({ method: "GET", path: gone.receipt });
  assert.ok(JSON.stringify(receipt).includes(gone.operation));
  const steps = (await call({ method: "GET", path: `/ebb/v1/operations/${gone.operation}` })).steps;
  assert.deepEqual([steps[0].state, steps[0].answer.is], ["skipped", "skipped"]);
  locked.mock.restore();
  await call(gone.unblock.call);
  await ebb.pass(A_WHILE);
  const clean = await whyOf(ebb, instance.id);
  assert.deepEqual([clean.is, clean.left_behind, clean.unblock, clean.operation], ["gone", [], null, gone.operation]);
  assert.equal(clean.receipt, gone.receipt);

  const endpoint = await found(ebb, dataartsfabric?.endpoint_id ?? "");
  await submit(ebb, "delete", endpoint);
  await ebb.settle();
  await call((await whyOf(ebb, endpoint.id)).unblock.call);
  assert.equal((await whyOf(ebb, endpoint.id)).is, "gone");
});

test("why is asked by the id of an operation, too, and of nothing else", async (t) => {
  const ebb = await startEbb(t);
  const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: "asked-for" });
  const { id } = await newestOperation(ebb, body.id);
  assert.equal((await whyOf(ebb, body.id)).is, "well");
  const byOperation = await ebb.operator("GET", `/resources/${id}/why`);
  assert.equal(byOperation.body.resource.id, body.id);
  const unknown = await ebb.operator("GET", "/resources/nothing/why");
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, "not-found"]);
  assert.match(unknown.body.error.message, /resource or operation nothing/);
});
