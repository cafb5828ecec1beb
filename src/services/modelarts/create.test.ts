import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, EVS, notebooksOf, OBS, startNotebooks } from "../../../test/notebooks.ts";

const stored = (storage: unknown, more: object = {}) => ({ spec: { storage, ...more } });
const inObs = (path: unknown) => stored({ type: "obs", location: { path } });
const inEvs = (volume_size: unknown) => stored({ type: "evs", location: { volume_size } });
const timed = (auto_stop: unknown) => stored(OBS, { auto_stop });

const REFUSED: [what: string, over: Record<string, unknown>, code: string][] = [
  ["a name that is no text", { name: 7 }, "6332"],
  ["a description that is null", { description: null }, "6332"],
  ["a spec that is a list", { spec: [] }, "6332"],
  ["a volume size in quotes", inEvs("20"), "6332"],
  ["an enable in quotes", timed({ enable: "true" }), "6332"],
  ["a duration with a fraction", timed({ enable: true, duration: 3600.5 }), "6332"],
  ["an annotation that is a number", stored(OBS, { annotations: { a: 1 } }), "6332"],
  ["no name", { name: undefined }, "6335"],
  ["no profile", { profile_id: undefined }, "6335"],
  ["no flavor", { flavor: undefined }, "6335"],
  ["no spec", { spec: undefined }, "6335"],
  ["no storage", { spec: {} }, "6316"],
  ["a storage of no type", stored({ location: { path: "/a/b/" } }), "6335"],
  ["OBS with no location", stored({ type: "obs" }), "6317"],
  ["OBS with no path", stored({ type: "obs", location: {} }), "6317"],
  ["a pool with no id", { pool: { type: "USER_DEFINED" } }, "6335"],
  ["a name with a dot", { name: "nb.one" }, "6334"],
  ["a name in Chinese", { name: "笔记本" }, "6334"],
  ...["&", "<", ">", '"', "'", "/"].map((mark): [string, Record<string, unknown>, string] => [
    `a description with ${mark}`,
    { description: `a${mark}b` },
    "6334",
  ]),
  ["a name of 65", { name: "n".repeat(65) }, "6336"],
  ["an empty name", { name: "" }, "6336"],
  ["a description of 513", { description: "d".repeat(513) }, "6336"],
  ["an unknown flavor", { flavor: "modelarts.vm.cpu.3u" }, "6323"],
  ["an unknown profile", { profile_id: "Multi-Engine 9.9" }, "6336"],
  ["a profile for other hardware", { profile_id: "Multi-Engine 1.0 (python3)-gpu" }, "6330"],
  ["an unknown storage", stored({ type: "efs" }), "6324"],
  ["a parallel file system as the storage", stored({ type: "obsfs", location: { path: "bucket" } }), "6324"],
  ["a workspace that is not there", { workspace: { id: "9".repeat(32) } }, "0102"],
  ["a volume of 4 GB", inEvs(4), "6331"],
  ["a volume of 4097 GB", inEvs(4097), "6331"],
  ["a path with no slash at its end", inObs("/team-bucket/nb"), "6318"],
  ["an empty path", inObs(""), "6318"],
  ["a bucket's root", inObs("/team-bucket/"), "6358"],
  ["only a slash", inObs("/"), "6358"],
  ["a timer with no duration", timed({ enable: true }), "6348"],
  ["a duration of 3599 s", timed({ enable: true, duration: 3599 }), "6349"],
  ["a duration of 86401 s", timed({ enable: false, duration: 86_401 }), "6349"],
];

test("a create that is wrong is refused with the code of what is wrong, and leaves nothing", async (t) => {
  const it = await startNotebooks(t);
  for (const [what, over, code] of REFUSED) {
    const answer = await it.create(over);
    assert.equal(answer.body?.error_code, `ModelArts.${code}`, `${what}: ${answer.text}`);
    assertRefused(answer, code);
  }
  assert.equal((await it.list()).body.total_count, 0);
  await it.ebb.settle();
  await it.assertNothingLeft();
});

