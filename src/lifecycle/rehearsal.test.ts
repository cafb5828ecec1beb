import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BOX, type Kernel, THING } from "../../test/kernel.ts";
import { type Guard, type Kind, NoSuch, PLAN_MOST, Refused } from "./index.ts";
import {
  all,
  CRATE,
  dumpOf,
  ENGINE,
  FIXTURE,
  LONG,
  ROOM,
  refuseToUnmake,
  stagesIn,
  startToys,
} from "./plan-testing.ts";

const rehearse = (kernel: Kernel, ...ids: string[]) => kernel.lifecycle.rehearse(all(...ids), "r");

/** A room: a box with two things, a crate with one, and a thing in the box that needs the one in the crate. */
async function furnish(kernel: Kernel): Promise<void> {
  await kernel.create({ id: "room", kind: ROOM.name });
  await kernel.create({ id: "box", kind: BOX.name, parentId: "room" });
  await kernel.create({ id: "crate", kind: CRATE.name, parentId: "room" });
  await kernel.create({ id: "packed", parentId: "crate" });
  await kernel.create({ id: "one", parentId: "box" });
  await kernel.create({ id: "two", parentId: "box", links: [{ target: "packed", role: "needs" }] });
  await kernel.pass(LONG);
}

test("a room goes with everything inside: children first, and what needs something before that", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const plan = await rehearse(kernel, "room");
  assert.deepEqual(plan.refusals, []);
  assert.deepEqual(stagesIn(plan), [["one", "two"], ["box", "crate"], ["room"]]);
  const item = (id: string) => plan.items.find(({ thing }) => thing.id === id);
  assert.deepEqual(
    item("crate")?.takesAlong.map((one) => one.id),
    ["packed"],
    "it goes along, and is no item",
  );
  assert.deepEqual(item("crate")?.after, ["two"], "what needs something of the crate goes before the crate");
  assert.deepEqual(item("room")?.after.toSorted(), ["box", "crate"]);
  assert.deepEqual(plan.holdings.map((one) => one.resourceId).toSorted(), ["one", "packed", "two"]);
});

test("a rehearsal leaves the store byte for byte as it was", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  await kernel.create({ id: "late", parentId: "box" });
  await kernel.lifecycle.stop();
  const files = () =>
    kernel.store.kind === "sqlite"
      ? ["ebb.db", "ebb.db-wal"].map((name) => readFileSync(join(kernel.dataDir, name)))
      : [];
  const [before, bytes] = [await dumpOf(kernel), files()];
  assert.ok((before.resources?.length ?? 0) > 6 && (before.holdings?.length ?? 0) > 2);
  const plan = await rehearse(kernel, "room");
  assert.equal(plan.items.length, 6);
  assert.deepEqual(await dumpOf(kernel), before);
  assert.ok(files().every((now, index) => now.equals(bytes[index] ?? Buffer.of())));
});

test("nor does a large one leave a byte in the log of the store", async (t) => {
  const kernel = await startToys(t, { stopped: true });
  if (kernel.store.kind !== "sqlite") return;
  await kernel.create({ id: "room", kind: ROOM.name });
  await Promise.all(Array.from({ length: 1500 }, (_, index) => kernel.create({ id: `t${index}`, parentId: "room" })));
  const log = () => readFileSync(join(kernel.dataDir, "ebb.db-wal"));
  const before = log();
  const plan = await rehearse(kernel, "room");
  assert.deepEqual([plan.items.length, plan.refusals], [1501, []]);
  assert.ok(log().equals(before), "the pages of a transaction that is larger than the cache stay in memory");
});

test("every refusal is told at once, and what follows from one says so", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  await kernel.create({ id: "engine", kind: ENGINE.name, parentId: "room" });
  await kernel.create({ id: "user", links: [{ target: "one", role: "needs" }] });
  await kernel.pass(LONG);
  const { refusals } = await rehearse(kernel, "room", "engine");
  assert.deepEqual(
    refusals.map(({ id, code, blockers, hint }) => ({ id, code, blockers: blockers.map((one) => one.id), hint })),
    [
      { id: "one", code: "blocked", blockers: ["user"], hint: "delete these first" },
      { id: "engine", code: "wrong-state", blockers: [], hint: "stop it first, then ask again" },
      { id: "box", code: "blocked", blockers: ["one"], hint: "it can go once these can" },
      { id: "room", code: "blocked", blockers: ["box", "one"], hint: "it can go once these can" },
    ],
  );
  const whole = await rehearse(kernel, "room", "user");
  assert.deepEqual(
    whole.refusals.map((one) => one.id),
    ["engine"],
    "with its user asked for too, nothing is in the way of the rest",
  );
});

