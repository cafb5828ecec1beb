import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, type Notebooks, OBS, START, startNotebooks } from "../../../test/notebooks.ts";

const HOUR = 3_600_000;
/** A container is ready this long (ms) after a create with storage in OBS. */
const READY = 40_000;

const timed = (duration: number, enable = true) => ({ spec: { storage: OBS, auto_stop: { enable, duration } } });
const timerOf = (auto_stop: unknown) => ({ description: "changed", spec: { auto_stop } });
const timer = async (it: Notebooks, id: string) => (await it.show(id)).body.spec.auto_stop;

test("an instance stops by itself when its duration is over, counted from when it runs", async (t) => {
  const it = await startNotebooks(t);
  const { body } = await it.create(timed(7200));
  assert.deepEqual(body.spec.auto_stop, { enable: true, duration: 7200, prompt: true });
  await it.ebb.pass(READY);
  const stop_timestamp = START + READY + 2 * HOUR;
  const auto_stop = { enable: true, duration: 7200, prompt: true, stop_timestamp };
  assert.deepEqual(await timer(it, body.id), { ...auto_stop, remain_time: 7200 });
  await it.ebb.pass(HOUR);
  assert.deepEqual(await timer(it, body.id), { ...auto_stop, remain_time: 3600 });
  await it.ebb.pass(HOUR - 1);
  assert.equal(await it.status(body.id), "RUNNING");
  assert.equal((await timer(it, body.id)).remain_time, 1);
  await it.ebb.pass(1);
  assert.equal(await it.status(body.id), "STOPPING");
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(body.id), "STOPPED");
  assert.deepEqual(await timer(it, body.id), { enable: true, duration: 7200, prompt: true });
});

test("without auto-stop an instance runs on", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running(timed(3600, false));
  assert.deepEqual(await timer(it, id), { enable: false, duration: 3600, prompt: true });
  await it.ebb.pass(20 * HOUR);
  assert.equal(await it.status(id), "RUNNING");
});

test("a stop ends the timer, and the next start sets it anew", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped(timed(3600));
  await it.ebb.pass(HOUR);
  await it.act(id, "start");
  await it.ebb.pass(READY);
  assert.equal((await timer(it, id)).remain_time, 3600);
  await it.ebb.pass(HOUR - 1);
  assert.equal(await it.status(id), "RUNNING");
  await it.ebb.pass(1);
  assert.equal(await it.status(id), "STOPPING");
});

test("a restart sets the timer anew", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running(timed(3600));
  await it.act(id, "restart");
  await it.ebb.pass(60_000);
  assert.equal((await timer(it, id)).remain_time, 3600);
});

test("a change while it runs leaves the present run's end, and counts from the next start", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running(timed(7200));
  const { stop_timestamp } = await timer(it, id);
  for (const duration of [14_400, 3600]) {
    const { status, body } = await it.modify(id, { spec: { auto_stop: { enable: true, duration } } });
    assert.equal(status, 200);
    assert.equal(body.status, "RUNNING");
    assert.equal(body.spec.auto_stop.duration, duration);
    assert.equal(body.spec.auto_stop.stop_timestamp, stop_timestamp);
  }
  await it.ebb.pass(2 * HOUR);
  assert.equal(await it.status(id), "STOPPED");
  await it.act(id, "start");
  await it.ebb.pass(READY);
  assert.equal((await timer(it, id)).remain_time, 3600);
});

test("switching auto-stop on or off while it runs counts from the next start", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running();
  await it.modify(id, { spec: { auto_stop: { enable: true, duration: 3600 } } });
  assert.deepEqual(await timer(it, id), { enable: true, duration: 3600, prompt: true });
  await it.ebb.pass(2 * HOUR);
  assert.equal(await it.status(id), "RUNNING");
  await it.act(id, "restart");
  await it.ebb.pass(60_000);
  await it.modify(id, { spec: { auto_stop: { enable: false } } });
  const { enable, duration } = await timer(it, id);
  assert.deepEqual([enable, duration], [false, 3600]);
  await it.ebb.pass(HOUR + A_WHILE);
  assert.equal(await it.status(id), "STOPPED");
  await it.act(id, "start");
  await it.ebb.pass(10 * HOUR);
  assert.equal(await it.status(id), "RUNNING");
});

test("a change before the instance runs counts for the run that begins", async (t) => {
  const it = await startNotebooks(t);
  const { body } = await it.create();
  await it.modify(body.id, { spec: { auto_stop: { enable: true, duration: 3600 } } });
  await it.ebb.pass(READY);
  assert.equal((await timer(it, body.id)).remain_time, 3600);
});

test("a modify changes the description and the timer only", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running(timed(7200));
  const before = (await it.show(id)).body;
  await it.ebb.pass(1000);
  const answer = await it.modify(id, { description: "monthly", name: "other", flavor: "x", auto_stop: { enable: 1 } });
  assert.equal(answer.status, 200);
  const latest_update_timestamp = String(Number(before.latest_update_timestamp) + A_WHILE - READY + 1000);
  const auto_stop = { ...before.spec.auto_stop, remain_time: before.spec.auto_stop.remain_time - 1 };
  const after = { ...before, description: "monthly", latest_update_timestamp, spec: { ...before.spec, auto_stop } };
  assert.deepEqual(answer.body, after);
  assert.deepEqual((await it.show(id)).body, after);
  assert.equal((await it.modify(id, {})).status, 200);
  assert.equal((await it.ebb.one.ask("PUT", it.url(id))).status, 200);
  assert.equal((await it.show(id)).body.description, "monthly");
});

test("a modify that is wrong is refused and changes nothing", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running(timed(7200));
  const before = (await it.show(id)).text;
  assertRefused(await it.modify(id, { description: 1 }), "6332");
  assertRefused(await it.modify(id, { description: "a/b" }), "6334");
  assertRefused(await it.modify(id, { description: "d".repeat(513) }), "6336");
  assertRefused(await it.modify(id, timerOf({ enable: true })), "6348");
  assertRefused(await it.modify(id, timerOf({ enable: true, duration: 3599 })), "6349");
  assertRefused(await it.modify(id, timerOf({ duration: 86_401 })), "6349");
  assertRefused(await it.modify(id, timerOf({ prompt: "yes" })), "6332");
  assertRefused(await it.modify("DE-unknown", timerOf({ enable: true })), "6348");
  assertRefused(await it.modify("DE-unknown", { description: "x" }), "6309");
  assert.equal((await it.show(id)).text, before);
});
