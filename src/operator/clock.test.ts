import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ebb, type EbbOptions, START, startEbb } from "../../test/harness.ts";
import { startNotebooks } from "../../test/notebooks.ts";
import { MovableClock } from "../clock.ts";
import { createIds, seededRandom } from "../ids.ts";
import { startDatabases } from "../services/taurusdb/taurusdb-testing.ts";

const MINUTE = 60_000;
/** How long a notebook's container takes to start. */
const STARTS_MS = 40_000;
const iso = (ms: number) => new Date(ms).toISOString();

const advance = (ebb: Ebb, body: unknown) => ebb.operator("POST", "/clock/advance", body);

/** A further server on the same store and folder. Its ids are its own, so that its tokens are. */
const again = ({ settings: { store, dataDir } }: Ebb, seed: number): EbbOptions => ({
  settings: { store, dataDir },
  ports: { ids: createIds(seededRandom(seed)) },
});

/** Goes by a machine whose clock shows this. */
const at = (machine: number) => ({ clock: new MovableClock({ machine: () => machine }) });

test("the clock shows its time and what falls due next", async (t) => {
  const { ebb, create } = await startNotebooks(t);
  const still = await ebb.operator("GET", "/clock");
  assert.equal(still.status, 200, still.text);
  const { ahead_ms, ...rest } = still.body;
  assert.deepEqual(rest, { now: iso(START), frozen: true, next: null, under_way: [] });
  assert.ok(Number.isInteger(ahead_ms));
  const made = await create();
  await ebb.settle();
  const { next } = (await ebb.operator("GET", "/clock")).body;
  assert.match(next.operation_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(next, {
    at: iso(START + STARTS_MS),
    in_ms: STARTS_MS,
    is: "operation",
    operation_id: next.operation_id,
    resource_id: made.body.id,
    kind: "modelarts.notebook",
    verb: "create",
    step: "run-container",
  });
  const there = await advance(ebb, { to: "next" });
  assert.deepEqual([there.status, there.body.now, there.body.advanced_ms], [200, iso(START + STARTS_MS), STARTS_MS]);
});

test("a destroy of many steps runs through in one advance", async (t) => {
  const { ebb, instances, proxies, job, assertClean } = await startDatabases(t);
  const id = await instances.up({ slave_count: 3 });
  await proxies.up(id);
  const before = ebb.clock.now();
  const deleted = await instances.delete(id);
  const began = performance.now();
  const passed = await advance(ebb, { by: "30m" });
  t.diagnostic(`30 virtual minutes and ${passed.body.stops} stops took ${Math.round(performance.now() - began)} ms`);
  assert.equal(passed.status, 200, passed.text);
  assert.deepEqual([passed.body.now, passed.body.under_way], [iso(before + 30 * MINUTE), []]);
  assert.ok(passed.body.stops >= 3, passed.text);
  const { status, ended } = (await job(deleted.body.job_id)).body.job;
  assert.equal(status, "Completed");
  assert.ok(Date.parse(ended) < before + 30 * MINUTE, `it ended at its own time, ${ended}`);
  await assertClean();
});

test("a clock that runs can be advanced, frozen, and let go on from there", async (t) => {
  const { ebb, create, status } = await startNotebooks(t, { ports: { clock: new MovableClock() } });
  const { body: notebook } = await create();
  assert.equal(await status(notebook.id), "CREATING");
  const passed = await advance(ebb, { by: 30 * MINUTE });
  assert.deepEqual([passed.body.frozen, passed.body.ahead_ms], [false, 30 * MINUTE]);
  assert.equal(await status(notebook.id), "RUNNING");
  const frozen = (await ebb.operator("POST", "/clock/freeze")).body;
  assert.equal(frozen.frozen, true);
  assert.equal((await ebb.operator("POST", "/clock/freeze")).body.now, frozen.now, "twice is once");
  const later = (await advance(ebb, { to: iso(Date.parse(frozen.now) + MINUTE) })).body;
  assert.equal(later.now, iso(Date.parse(frozen.now) + MINUTE));
  const resumed = (await ebb.operator("POST", "/clock/resume")).body;
  assert.equal(resumed.frozen, false);
  const gone = Date.parse(resumed.now) - Date.parse(later.now);
  assert.ok(gone >= 0 && gone < MINUTE, `it went on from where it stood, ${gone} ms before`);
});

test("what is no way forward is refused, and the clock stays where it is", async (t) => {
  const ebb = await startEbb(t);
  const wrong: [unknown, number, RegExp][] = [
    [undefined, 400, /either by or to/],
    [{}, 400, /either by or to/],
    [{ by: "1m", to: "next" }, 400, /either by or to/],
    [{ by: 0 }, 400, /no way forward/],
    [{ by: "0s" }, 400, /no way forward/],
    [{ by: -1 }, 400, /no way forward/],
    [{ by: "-5m" }, 400, /"-5m" is no duration/],
    [{ by: "30" }, 400, /"30" is no duration/],
    [{ by: "soon" }, 400, /"soon" is no duration/],
    [{ by: 1.5 }, 400, /by/],
    [{ by: null }, 400, /by/],
    [{ by: "x".repeat(100) }, 400, /by/],
    [{ by: "5218w" }, 400, /over 100 years/],
    [{ by: Number.MAX_SAFE_INTEGER }, 400, /over 100 years/],
    [{ to: "2999-01-01T00:00:00Z" }, 400, /over 100 years/],
    [{ to: "yesterday" }, 400, /"yesterday" is no time/],
    [{ to: "2026-13-01T00:00:00Z" }, 400, /is no time/],
    [{ to: "2026-02-01" }, 400, /is no time/],
    [{ to: iso(START) }, 409, /only moves forward/],
    [{ to: iso(START - 1) }, 409, /only moves forward/],
    [{ to: "next" }, 409, /nothing falls due/],
    [{ by: "1m", and: 1 }, 400, /and/],
    ["{", 400, /not JSON/],
  ];
  for (const [body, status, message] of wrong) {
    const answer = await advance(ebb, body);
    assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
    assert.match(answer.body.error.message, message, JSON.stringify(body));
    assert.equal(ebb.clock.now(), START, JSON.stringify(body));
  }
  const kept = await ebb.store.read((session) => session.all("SELECT * FROM house WHERE name = 'clock'"));
  assert.deepEqual(kept, []);
  assert.equal((await ebb.ask("POST", "/ebb/v1/clock/advance", { by: 1 })).status, 401);
});

test("a restart keeps the clock, frozen or running", async (t) => {
  const first = await startEbb(t);
  await advance(first, { by: "1h30m" });
  await first.close();
  const second = await startEbb(t, again(first, 2));
  assert.equal((await second.operator("GET", "/clock")).body.now, iso(START + 90 * MINUTE));
  const { ahead_ms: ahead } = (await second.operator("POST", "/clock/resume")).body;
  await second.close();
  const third = await startEbb(t, again(first, 3));
  const { frozen, ahead_ms } = (await third.operator("GET", "/clock")).body;
  assert.equal(frozen, false);
  assert.ok(Math.abs(ahead_ms - ahead) < MINUTE, `${ahead} and ${ahead_ms}`);
  await third.close();
});

test("a frozen clock stands still while nothing runs, and goes on from there", async (t) => {
  const first = await startEbb(t, { ports: at(START) });
  await first.operator("POST", "/clock/freeze");
  await first.close();
  const { settings, ports } = again(first, 2);
  const second = await startEbb(t, { settings, ports: { ...ports, ...at(START + 60 * MINUTE) } });
  assert.equal((await second.operator("GET", "/clock")).body.now, iso(START));
  assert.equal((await second.operator("POST", "/clock/resume")).body.ahead_ms, -60 * MINUTE);
  await second.close();
});

test("what a restart puts in place bears the kept time", async (t) => {
  const first = await startEbb(t);
  await advance(first, { by: "1h" });
  await first.close();
  const { settings, ports } = again(first, 2);
  const project = { name: "eu-local-1", id: "c3".repeat(16) };
  const third = {
    ...first.settings.accounts[0]!,
    name: "acct-three",
    id: "3".repeat(32),
    users: [],
    projects: [project],
  };
  const second = await startEbb(t, { settings: { ...settings, accounts: [...first.settings.accounts, third] }, ports });
  const servers = await second.house.lifecycle.list({ kind: "clouddc.server", tenant: project.id });
  assert.ok(servers.length > 0);
  assert.deepEqual([...new Set(servers.map((one) => iso(one.createdAt)))], [iso(START + 60 * MINUTE)]);
  await second.close();
});

test("a second process on the store goes by the same time, and both move it", async (t) => {
  const { ebb: one, create } = await startNotebooks(t);
  if (one.store.alone) return t.skip("an embedded store has one process");
  const two = await startEbb(t, again(one, 2));
  const until = async (seen: (clock: { now: string; frozen: boolean }) => boolean) => {
    for (let looks = 0; looks < 2_000; looks++) if (seen((await two.operator("GET", "/clock")).body)) return;
    assert.fail("the second process did not follow");
  };
  await advance(one, { by: "1h" });
  await until(({ now }) => now === iso(START + 60 * MINUTE));
  const { id } = (await create()).body;
  await one.settle();
  const each = await Promise.all([one, two, one, two].map((ebb) => advance(ebb, { by: "10m" })));
  assert.deepEqual(
    each.map(({ status, body }) => [status, body.advanced_ms]),
    each.map(() => [200, 10 * MINUTE]),
  );
  await until(({ now }) => now === iso(START + 100 * MINUTE));
  const { updated_at } = (await one.operator("GET", `/resources/${id}`)).body;
  assert.equal(updated_at, iso(START + 60 * MINUTE + STARTS_MS), "none went past what fell due");
  assert.equal((await one.operator("GET", "/clock")).body.now, iso(START + 100 * MINUTE));
  await one.operator("POST", "/clock/resume");
  await until(({ frozen }) => !frozen);
  await two.close();
});

test("a snapshot that is loaded puts the clock back to where it was", async (t) => {
  const ebb = await startEbb(t);
  const now = async () => (await ebb.operator("GET", "/clock")).body.now;
  for (const before of [0, 10]) {
    if (before > 0) await advance(ebb, { by: before * MINUTE });
    await ebb.operator("POST", "/snapshots", { name: `at-${before}` });
  }
  await advance(ebb, { by: "1h" });
  for (const before of [10, 0]) {
    const loaded = await ebb.operator("POST", `/snapshots/at-${before}/load`);
    assert.equal(loaded.status, 200, loaded.text);
    assert.equal(await now(), iso(START + before * MINUTE));
  }
  await advance(ebb, { by: "1m" });
  assert.equal((await ebb.operator("POST", "/reset")).status < 300, true);
  assert.equal(await now(), iso(START + MINUTE), "a reset leaves the clock alone");
});