test("what would go along and is in the way goes by itself, before", async (t) => {
  const kernel = await startToys(t);
  await kernel.create({ id: "crate", kind: CRATE.name });
  await kernel.create({ id: "done", parentId: "crate" });
  await kernel.pass(LONG);
  await kernel.create({ id: "busy", parentId: "crate" });
  const plan = await rehearse(kernel, "crate");
  assert.deepEqual([stagesIn(plan), plan.refusals], [[["busy"], ["crate"]], []]);
  assert.deepEqual(
    plan.items.at(-1)?.takesAlong.map((one) => one.id),
    ["done"],
  );
  const alone = await kernel.lifecycle.rehearse({ ids: ["crate"], inside: false }, "r");
  assert.deepEqual(
    alone.refusals.map((one) => one.blockers.map((blocker) => blocker.id)),
    [["busy"]],
    "what was not asked for is not deleted to make way",
  );
});

test("what is refused half-way still stands as it stood for what comes after", async (t) => {
  const steady: Kind = { ...THING, verbs: { ...THING.verbs, delete: { ...THING.verbs.delete!, aborts: [] } } };
  const open: Kind = { ...CRATE, verbs: { ...CRATE.verbs, delete: { ...CRATE.verbs.delete!, guards: [] } } };
  const kernel = await startToys(t, { kinds: [steady, open, ROOM] });
  await kernel.create({ id: "room", kind: ROOM.name });
  await kernel.create({ id: "crate", kind: CRATE.name, parentId: "room" });
  await kernel.create({ id: "busy", parentId: "crate" });
  await kernel.lifecycle.runner.settled();
  const { refusals } = await rehearse(kernel, "room");
  assert.deepEqual(
    refusals.map(({ id, code, blockers }) => [id, code, blockers.map((one) => `${one.id} ${one.state}`)]),
    [
      ["crate", "busy", ["busy create"]],
      ["room", "blocked", ["crate READY", "busy MAKING"]],
    ],
  );
});

test("one thing alone is refused while something is inside, and is all that is planned", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const plan = await kernel.lifecycle.rehearse({ ids: ["box"], inside: false }, "r");
  assert.deepEqual(stagesIn(plan), [["box"]]);
  assert.deepEqual(
    plan.refusals[0]?.blockers.map((one) => one.id),
    ["one", "two"],
  );
});

test("what is being deleted is joined; what has failed is deleted again; what is gone is said to be", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const restore = refuseToUnmake(t, kernel, "one");
  await kernel.submit("delete", THING.name, "one");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("one"), "STUCK");
  restore();
  await kernel.submit("delete", THING.name, "two");
  const plan = await rehearse(kernel, "room");
  assert.deepEqual([plan.refusals, plan.items.filter((one) => one.joined).map((one) => one.thing.id)], [[], ["two"]]);
  await kernel.pass(LONG);
  const later = await rehearse(kernel, "two", "crate", "packed");
  assert.deepEqual([later.gone.map((one) => one.id), stagesIn(later)], [["two"], [["crate"]]]);
});

test("a delete that is joined takes along what has stopped inside of it", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  await kernel.submit("delete", THING.name, "two");
  await kernel.pass(LONG);
  refuseToUnmake(t, kernel, "packed");
  await kernel.submit("delete", CRATE.name, "crate");
  await kernel.pass(LONG);
  assert.deepEqual([await kernel.state("crate"), await kernel.state("packed")], ["ENDING", "STUCK"]);
  const plan = await rehearse(kernel, "crate");
  assert.deepEqual([plan.refusals, stagesIn(plan), plan.items[0]?.joined], [[], [["crate"]], true]);
});

test("a project goes whole, but for what no delete ends, which is in nobody's way", async (t) => {
  const kernel = await startToys(t);
  await kernel.create({ id: "fixture", kind: FIXTURE.name });
  await kernel.create({ id: "on-it", parentId: "fixture" });
  await kernel.create({ id: "theirs" }, { tenant: "tenant-two", userId: "u", requestId: "r" });
  await kernel.pass(LONG);
  const plan = await kernel.lifecycle.rehearse({ project: "tenant-one", inside: true }, "r");
  assert.deepEqual([stagesIn(plan), plan.refusals, plan.stays.map((one) => one.id)], [[["on-it"]], [], ["fixture"]]);
  const named = await rehearse(kernel, "fixture");
  assert.deepEqual([stagesIn(named), named.stays.map((one) => one.id)], [[["on-it"]], ["fixture"]]);
});

test("unknown ids are named, all of them", async (t) => {
  const kernel = await startToys(t);
  await kernel.create({ id: "known" });
  await assert.rejects(
    rehearse(kernel, "nobody", "known", "nothing"),
    (error) => error instanceof NoSuch && /nobody, nothing/.test(error.message) && !/known,/.test(error.message),
  );
});

const tooMuch = (error: unknown) => error instanceof Refused && /more than 2000/.test(error.message);

