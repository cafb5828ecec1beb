import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { type TestContext, test } from "node:test";
import { Frames } from "../../test/event-stream.ts";
import { type Ebb, startEbb } from "../../test/harness.ts";
import { freshStore } from "../../test/store.ts";
import { silentLog } from "../log.ts";
import { Commits, openStore } from "../store/index.ts";
import { EventStreams, type StreamSettings } from "./event-streams.ts";

const HOUR = 3_600_000;

async function streamOf(ebb: Ebb, query = "", headers: Record<string, string> = {}) {
  const response = await fetch(`${ebb.url}/ebb/v1/events/stream${query}`, {
    headers: { authorization: `Bearer ${ebb.operatorToken}`, ...headers },
  });
  assert.ok(response.body);
  return { status: response.status, headers: response.headers, frames: new Frames(response.body) };
}

const make = (ebb: Ebb, name: string) => ebb.one.ask("POST", "/v1/workspaces", { name });
const listed = async (ebb: Ebb, query = "") => (await ebb.operator("GET", `/events${query}`)).body;

/** The streams alone, on a store of the test's own. `commits` false: as if each write were another process's. */
async function startStreams(t: TestContext, settings: Partial<StreamSettings>, commits = true) {
  const { store: address, remove } = await freshStore();
  const told = new Commits();
  const store = await openStore(address, commits ? told.around() : {});
  const streams = new EventStreams(
    { store, commits: told, log: silentLog },
    { most: 4, heartbeatMs: HOUR, pollMs: HOUR, ...settings },
  );
  t.after(async () => {
    await streams.close();
    await store.close();
    await remove();
  });
  const add = (...ids: string[]) =>
    store.write("test", async (tx) => {
      for (const id of ids)
        await tx.run(
          "INSERT INTO events (at, type, tenant, resource_id, request_id, data) VALUES (1, 'changed', 't', ?, 'r', '{}')",
          [id],
        );
    });
  const open = async (after?: number) => (await streams.open({}, after)) ?? assert.fail("it was not opened");
  return { streams, store, told, add, open };
}

test("events come as they happen, and a client that was cut off goes on where it was", async (t) => {
  const ebb = await startEbb(t);
  await make(ebb, "before");
  const first = await streamOf(ebb);
  assert.deepEqual([first.status, first.headers.get("content-type")], [200, "text/event-stream; charset=utf-8"]);
  const made = await make(ebb, "watched");
  const [id, event] = await first.frames.event();
  assert.deepEqual([event.type, event.resource_id, event.tenant], ["created", made.body.id, ebb.one.projectId]);
  await first.frames.close();
  const missed = await make(ebb, "missed");
  const again = await streamOf(ebb, "?after=0", { "last-event-id": String(id) });
  const [next, following] = await again.frames.event();
  assert.ok(next > id, "what was seen does not come again: the header goes before the query");
  assert.deepEqual([following.resource_id, following.type], [made.body.id, "accepted"]);
  const seen = [following];
  while (seen.at(-1)?.type !== "ended" || seen.at(-1)?.resource_id !== missed.body.id)
    seen.push((await again.frames.event())[1]);
  const all = (await listed(ebb, `?after=${id}`)).events;
  assert.deepEqual(seen, all);
  await again.frames.close();
});

test("a stream from the beginning gives what the list gives, filtered alike", async (t) => {
  const ebb = await startEbb(t);
  const [one, two] = [(await make(ebb, "workspace-1")).body.id, (await make(ebb, "workspace-2")).body.id];
  await ebb.one.ask("DELETE", `/v1/workspaces/${two}`);
  for (const filter of [`resource_id=${two}`, "type=ended", `tenant=${ebb.one.projectId}&type=state`]) {
    const { events } = await listed(ebb, `?${filter}`);
    assert.ok(
      events.length > 0 &&
        events.every((event: { resource_id: string }) => event.resource_id !== one || !filter.includes(two)),
    );
    const { frames } = await streamOf(ebb, `?after=0&${filter}`);
    const seen = [];
    while (seen.length < events.length) seen.push((await frames.event())[1]);
    assert.deepEqual(seen, events, filter);
    await frames.close();
  }
  const [accepted] = (await listed(ebb, `?resource_id=${two}&type=accepted`)).events;
  const ofOperation = (await listed(ebb, `?operation_id=${accepted.operation_id}`)).events;
  assert.ok(ofOperation.every((event: { operation_id: string }) => event.operation_id === accepted.operation_id));
});

test("the list goes page by page, and its tail is the newest, oldest first", async (t) => {
  const ebb = await startEbb(t);
  await make(ebb, "workspace-1");
  const all = (await listed(ebb, "?limit=1000")).events;
  const seen = [];
  for (let next: string | null = "0"; next !== null; ) {
    const page: { events: object[]; next: string | null } = await listed(ebb, `?limit=2&after=${next}`);
    seen.push(...page.events);
    next = page.next;
  }
  assert.deepEqual(seen, all);
  const tail = await listed(ebb, "?tail=true&limit=3");
  assert.deepEqual([tail.events, tail.next], [all.slice(-3), null]);
});

