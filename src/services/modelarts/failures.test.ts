import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, CPU, EVS, notebooksOf, OBS, startNotebooks } from "../../../test/notebooks.ts";
import { Refusal } from "../../drivers/port.ts";

const MINUTE = 60_000;
/** A little more than a stage may take. */
const TOO_LONG = 35 * MINUTE;
const broken = new Refusal("the disk is broken", { owner: "an operator", hint: "mend it", forGood: true });

const SMALL = { name: CPU, type: "CPU", params: { CPU: 2 }, storage_list: ["obs", "evs"], capacity: 1 };
const oneOnly = { settings: { inventory: { modelarts: { flavors: [SMALL] } } } };

test("a create on a flavor with no room ends in CREATE_FAILED and says that it is sold out", async (t) => {
  const it = await startNotebooks(t, oneOnly);
  const holder = await it.running({ name: "holder" });
  assert.equal((await it.show(holder)).body.flavor_details.status, "soldOut");
  const created = await it.create({ name: "late", spec: { storage: EVS } });
  assert.equal(created.status, 200);
  assert.equal(created.body.status, "CREATING");
  await it.ebb.pass(A_WHILE);
  const { body } = await it.show(created.body.id);
  assert.equal(body.status, "CREATE_FAILED");
  assert.equal(body.flavor_details.status, "soldOut");
  assert.equal(body.error_code, "ModelArts.6329");
  assert.equal(body.spec.failed_reasons.code, "ModelArts.6329");
  assert.equal(body.spec.failed_reasons.message, `The flavor ${CPU} is sold out.`);
  assert.equal(body.spec.failed_reasons.detail.step, "run-container");
  for (const action of ["start", "stop", "restart"]) assertRefused(await it.act(body.id, action), "6357");
  assert.equal((await it.modify(body.id, { description: "why" })).status, 200);

  await it.remove(body.id);
  await it.act(holder, "stop");
  await it.ebb.pass(A_WHILE);
  await it.remove(holder);
  await it.ebb.pass(A_WHILE);
  await it.assertNothingLeft();
});

test("the room of a flavor is shared by every project, and a stop gives it back", async (t) => {
  const it = await startNotebooks(t, oneOnly);
  const two = notebooksOf(it.ebb, it.ebb.two);
  const theirs = await two.running();
  const mine = (await it.create()).body;
  assert.equal(mine.flavor_details.status, "soldOut");
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(mine.id), "CREATE_FAILED");
  await two.act(theirs, "stop");
  await it.ebb.pass(A_WHILE);
  assert.equal((await two.show(theirs)).body.flavor_details.status, "onSale");
  await it.running({ name: "second" });
});

test("one flavor's room is not another's", async (t) => {
  const flavors = [SMALL, { ...SMALL, name: "modelarts.vm.cpu.8u" }];
  const it = await startNotebooks(t, { settings: { inventory: { modelarts: { flavors } } } });
  const small = await it.running({ name: "small" });
  await it.act(small, "stop");
  await it.ebb.pass(A_WHILE);
  const big = await it.running({ name: "big", flavor: "modelarts.vm.cpu.8u" });
  assert.equal((await it.show(big)).body.flavor_details.status, "soldOut");
  assert.equal((await it.show(small)).body.flavor_details.status, "onSale");
});

test("a start with no room left ends in START_FAILED, and passes once there is room", async (t) => {
  const it = await startNotebooks(t, oneOnly);
  const waiting = await it.stopped({ name: "waiting" });
  const holder = await it.running({ name: "holder" });
  await it.act(waiting, "start");
  await it.ebb.pass(A_WHILE);
  const { body } = await it.show(waiting);
  assert.equal(body.status, "START_FAILED");
  assert.equal(body.error_code, "ModelArts.6329");
  assertRefused(await it.act(waiting, "stop"), "6327");
  assertRefused(await it.act(waiting, "restart"), "6327");
  await it.act(holder, "stop");
  await it.ebb.pass(A_WHILE);
  assert.deepEqual((await it.act(waiting, "start")).body, {
    current_status: "STARTING",
    previous_state: "START_FAILED",
  });
  assert.equal((await it.show(waiting)).body.spec.failed_reasons, null);
  await it.ebb.pass(A_WHILE);
  const started = (await it.show(waiting)).body;
  assert.equal(started.status, "RUNNING");
  assert.equal(started.spec.failed_reasons, null);
  assert.ok(!("error_code" in started));
});

