import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { BOX, CALLER, type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { containerOf, PAIR, volumeOf } from "../../test/pair.ts";
import { START } from "../../test/store.ts";
import { Refusal } from "../drivers/port.ts";
import { findReceipts, listReceipts, verifyChain } from "./index.ts";

const LONG = 10 * 60_000;

const receiptOf = (kernel: Kernel, operation: string) =>
  kernel.store.read((session) => findReceipts(session, operation));
const verify = (kernel: Kernel) => verifyChain(kernel.store);
const write = (kernel: Kernel, sql: string) => kernel.store.write("test", (tx) => tx.run(sql));

async function remove(kernel: Kernel, kind: string, id: string): Promise<string> {
  const { operation } = await kernel.submit("delete", kind, id);
  await kernel.pass(LONG);
  return operation.id;
}

/** Five boxes that were made and deleted, one after the other. */
async function chainOfFive(t: TestContext): Promise<Kernel> {
  const kernel = await startKernel(t, { kinds: [THING, BOX] });
  for (const id of ["b1", "b2", "b3", "b4", "b5"]) {
    await kernel.create({ id, kind: BOX.name });
    await kernel.submit("delete", BOX.name, id);
  }
  return kernel;
}

test("a delete leaves a receipt of everything it held, with each proof and each step", async (t) => {
  const kernel = await startKernel(t, { kinds: [PAIR] });
  const { resource, operation: made } = await kernel.create({ id: "p1", kind: PAIR.name, name: "one" });
  await kernel.pass(LONG);
  const { operation } = await kernel.submit("delete", PAIR.name, "p1");
  await kernel.pass(LONG);
  const found = await receiptOf(kernel, operation.id);
  assert.ok(found);
  const { body } = found.receipt;
  assert.deepEqual(
    [body.type, body.of, body.verb, body.operation_id, body.request_id],
    ["deleted", null, "delete", operation.id, CALLER.requestId],
  );
  assert.deepEqual(body.resource, {
    id: "p1",
    kind: PAIR.name,
    tenant: CALLER.tenant,
    name: "one",
    incarnation: resource.incarnation,
  });
  assert.equal(body.accepted_at, new Date(START + LONG).toISOString());
  assert.equal(body.finished_at, new Date(START + LONG + 30_000).toISOString());
  const volume = volumeOf(resource);
  assert.deepEqual(body.holdings, [
    {
      ref: volume,
      domain: "notebooks",
      type: "volume",
      taken_at: new Date(START).toISOString(),
      taken_by: made.id,
      released_at: body.finished_at,
      released_by: operation.id,
      released_step: "remove-volume",
      proof: `notebooks answered absent for ${volume}`,
      skipped: null,
    },
    {
      ref: containerOf(resource),
      domain: "notebooks",
      type: "container",
      taken_at: new Date(START + 10_000).toISOString(),
      taken_by: made.id,
      released_at: new Date(START + LONG + 20_000).toISOString(),
      released_by: operation.id,
      released_step: "remove-container",
      proof: `notebooks answered absent for ${containerOf(resource)}`,
      skipped: null,
    },
  ]);
  assert.deepEqual(
    body.steps.map(({ step, answer, attempts }) => [step, answer, attempts]),
    [
      ["remove-container", "gone", 1],
      ["remove-volume", "gone", 1],
    ],
  );
});

test("a delete with nothing to do in the world leaves one too, and nothing else does", async (t) => {
  const kernel = await startKernel(t);
  const { operation: made } = await kernel.create({ id: "b1", kind: BOX.name });
  const { operation } = await kernel.submit("delete", BOX.name, "b1");
  assert.deepEqual((await receiptOf(kernel, operation.id))?.receipt.body.holdings, []);
  assert.equal(await receiptOf(kernel, made.id), undefined);
  assert.equal(await kernel.count("receipts"), 1);
});

test("the delete and its receipt are one write: without the one there is not the other", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await write(kernel, `INSERT INTO receipts VALUES (9, '${operation.id}', 't1', 'k', 't', 0, '{}', '', '')`);
  await kernel.pass(60_000);
  assert.equal(await kernel.state("t1"), "ENDING");
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 1);
  await write(kernel, "DELETE FROM receipts");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
  assert.equal((await receiptOf(kernel, operation.id))?.receipt.seq, 1);
});

