import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ebb, START, startEbb } from "../../../test/harness.ts";

const TOO_BUSY = { on: "call", service: "fabric", answer: { status: 429 } };
const FAILS = { on: "step", kind: "fabric.endpoint", answer: "fails" };
const list = async (ebb: Ebb, query = "") => (await ebb.operator("GET", `/faults${query}`)).body.faults;

test("a fault that could hit nothing is refused with what is known, and nothing is changed", async (t) => {
  const ebb = await startEbb(t);
  const workspace = (await ebb.one.ask("POST", "/v1/workspaces", { name: "there" })).body.id as string;
  const gone = (await ebb.one.ask("POST", "/v1/workspaces", { name: "gone" })).body.id as string;
  await ebb.one.ask("DELETE", `/v1/workspaces/${gone}`);
  const past = new Date(START - 1).toISOString();
  const wrong: [fault: object, message: RegExp, hint?: RegExp][] = [
    [{ ...TOO_BUSY, service: "fabrik" }, /no service fabrik: did you mean fabric\?/, /taurusdb, gaussdb/],
    [{ ...TOO_BUSY, operation: "DeleteEndpont" }, /no operation DeleteEndpont: did you mean DeleteEndpoint\?/],
    [{ ...TOO_BUSY, operation: "ListServers" }, /ListServers is an operation of clouddc, not of fabric/],
    [{ ...TOO_BUSY, resource: "none" }, /no resource none/],
    [{ ...TOO_BUSY, service: "clouddc", resource: workspace }, /is a fabric.workspace, which clouddc does not have/],
    [{ ...TOO_BUSY, resource: workspace, tenant: ebb.two.projectId }, /is of tenant c1c1.*, not of c2c2/],
    [{ ...TOO_BUSY, tenant: "nobody" }, /no tenant nobody/],
    [
      { on: "call", operation: "KeystoneCreateUserTokenByPassword", tenant: ebb.one.projectId, answer: "reset" },
      /takes no credentials/,
    ],
    [{ on: "call", answer: "reset" }, /does not say where/, /service, operation, resource, tenant/],
    [{ ...TOO_BUSY, kind: "fabric.endpoint" }, /a fault on a call has no kind/],
    [{ ...TOO_BUSY, answer: "hangs" }, /hangs is no answer on a call/, /reset, cut, lost/],
    [{ ...TOO_BUSY, answer: { status: 418 } }, /answer/],
    [{ ...TOO_BUSY, answer: { status: 500, retry_after_s: 3 } }, /retry_after_s goes with status 429/],
    [{ ...TOO_BUSY, first: 1, every: 2 }, /first and every contradict/],
    [{ ...TOO_BUSY, first: 0 }, /first/],
    [{ ...TOO_BUSY, first: 1, times: 2 }, /first and times contradict/],
    [{ ...TOO_BUSY, probability: 1.5, seed: 1 }, /probability/],
    [{ ...TOO_BUSY, probability: 0, seed: 1 }, /probability/],
    [{ ...TOO_BUSY, probability: 0.5 }, /a probability needs a seed/],
    [{ ...TOO_BUSY, seed: 1 }, /a seed is only for a probability/],
    [{ ...TOO_BUSY, for_ms: 1, until: "2036-01-05T08:00:00Z" }, /for_ms and until contradict/],
    [{ ...TOO_BUSY, for_ms: -1 }, /for_ms/],
    [{ ...TOO_BUSY, until: past }, /is over/],
    [{ ...TOO_BUSY, until: "tomorrow" }, /until tomorrow is no time/],
    [{ ...TOO_BUSY, colour: "red" }, /colour/],
    [{ on: "wire", service: "fabric", answer: "reset" }, /on/],
    [{ ...FAILS, kind: "fabric.endpoin" }, /no kind fabric.endpoin: did you mean fabric.endpoint\?/],
    [{ ...FAILS, verb: "explode" }, /no verb explode/, /create, update, delete/],
    [{ ...FAILS, step: "give-bak" }, /no step give-bak: did you mean give-back\?/],
    [{ on: "step", step: "open-sesame", answer: "fails" }, /no step open-sesame/],
    [{ ...FAILS, kind: "fabric.workspace" }, /it has no step/, /in the write that accepts it/],
    [{ ...FAILS, verb: "create", step: "give-back" }, /create of fabric.endpoint has no step give-back/],
    [{ ...FAILS, resource: workspace }, /is a fabric.workspace, not a fabric.endpoint/],
    [{ on: "step", resource: gone, answer: "fails" }, /is gone: no step of it runs again/],
    [{ ...FAILS, tenant: "1".repeat(32) }, /is an account/],
    [{ ...FAILS, answer: { status: 500 } }, /is no answer on a step/],
    [{ ...FAILS, operation: "DeleteEndpoint" }, /a fault on a step has no operation/],
    [{ on: "gone", service: "fabric", answer: "lost" }, /lost is no answer on a gone/],
    [{ on: "gone", operation: "DeleteEndpoint", answer: "empty-list" }, /reads nothing/],
  ];
  for (const [fault, message, hint] of wrong) {
    const answer = await ebb.operator("POST", "/faults", fault);
    assert.equal(answer.status, 400, `${JSON.stringify(fault)}: ${answer.text}`);
    assert.match(answer.body.error.message, message, JSON.stringify(fault));
    if (hint) assert.match(answer.body.error.hint, hint);
  }
  assert.deepEqual(await list(ebb), []);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 200);
});