test("a volume that cannot be had fails the create with a code of its own", async (t) => {
  const it = await startNotebooks(t);
  const full = new Refusal("no space", { owner: "the caller", hint: "ask for less", forGood: true });
  t.mock.method(it.ebb.house.drivers.notebooks, "make", () => Promise.reject(full));
  const { body } = await it.create({ spec: { storage: EVS } });
  await it.ebb.pass(A_WHILE);
  const shown = (await it.show(body.id)).body;
  assert.equal(shown.status, "CREATE_FAILED");
  assert.deepEqual(shown.spec.failed_reasons, {
    code: "ModelArts.6528",
    message: "EVS storage is sold out: no space.",
    detail: { step: "make-volume", reason: "no space", hint: "ask for less" },
  });
});

test("a stop that the world refuses for good ends in UNAVAILABLE, where stop is accepted again", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running({ spec: { storage: OBS, auto_stop: { enable: true, duration: 3600 } } });
  const unmake = t.mock.method(it.ebb.house.drivers.notebooks, "unmake");
  unmake.mock.mockImplementationOnce(() => Promise.reject(broken));
  await it.act(id, "stop");
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "UNAVAILABLE");
  assertRefused(await it.act(id, "start"), "6333");
  assertRefused(await it.act(id, "restart"), "6333");
  assertRefused(await it.ebb.one.ask("GET", it.url(id, "/token")), "6327");
  assert.deepEqual((await it.act(id, "stop")).body, { current_status: "STOPPING", previous_state: "UNAVAILABLE" });
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "STOPPED");
});

test("a restart that cannot unmake the container ends in START_FAILED, and a start clears it away first", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running();
  const unmake = t.mock.method(it.ebb.house.drivers.notebooks, "unmake");
  unmake.mock.mockImplementationOnce(() => Promise.reject(broken));
  await it.act(id, "restart");
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "START_FAILED");
  await it.act(id, "start");
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "RUNNING");
  assert.equal(unmake.mock.callCount(), 2);
});

test("no stage goes on for ever, because a delete is refused meanwhile", async (t) => {
  const it = await startNotebooks(t);
  const ids = { start: await it.stopped({ name: "a" }), stop: await it.running({ name: "b" }) };
  const again = await it.running({ name: "c" });
  const host = it.ebb.house.drivers.notebooks;
  const make = t.mock.method(host, "make", () => Promise.reject(new Error("no answer")));
  const unmake = t.mock.method(host, "unmake", () => Promise.reject(new Error("no answer")));
  await it.act(ids.start, "start");
  await it.act(ids.stop, "stop");
  await it.act(again, "restart");
  const created = (await it.create({ name: "d", spec: { storage: EVS } })).body.id;
  await it.ebb.pass(25 * MINUTE);
  const states = async () => [
    await it.status(created),
    await it.status(ids.start),
    await it.status(ids.stop),
    await it.status(again),
  ];
  assert.deepEqual(await states(), ["CREATING", "STARTING", "STOPPING", "RESTARTING"]);
  await it.ebb.pass(TOO_LONG);
  assert.deepEqual(await states(), ["CREATE_FAILED", "START_FAILED", "UNAVAILABLE", "START_FAILED"]);
  make.mock.restore();
  unmake.mock.restore();
  for (const id of [created, ...Object.values(ids), again]) assert.equal((await it.remove(id)).status, 200);
  await it.ebb.pass(A_WHILE);
  assert.equal((await it.list()).body.total_count, 0);
  await it.assertNothingLeft();
});

test("without credentials, and for another project, each operation answers in ModelArts' words", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  const requests: [method: string, url: string, body?: unknown][] = [
    ["POST", it.url(), {}],
    ["GET", it.url()],
    ["GET", it.url(id)],
    ["PUT", it.url(id), {}],
    ["DELETE", it.url(id)],
    ["POST", it.url(id, "/action"), { action: "start" }],
    ["GET", it.url(id, "/token")],
  ];
  for (const [method, url, body] of requests) {
    assertRefused(await it.ebb.ask(method, url, body), "0201", 401);
    assertRefused(await it.ebb.ask(method, url, body, { "x-auth-token": "nonsense" }), "0203", 401);
    assertRefused(await it.ebb.ask(method, url, body, { authorization: "SDK-HMAC-SHA256 what" }), "0206", 401);
    assertRefused(await it.ebb.two.ask(method, url, body), "0210", 403);
  }
  assert.equal(await it.status(id), "STOPPED");
  await it.ebb.pass(25 * 60 * MINUTE);
  assertRefused(await it.show(id), "0202", 401);
});