test("of several things that are wrong, the first in DevEnviron's order is said", async (t) => {
  const it = await startNotebooks(t);
  await it.create({ name: "taken" });
  const wrong: Record<string, unknown> = {
    name: "a.b",
    description: 1,
    flavor: "unknown",
    spec: { storage: { type: "obs" }, auto_stop: { enable: true } },
  };
  const next = async (code: string, fix: Record<string, unknown>) => {
    assertRefused(await it.create(wrong), code);
    Object.assign(wrong, fix);
  };
  await next("6332", { description: "" });
  await next("6317", { spec: { storage: { type: "obs", location: { path: "/b" } }, auto_stop: { enable: true } } });
  await next("6334", { name: "taken" });
  await next("6323", { flavor: "modelarts.vm.cpu.2u" });
  await next("6318", { spec: { storage: OBS, auto_stop: { enable: true } } });
  await next("6348", { spec: { storage: OBS, auto_stop: { enable: true, duration: 1 } } });
  await next("6349", { spec: { storage: OBS } });
  await next("6301", {});
});

test("what is at the edge of a rule is accepted", async (t) => {
  const it = await startNotebooks(t);
  const edges: Record<string, unknown>[] = [
    { name: "n".repeat(64), description: "d".repeat(512) },
    { name: "A-z_0", description: undefined, workspace: { id: "0" } },
    { name: "c", ...inEvs(5) },
    { name: "d", ...inEvs(4096) },
    { name: "e", ...stored({ type: "evs" }) },
    { name: "f", ...timed({ enable: true, duration: 3600 }) },
    { name: "g", ...timed({ enable: true, duration: 86_400, prompt: false }) },
    { name: "h", workspace: {}, ai_project: { id: "anything" }, unknown_key: [1] },
  ];
  for (const over of edges) {
    const answer = await it.create(over);
    assert.equal(answer.status, 200, answer.text);
  }
  const all: { name: string; spec: { storage: { location: { volume_size: number } }; auto_stop: object } }[] = (
    await it.list()
  ).body.instances;
  const specOf = (name: string) => all.find((one) => one.name === name)?.spec;
  assert.equal(specOf("e")?.storage.location.volume_size, 5);
  assert.deepEqual(specOf("g")?.auto_stop, { enable: true, duration: 86_400, prompt: false });
});

test("a name is used once in a project, until the instance is deleted", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped({ name: "same" });
  assertRefused(await it.create({ name: "same" }), "6301");
  assert.equal((await notebooksOf(it.ebb, it.ebb.two).create({ name: "same" })).status, 200);
  await it.remove(id);
  await it.ebb.pass(A_WHILE);
  assert.equal((await it.create({ name: "same" })).status, 200);
});

test("a project has ten instances at most, and a deleted one makes room", async (t) => {
  const it = await startNotebooks(t);
  const first = await it.stopped({ name: "nb-0" });
  for (let index = 1; index < 10; index++) assert.equal((await it.create({ name: `nb-${index}` })).status, 200);
  assertRefused(await it.create({ name: "nb-10" }), "6302");
  assertRefused(await it.create({ name: "nb-9" }), "6301");
  assert.equal((await it.list()).body.total_count, 10);
  assert.equal((await notebooksOf(it.ebb, it.ebb.two).create()).status, 200);
  await it.remove(first);
  await it.ebb.pass(A_WHILE);
  assert.equal((await it.create({ name: "nb-10" })).status, 200);
});

test("a dedicated pool and a parallel file system on it are kept as asked", async (t) => {
  const it = await startNotebooks(t);
  const extend = [{ type: "obsfs", location: { path: "pfs-bucket" } }];
  assertRefused(await it.create(stored(EVS, { extend_storage: extend })), "6324");
  assertRefused(
    await it.create({ pool: { id: "pool-1" }, ...stored(EVS, { extend_storage: [{ ...extend[0], type: "obs" }] }) }),
    "6324",
  );
  const location = { path: "pfs-bucket", access_modes: "Sometimes" };
  assertRefused(
    await it.create({ pool: { id: "pool-1" }, ...stored(EVS, { extend_storage: [{ type: "obsfs", location }] }) }),
    "6336",
  );
  const { body } = await it.create({ pool: { id: "pool-1" }, ...stored(EVS, { extend_storage: extend }) });
  assert.deepEqual(body.pool, { id: "pool-1", type: "USER_DEFINED", owner: { project_id: it.ebb.one.projectId } });
  assert.deepEqual(body.spec.extend_storage, [
    {
      type: "obsfs",
      location: { path: "pfs-bucket", mount_path: "/home/ma-user/work", access_modes: "ReadWriteMany" },
    },
  ]);
});

test("a body that is not JSON is refused in ModelArts' words", async (t) => {
  const it = await startNotebooks(t);
  assertRefused(await it.ebb.one.ask("POST", it.url(), "{"), "0101");
  assertRefused(await it.ebb.one.ask("POST", it.url(), "[]"), "6332");
  assertRefused(await it.ebb.one.ask("POST", it.url()), "6335");
});