test("only so many streams are open at a time, and one that ends makes room", async (t) => {
  const ebb = await startEbb(t);
  const open = await Promise.all(Array.from({ length: 31 }, () => streamOf(ebb)));
  const headers = { authorization: `Bearer ${ebb.operatorToken}` };
  const asked = get(`${ebb.url}/ebb/v1/events/stream`, { agent: false, headers });
  const [lost] = (await once(asked, "response")) as [IncomingMessage];
  assert.ok(open.every((one) => one.status === 200));
  const refused = await ebb.operator("GET", "/events/stream");
  assert.deepEqual([refused.status, refused.body.error.code], [429, "too-many"]);
  assert.match(refused.body.error.message, /32 event streams/);
  lost.destroy();
  // The server learns of the end when the connection says so.
  let next = await streamOf(ebb);
  for (; next.status === 429; next = await streamOf(ebb)) await next.frames.next();
  assert.equal(next.status, 200);
});

test("a closing server ends its streams, and does not wait for them", async (t) => {
  const ebb = await startEbb(t);
  const { frames } = await streamOf(ebb);
  await frames.next();
  const since = performance.now();
  await ebb.close();
  assert.ok(performance.now() - since < 4_000, "the gateway's patience is 5 s");
  assert.equal(await frames.next(), undefined);
});

test("what cannot be a place or a filter is refused, and opens nothing", async (t) => {
  const ebb = await startEbb(t);
  for (const id of ["x", "-1", "1.5", "9".repeat(16)]) {
    const answer = await ebb.operator("GET", "/events/stream", undefined, { "last-event-id": id });
    assert.deepEqual([answer.status, answer.body.error.code], [400, "invalid"], id);
  }
  for (const query of ["after=x", "type=nothing", "limit=0", "colour=red"]) {
    const answer = await ebb.operator("GET", `/events?${query}`);
    assert.deepEqual([answer.status, answer.body.error.code], [400, "invalid"], query);
  }
  assert.equal((await ebb.ask("GET", "/ebb/v1/events/stream")).status, 401);
});

test("a commit of this process wakes the streams: no poll is needed", async (t) => {
  const { add, open } = await startStreams(t, {});
  const frames = new Frames(await open());
  await frames.next();
  await add("a");
  assert.equal((await frames.event())[1].resource_id, "a");
  await add("b", "c");
  assert.deepEqual([(await frames.event())[1].resource_id, (await frames.event())[1].resource_id], ["b", "c"]);
});

test("a commit of another process is found by the poll", async (t) => {
  const { add, open } = await startStreams(t, { pollMs: 5 }, false);
  const frames = new Frames(await open());
  await frames.next();
  await add("a");
  assert.equal((await frames.event())[1].resource_id, "a");
});

test("a client that does not read costs one batch, and gets everything once it reads", async (t) => {
  const { add, open, store } = await startStreams(t, {});
  const ids = Array.from({ length: 1_000 }, (_, index) => `thing-${index}`);
  await add(...ids);
  const reads = t.mock.method(store, "read");
  const stream = await open(0);
  stream.read(0);
  const others = new Frames(await open(0));
  for (let seen = 0; seen < 1_000; seen++) await others.event();
  const rows = reads.mock.callCount();
  assert.ok(rows < 25, `${rows} reads: the stream that nobody reads has gone on`);
  const frames = new Frames(stream);
  for (const id of ids) assert.equal((await frames.event())[1].resource_id, id);
});

test("a client that does not read is cut off when the server closes", async (t) => {
  const { add, open, streams } = await startStreams(t, {});
  await add(...Array.from({ length: 1_000 }, (_, index) => `thing-${index}`));
  const stream = await open(0);
  stream.read(0);
  await streams.close();
  assert.equal(stream.destroyed, true);
  assert.equal(await streams.open({}, 0), undefined);
});

test("a silent stream says that it is still there, and up to where it has seen", async (t) => {
  const { add, open, streams } = await startStreams(t, { heartbeatMs: 5 });
  const stream = await streams.open({ tenant: "nobody" }, 0);
  assert.ok(stream);
  const frames = new Frames(stream);
  assert.deepEqual(await frames.next(), { comment: "events of this Ebb", id: "0" });
  await add("a");
  let frame = await frames.next();
  while (frame?.id === "0") frame = await frames.next();
  assert.equal(frame?.comment, "still here");
  const last = Number(frame?.id);
  const other = new Frames(await open(0));
  assert.equal((await other.event())[0], last);
});

test("when the events are replaced by others, a stream says so and ends", async (t) => {
  const { add, open, store } = await startStreams(t, {});
  await add("a");
  const frames = new Frames(await open(0));
  await frames.event();
  await store.write("load", (tx) => tx.run("DELETE FROM events"));
  assert.deepEqual(await frames.next(), { event: "reset", id: "0", data: "{}" });
  assert.equal(await frames.next(), undefined);
});