test("a fault shows with its counts until it is removed, and that answers them a last time", async (t) => {
  const ebb = await startEbb(t);
  const asked = { ...TOO_BUSY, operation: "ListWorkspaces", every: 2, until: "2036-01-05T08:00:00.000Z" };
  const { status, body } = await ebb.operator("POST", "/faults", asked);
  assert.equal(status, 201);
  const { id, created_at, ...shown } = body;
  assert.match(id, /^[0-9a-f]{8}$/);
  assert.equal(created_at, new Date(START).toISOString());
  assert.deepEqual(shown, { ...asked, service: "dataartsfabric", calls: 0, hits: 0, first_hit_at: null });
  for (let i = 0; i < 5; i++) await ebb.one.ask("GET", "/v1/workspaces");
  const counted = { ...body, calls: 5, hits: 2, first_hit_at: created_at };
  assert.deepEqual((await ebb.operator("GET", `/faults/${id}`)).body, counted);
  assert.deepEqual(await list(ebb), [counted]);
  assert.deepEqual((await ebb.operator("DELETE", `/faults/${id}`)).body, counted);
  for (const method of ["GET", "DELETE"]) assert.equal((await ebb.operator(method, `/faults/${id}`)).status, 404);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 200);
});

const ids = (faults: { id: string }[]) => faults.map(({ id }) => id);

test("a fault that never fired is told apart", async (t) => {
  const ebb = await startEbb(t);
  const add = async (fault: object) => (await ebb.operator("POST", "/faults", fault)).body.id as string;
  const fired = await add({ ...TOO_BUSY, first: 1 });
  const unused = await add({ on: "gone", service: "clouddc", answer: "404" });
  await ebb.one.ask("GET", "/v1/workspaces");
  assert.deepEqual(ids(await list(ebb)), [fired, unused]);
  assert.deepEqual(ids(await list(ebb, "?unused=true")), [unused]);
  assert.deepEqual(ids(await list(ebb, "?unused=false")), [fired]);
  const { body } = await ebb.operator("DELETE", "/faults");
  assert.deepEqual(
    body.faults.map(({ id, hits }: { id: string; hits: number }) => [id, hits]),
    [
      [fired, 1],
      [unused, 0],
    ],
  );
  assert.deepEqual(await list(ebb), []);
});

test("a step's fault is seen on the wire: the delete stands until it ends, and then ends", async (t) => {
  const ebb = await startEbb(t);
  const workspace = (await ebb.one.ask("POST", "/v1/workspaces", { name: "there" })).body.id as string;
  const path = `/v1/workspaces/${workspace}/endpoints`;
  const reserved = { mu: { spec_code: "mu.llama3.8b", min: 0, max: 1 } };
  const made = await ebb.one.ask("POST", path, { name: "ep-1", type: "inference", reserved_resource: reserved });
  const endpoint = made.body.id as string;
  await ebb.pass(3_600_000);
  const added = await ebb.operator("POST", "/faults", {
    ...FAILS,
    step: "give-back",
    resource: endpoint,
    for_ms: 120_000,
    answer: "refuses",
  });
  assert.equal(added.status, 201, added.text);
  assert.equal((await ebb.one.ask("DELETE", `${path}/${endpoint}`)).status, 202);
  await ebb.pass(119_000);
  assert.equal((await ebb.one.ask("GET", `${path}/${endpoint}`)).body.status, "DELETING");
  await ebb.pass(3_600_000);
  assert.equal((await ebb.one.ask("GET", `${path}/${endpoint}`)).status, 404);
  const [counted] = await list(ebb);
  assert.ok(counted.hits > 3 && counted.calls > counted.hits, JSON.stringify(counted));
});

test("every kind's every step can be struck, by its own name", async (t) => {
  const ebb = await startEbb(t);
  for (const kind of ebb.services.flatMap(({ kinds }) => kinds))
    for (const step of Object.keys(kind.steps)) {
      const fault = { on: "step", kind: kind.name, step, answer: { fails_for_good: "it burns" }, times: 1 };
      const answer = await ebb.operator("POST", "/faults", fault);
      assert.equal(answer.status, 201, answer.text);
    }
});