test("each hash covers the one before it and the body's canonical text", async (t) => {
  const kernel = await chainOfFive(t);
  const rows = await kernel.store.read((session) =>
    session.all<{ seq: number; body: string; previous: string; hash: string }>("SELECT * FROM receipts ORDER BY seq"),
  );
  let previous = "0".repeat(64);
  rows.forEach((row, index) => {
    assert.deepEqual([row.seq, row.previous], [index + 1, previous]);
    previous = createHash("sha256")
      .update(previous + row.body)
      .digest("hex");
    assert.equal(row.hash, previous);
    const keys = [...row.body.matchAll(/[{,]"(\w+)":/g)].map((match) => match[1] ?? "");
    assert.deepEqual(keys.slice(0, 3), ["accepted_at", "finished_at", "holdings"], "keys are sorted");
    assert.doesNotMatch(row.body, /[:,] /);
  });
  assert.deepEqual(await verify(kernel), { whole: true, count: 5, first: 1, last: 5, head_hash: previous });
});

const SWAP = `UPDATE receipts SET body = (SELECT body FROM receipts o WHERE o.seq = 5 - receipts.seq),
  operation_id = operation_id || '-' WHERE seq IN (2, 3)`;

for (const [what, tamper, seq, wrong] of [
  [
    "one byte of a body is changed",
    "UPDATE receipts SET body = replace(body, 'b3', 'bX') WHERE seq = 3",
    3,
    /not what its hash/,
  ],
  ["one in the middle is taken out", "DELETE FROM receipts WHERE seq = 3", 3, /receipt 3 is missing/],
  ["the end is cut", "DELETE FROM receipts WHERE seq > 3", 4, /cut: it went on to receipt 5/],
  ["the start is cut", "DELETE FROM receipts WHERE seq < 3", 1, /receipt 1 is missing/],
  ["two bodies are swapped", SWAP, 2, /not what its hash/],
  [
    "two are swapped whole",
    "UPDATE receipts SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)",
    -3,
    /stands before/,
  ],
  ["one is filed under another thing", "UPDATE receipts SET resource_id = 'b9' WHERE seq = 4", 4, /does not say/],
  ["the chain's own row is taken out", "DELETE FROM receipt_chain", 1, /stands after the chain's last/],
  [
    "the chain's own row is cut with its end",
    "UPDATE receipt_chain SET last_seq = 4, last_hash = (SELECT hash FROM receipts WHERE seq = 4)",
    5,
    /stands after the chain's last, 4/,
  ],
  ["all is taken out but the chain's own row", "DELETE FROM receipts", 1, /cut: it went on to receipt 5/],
  ["the last is written anew", "UPDATE receipts SET previous = 'x' WHERE seq = 5", 5, /does not follow/],
] as const) {
  test(`the chain is told to be broken when ${what}`, async (t) => {
    const kernel = await chainOfFive(t);
    await write(kernel, tamper);
    if (what === "two are swapped whole") await write(kernel, "UPDATE receipts SET seq = -seq WHERE seq < 0");
    const verdict = await verify(kernel);
    assert.ok(!verdict.whole);
    assert.match(verdict.wrong, what === "two are swapped whole" ? /does not follow/ : wrong);
    if (seq > 0) assert.equal(verdict.seq, seq);
    await kernel.create({ id: "b6", kind: BOX.name });
    await kernel.submit("delete", BOX.name, "b6");
    assert.equal(await kernel.state("b6"), "ENDED", "deletes finish over a broken chain");
    assert.equal((await verify(kernel)).whole, false, "and it stays broken");
  });
}

test("deletes that end together stand in one chain without gaps", async (t) => {
  const kernel = await startKernel(t);
  const ids = Array.from({ length: 30 }, (_, index) => `b${index}`);
  await Promise.all(ids.map((id) => kernel.create({ id, kind: BOX.name })));
  await Promise.all(ids.map((id) => kernel.create({ id: `t-${id}` })));
  await kernel.pass(LONG);
  await Promise.all(ids.map((id) => kernel.submit("delete", THING.name, `t-${id}`)));
  await Promise.all(ids.map((id) => kernel.submit("delete", BOX.name, id)));
  await kernel.pass(LONG);
  const verdict = await verify(kernel);
  assert.ok(verdict.whole);
  assert.deepEqual([verdict.count, verdict.first, verdict.last], [60, 1, 60]);
});

/** A chain of more receipts than one batch of the walk. */
async function longChain(t: TestContext): Promise<Kernel> {
  const kernel = await startKernel(t);
  await kernel.lifecycle.accept(CALLER, async (accepting) => {
    for (let index = 0; index < 501; index++) {
      const { resource } = await accepting.create({ kind: BOX.name, id: `b${index}`, name: "box", spec: {} });
      await accepting.submit("delete", resource);
    }
  });
  return kernel;
}

test("a chain longer than a batch is walked to its end", async (t) => {
  const kernel = await longChain(t);
  const verdict = await verify(kernel);
  assert.deepEqual(verdict.whole && [verdict.count, verdict.last], [501, 501]);
  await write(kernel, "DELETE FROM receipts WHERE seq = 501");
  assert.equal((await verify(kernel)).whole, false);
});

test("receipts leave with their resources from the chain's start only, and what is left verifies", async (t) => {
  const kernel = await startKernel(t, { kinds: [THING, BOX] });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "t2" });
  await kernel.create({ id: "b3", kind: BOX.name });
  await kernel.pass(LONG);
  await remove(kernel, BOX.name, "b1");
  const stuck = t.mock.method(kernel.drivers.notebooks, "unmake", async () => {
    throw new Refusal("the disk is bad", { owner: "an operator", hint: "replace it" });
  });
  const { operation } = await kernel.submit("delete", THING.name, "t2");
  await kernel.lifecycle.runner.settled();
  await kernel.lifecycle.skip({ operationId: operation.id, step: "unmake", reason: "bad disk", requestId: "r" });
  await remove(kernel, BOX.name, "b3");
  await kernel.pass(3_600_001);
  assert.equal((await kernel.lifecycle.scan()).purged, 2);
  const kept = await kernel.store.read((session) => listReceipts(session, { after: 0, limit: 9 }));
  assert.deepEqual(
    kept.map(({ seq, body }) => [seq, body.resource.id]),
    [
      [2, "t2"],
      [3, "b3"],
    ],
    "what is still held keeps its receipt, and that keeps those after it",
  );
  assert.deepEqual(await verify(kernel), { whole: true, count: 2, first: 2, last: 3, head_hash: kept[1]?.hash });
  stuck.mock.restore();
  await kernel.lifecycle.reclaim({ requestId: "r" });
  await kernel.pass(LONG + 3_600_001);
  await kernel.lifecycle.scan();
  for (const table of ["resources", "operations", "holdings", "events", "links", "receipts"])
    assert.equal(await kernel.count(table), 0, table);
  const verdict = await verify(kernel);
  assert.deepEqual(verdict.whole && [verdict.count, verdict.first, verdict.last], [0, null, null]);
  await kernel.create({ id: "b4", kind: BOX.name });
  const next = await remove(kernel, BOX.name, "b4");
  assert.equal((await receiptOf(kernel, next))?.receipt.seq, 5, "numbers are never used again");
  assert.equal((await verify(kernel)).whole, true);
});

test("purging hides no break", async (t) => {
  const kernel = await chainOfFive(t);
  await write(kernel, "UPDATE receipts SET body = replace(body, 'b2', 'bX') WHERE seq = 2");
  await kernel.pass(3_600_001);
  await kernel.lifecycle.scan();
  assert.deepEqual(await verify(kernel), {
    whole: false,
    seq: 2,
    wrong: "receipt 2 is not what its hash was made of",
  });
});

test("a chain that is purged and grows while it is walked stays whole", async (t) => {
  const kernel = await longChain(t);
  await kernel.pass(3_600_001);
  const read = kernel.store.read.bind(kernel.store);
  let batches = 0;
  t.mock.method(kernel.store, "read", async (ask: Parameters<typeof read>[0]) => {
    const answer = await read(ask);
    if (batches++ === 0) {
      await kernel.lifecycle.scan();
      await kernel.create({ id: "later", kind: BOX.name });
      await kernel.submit("delete", BOX.name, "later");
    }
    return answer;
  });
  const verdict = await verify(kernel);
  assert.deepEqual(verdict.whole && [verdict.count, verdict.first, verdict.last], [1, 502, 502]);
});
