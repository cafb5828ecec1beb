import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, EVS, type Notebooks, notebooksOf, startNotebooks } from "../../../test/notebooks.ts";
import { Refusal } from "../../drivers/port.ts";

const refusal = () => new Refusal("the host is dead", { owner: "an operator", hint: "mend it", forGood: true });

/** Brings an instance with a volume to a state from which it can be deleted. */
const DELETABLE: Record<string, (it: Notebooks, world: Mocks) => Promise<string>> = {
  STOPPED: (it) => it.stopped({ spec: { storage: EVS } }),
  async CREATE_FAILED(it, { make }) {
    make.mock.mockImplementationOnce(() => Promise.reject(refusal()), 1);
    const { body } = await it.create({ spec: { storage: EVS } });
    await it.ebb.pass(A_WHILE);
    return body.id;
  },
  async START_FAILED(it, { make }) {
    const id = await it.stopped({ spec: { storage: EVS } });
    make.mock.mockImplementationOnce(() => Promise.reject(refusal()));
    await it.act(id, "start");
    await it.ebb.pass(A_WHILE);
    return id;
  },
  async UNAVAILABLE(it, { unmake }) {
    const id = await it.running({ spec: { storage: EVS } });
    unmake.mock.mockImplementationOnce(() => Promise.reject(refusal()));
    await it.act(id, "stop");
    await it.ebb.pass(A_WHILE);
    return id;
  },
};

const mocksOf = (t: { mock: { method: typeof import("node:test").mock.method } }, it: Notebooks) => ({
  make: t.mock.method(it.ebb.house.drivers.notebooks, "make"),
  unmake: t.mock.method(it.ebb.house.drivers.notebooks, "unmake"),
});
type Mocks = ReturnType<typeof mocksOf>;

for (const [state, bring] of Object.entries(DELETABLE)) {
  test(`an instance that is ${state} is deleted with all that it held`, async (t) => {
    const it = await startNotebooks(t);
    const id = await bring(it, mocksOf(t, it));
    assert.equal(await it.status(id), state);
    const answer = await it.remove(id);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, { instance_id: id });
    assert.equal(await it.status(id), "DELETING");
    await it.ebb.pass(A_WHILE);
    assertRefused(await it.show(id), "6309");
    await it.assertNothingLeft();
  });
}

test("a running instance is not deleted, and runs on", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running();
  assertRefused(await it.remove(id), "6304");
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "RUNNING");
  await it.act(id, "stop");
  await it.ebb.pass(A_WHILE);
  assert.equal((await it.remove(id)).status, 200);
});

test("a delete asked for again while it runs is the same success and adds nothing", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped({ spec: { storage: EVS } });
  await it.remove(id);
  const again = await it.remove(id);
  assert.deepEqual([again.status, again.body], [200, { instance_id: id }]);
  await it.ebb.pass(5_000);
  assert.equal((await it.remove(id)).status, 200);
  await it.ebb.pass(A_WHILE);
  const deletes = (await it.ebb.house.lifecycle.operations(id)).filter((one) => one.verb === "delete");
  assert.deepEqual(
    deletes.map((one) => one.state),
    ["done"],
  );
});

test("what is deleted answers 6309 to everything", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  await it.remove(id);
  await it.ebb.pass(A_WHILE);
  assertRefused(await it.remove(id), "6309");
  assertRefused(await it.show(id), "6309");
  assertRefused(await it.modify(id, {}), "6309");
  assertRefused(await it.act(id, "start"), "6309");
  assertRefused(await it.ebb.one.ask("GET", it.url(id, "/token")), "6309");
});

test("a delete that the world refuses for good ends in UNAVAILABLE, and the next one finishes it", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped({ spec: { storage: EVS } });
  const { unmake } = mocksOf(t, it);
  unmake.mock.mockImplementationOnce(() => Promise.reject(refusal()));
  assert.equal((await it.remove(id)).status, 200);
  await it.ebb.pass(A_WHILE);
  const { body } = await it.show(id);
  assert.equal(body.status, "UNAVAILABLE");
  assert.equal(body.error_code, "ModelArts.6361");
  assert.deepEqual(body.spec.failed_reasons, {
    code: "ModelArts.6361",
    message: "The service failed: the host is dead.",
    detail: { step: "remove-volume", reason: "the host is dead", hint: "mend it" },
  });
  assert.equal((await it.remove(id)).status, 200);
  await it.ebb.pass(A_WHILE);
  assertRefused(await it.show(id), "6309");
  await it.assertNothingLeft();
});

test("a delete goes on through failures that pass", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped({ spec: { storage: EVS } });
  const { unmake } = mocksOf(t, it);
  for (let call = 0; call < 3; call++)
    unmake.mock.mockImplementationOnce(() => Promise.reject(new Error("timeout")), call);
  await it.remove(id);
  await it.ebb.pass(2_000);
  assert.equal(await it.status(id), "DELETING");
  await it.ebb.pass(A_WHILE);
  assertRefused(await it.show(id), "6309");
  assert.ok(unmake.mock.callCount() > 3);
  await it.assertNothingLeft();
});

test("another account can neither see, change, use nor delete an instance", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  const two = notebooksOf(it.ebb, it.ebb.two);
  const before = (await it.show(id)).text;
  const unknown = (await two.show("DE-unknown")).text;
  for (const answer of [
    await two.show(id),
    await two.modify(id, { description: "x" }),
    await two.act(id, "start"),
    await two.act(id, "queue"),
    await two.remove(id),
    await it.ebb.two.ask("GET", two.url(id, "/token")),
  ]) {
    assertRefused(answer, "6309");
    assert.equal(answer.text, unknown);
  }
  assert.equal((await two.list("&show_self=false")).body.total_count, 0);
  assertRefused(await it.ebb.two.ask("DELETE", it.url(id)), "0210", 403);
  assert.equal((await it.show(id)).text, before);
});

test("an id without its prefix, as the documents' requests have it, is the same instance, and is answered as it came", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  const bare = id.replace("DE-", "");
  assert.equal((await it.show(bare)).body.id, id);
  assert.deepEqual((await it.remove(bare)).body, { instance_id: bare });
  await it.ebb.pass(A_WHILE);
  assertRefused(await it.show(bare), "6309");
});