test("what is too much for one plan is refused, by its project and by an id", async (t) => {
  const kernel = await startToys(t);
  const { resource } = await kernel.create({ id: "box", kind: BOX.name });
  await kernel.store.write("test", async (tx) => {
    for (let n = 0; n < PLAN_MOST; n++)
      await tx.run(
        `INSERT INTO resources (id, kind, tenant, parent_id, incarnation, name, state, spec, facts, created_by, created_at, updated_at)
         SELECT ?, 'toy.thing', tenant, id, incarnation, name, state, spec, facts, created_by, created_at, updated_at FROM resources WHERE id = 'box'`,
        [`t${n}`],
      );
  });
  await assert.rejects(rehearse(kernel, "box"), tooMuch);
  await assert.rejects(kernel.lifecycle.rehearse({ project: resource.tenant, inside: true }, "r"), tooMuch);
});

test("a guard may name what only a later delete ends: that goes before, then", async (t) => {
  const wary = {
    ...THING,
    name: "toy.wary",
    verbs: {
      ...THING.verbs,
      delete: {
        ...THING.verbs.delete!,
        guards: [
          async (tx: { all: <Row>(sql: string) => Promise<Row[]> }) =>
            tx.all<{ id: string; kind: string; name: string; state: string }>(
              "SELECT id, kind, name, state FROM resources WHERE id = 'keeper' AND gone_at IS NULL",
            ),
        ],
      },
    },
  };
  const kernel = await startToys(t, { kinds: [wary, THING] });
  await kernel.create({ id: "wary", kind: "toy.wary" });
  await kernel.create({ id: "keeper" });
  await kernel.pass(LONG);
  const plan = await rehearse(kernel, "wary", "keeper");
  assert.deepEqual([stagesIn(plan), plan.refusals], [[["keeper"], ["wary"]], []]);
});

/** Counts what stands in the links, alive or not. */
const counting: Guard = (tx, { id }) =>
  tx.all(
    "SELECT r.id, r.kind, r.name, r.state FROM links l JOIN resources r ON r.id = l.resource_id WHERE target_id = ?",
    [id],
  );

test("what is gone in a plan needs nothing any more", async (t) => {
  const kept: Kind = { ...BOX, verbs: { ...BOX.verbs, delete: { ...BOX.verbs.delete!, guards: [counting] } } };
  const kernel = await startToys(t, { kinds: [kept, THING] });
  await kernel.create({ id: "box", kind: BOX.name });
  await kernel.create({ id: "user", links: [{ target: "box", role: "needs" }] });
  await kernel.pass(LONG);
  const plan = await rehearse(kernel, "box", "user");
  assert.deepEqual([stagesIn(plan), plan.refusals], [[["user"], ["box"]], []]);
});

test("what needs something goes before it, whether or not a guard asks for that", async (t) => {
  const free: Kind = { ...BOX, verbs: { ...BOX.verbs, delete: { ...BOX.verbs.delete!, guards: [] } } };
  const kernel = await startToys(t, { kinds: [free] });
  await kernel.create({ id: "needed", kind: BOX.name });
  await kernel.create({ id: "user", kind: BOX.name, links: [{ target: "needed", role: "needs" }] });
  assert.deepEqual(stagesIn(await rehearse(kernel, "needed", "user")), [["user"], ["needed"]]);
});

test("things that need each other are refused, and the plan still ends", async (t) => {
  const kernel = await startToys(t);
  await kernel.create({ id: "a" });
  await kernel.create({ id: "b", links: [{ target: "a", role: "needs" }] });
  await kernel.store.write("test", (tx) =>
    tx.run("INSERT INTO links (resource_id, target_id, role) VALUES ('a', 'b', 'needs')"),
  );
  await kernel.pass(LONG);
  const { refusals } = await rehearse(kernel, "a", "b");
  assert.deepEqual(
    refusals.map((one) => [one.id, one.blockers[0]?.id]),
    [
      ["a", "b"],
      ["b", "a"],
    ],
  );
});

test("the end of a delete is played too: what it brings about is seen by what comes after", async (t) => {
  const closing = {
    ...BOX,
    verbs: {
      ...BOX.verbs,
      delete: { ...BOX.verbs.delete!, from: ["FREE"], guards: [] },
    },
    moves: { READY: ["FREE"] },
  };
  const freeing = {
    ...THING,
    verbs: {
      ...THING.verbs,
      delete: {
        ...THING.verbs.delete!,
        after: (
          effects: { move(id: string, state: string): Promise<void> },
          { parentId }: { parentId: string | null },
        ) => effects.move(parentId ?? "", "FREE"),
      },
    },
  };
  const kernel = await startToys(t, { kinds: [closing, freeing] });
  await kernel.create({ id: "box", kind: BOX.name });
  await kernel.create({ id: "thing", parentId: "box" });
  await kernel.pass(LONG);
  const plan = await rehearse(kernel, "box");
  assert.deepEqual([stagesIn(plan), plan.refusals], [[["thing"], ["box"]], []]);
});
