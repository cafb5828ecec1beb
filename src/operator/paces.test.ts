import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Ebb, type EbbOptions, startEbb } from "../../test/harness.ts";
import { notebooksOf, OBS, startNotebooks } from "../../test/notebooks.ts";
import { createIds, seededRandom } from "../ids.ts";
import { startCloud } from "../services/clouddc/clouddc-testing.ts";
import { startFabric } from "../services/fabric/fabric-testing.ts";
import { startDatabases } from "../services/taurusdb/taurusdb-testing.ts";

const MINUTE = 60_000;

/** One change of the world in a service, as its client sees it. */
interface Change {
  ebb: Ebb;
  /** Asks for it; it takes as long as its kind's pace says. */
  begin(): Promise<void>;
  /** How a client sees it. Each look is one request. */
  look(): Promise<unknown>;
  during: unknown;
  after: unknown;
}

/** A change of a kind of each service. */
const CHANGES: Record<string, (t: TestContext) => Promise<Change>> = {
  "modelarts.notebook": async (t) => {
    const { ebb, create, status } = await startNotebooks(t);
    let id = "";
    return {
      ebb,
      begin: async () => {
        id = (await create({ spec: { storage: OBS } })).body.id;
      },
      look: () => status(id),
      during: "CREATING",
      after: "RUNNING",
    };
  },
  "clouddc.instance": async (t) => {
    const { ebb, one } = await startCloud(t);
    let id = "";
    const begin = async () => {
      id = await one.create();
    };
    return { ebb, begin, look: async () => (await one.status(id)).state, during: "pending", after: "running" };
  },
  "fabric.endpoint": async (t) => {
    const { hands, ...ebb } = await startFabric(t);
    const workspace = await hands.workspace();
    let id = "";
    return {
      ebb,
      begin: async () => {
        id = await hands.endpoint(workspace);
      },
      look: async () => (await hands.ask("GET", `/v1/workspaces/${workspace}/endpoints/${id}`)).body.status,
      during: "CREATING",
      after: "RUNNING",
    };
  },
  "taurusdb.instance": async (t) => {
    const { ebb, instances, jobStatus } = await startDatabases(t);
    const id = await instances.up();
    await ebb.operator("PUT", "/paces/taurusdb.node", { mode: "immediate" });
    let job = "";
    const begin = async () => {
      job = (await instances.delete(id)).body.job_id;
    };
    return { ebb, begin, look: () => jobStatus(job), during: "Running", after: "Completed" };
  },
};

for (const [kind, prepare] of Object.entries(CHANGES)) {
  const set = async (ebb: Ebb, body: object) => {
    const answer = await ebb.operator("PUT", `/paces/${kind}`, body);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.body.applies_to, /from now on/);
  };

  test(`${kind}, immediate: it is over with no time at all`, async (t) => {
    const { ebb, begin, look, after } = await prepare(t);
    const now = ebb.clock.now();
    await set(ebb, { mode: "immediate" });
    await begin();
    await ebb.settle();
    assert.deepEqual(await look(), after);
    assert.equal(ebb.clock.now(), now);
  });

  test(`${kind}, a duration: it is over then, and not before`, async (t) => {
    const { ebb, begin, look, during, after } = await prepare(t);
    await set(ebb, { mode: "duration", by: "20m" });
    await begin();
    await ebb.settle();
    await ebb.pass(20 * MINUTE - 1);
    assert.deepEqual(await look(), during);
    await ebb.pass(1);
    assert.deepEqual(await look(), after);
  });

  test(`${kind}, polls: it is over after so many, however much time passes`, async (t) => {
    const { ebb, begin, look, during, after } = await prepare(t);
    await set(ebb, { mode: "polls", polls: 2 });
    await begin();
    await ebb.pass(20 * MINUTE);
    assert.deepEqual([await look(), await look(), await look()], [during, during, after]);
  });
}

const noted = (ebb: Ebb) => ebb.store.read((session) => session.all("SELECT * FROM house WHERE name LIKE 'pace/%'"));

test("a pace is for what starts afterwards, and goes away again", async (t) => {
  const { ebb, create, status } = await startNotebooks(t);
  const kind = "modelarts.notebook";
  const path = `/paces/${kind}`;
  const first = (await create()).body.id;
  await ebb.settle();
  await ebb.operator("PUT", path, { mode: "immediate" });
  const second = (await create({ name: "nb-two" })).body.id;
  await ebb.settle();
  assert.deepEqual([await status(first), await status(second)], ["CREATING", "RUNNING"]);
  const { paces, setting } = (await ebb.operator("GET", "/paces")).body;
  assert.equal(setting, "real");
  assert.deepEqual(
    paces.filter((one: { mode: string }) => one.mode !== "default"),
    [{ kind, mode: "immediate" }],
  );
  assert.ok(paces.some((one: { kind: string }) => one.kind === "fabric.instance"));
  await ebb.operator("PUT", path, { mode: "duration", ms: 1_000 });
  assert.deepEqual((await noted(ebb)).length, 1);
  assert.deepEqual((await ebb.operator("DELETE", path)).body.mode, "default");
  assert.deepEqual(await noted(ebb), []);
});

test("polls are counted for the caller's own things, by answers and by lists, and never by Ebb's own API", async (t) => {
  const { ebb, create, show, list } = await startNotebooks(t);
  await ebb.operator("PUT", "/paces/modelarts.notebook", { mode: "polls", polls: 3 });
  const { id } = (await create()).body;
  await ebb.settle();
  const left = async () => {
    const row = await ebb.store.read((session) =>
      session.get<{ polls: number }>("SELECT polls FROM sim_things WHERE resource_id = ?", [id]),
    );
    return row?.polls;
  };
  assert.equal(await left(), 3);
  await ebb.operator("GET", `/resources/${id}`);
  await ebb.two.ask("GET", `/v1/${ebb.two.projectId}/demanager/instances?de_type=Notebook&name=${id}`);
  await ebb.one.ask("GET", `/v1/${ebb.one.projectId}/demanager/instances/${"0".repeat(36)}`);
  await ebb.one.ask("GET", "/v1/workspaces");
  await ebb.one.ask("PUT", `/v1/${ebb.one.projectId}/demanager/instances/${id}`, { description: "x" });
  assert.equal(await left(), 3);
  await list();
  assert.equal(await left(), 2);
  await ebb.operator("DELETE", "/paces/modelarts.notebook");
  await show(id);
  assert.equal(await left(), 1, "what began by polls ends by polls");
  assert.equal((await show(id)).body.status, "CREATING");
  assert.equal((await show(id)).body.status, "RUNNING");
});

test("a poll that comes right after the request counts, before anything has begun in the world", async (t) => {
  const { ebb, create, show } = await startNotebooks(t);
  await ebb.operator("PUT", "/paces/modelarts.notebook", { mode: "polls", polls: 1 });
  const { id } = (await create()).body;
  assert.equal((await show(id)).body.status, "CREATING");
  assert.equal((await show(id)).body.status, "RUNNING");
});

/** A further server on the same store and folder. Its ids are its own, so that its tokens are. */
const again = ({ settings: { store, dataDir } }: Ebb): EbbOptions => ({
  settings: { store, dataDir },
  ports: { ids: createIds(seededRandom(2)) },
});

test("paces and polls that are left go on after a restart", async (t) => {
  const { ebb, create, show } = await startNotebooks(t);
  await ebb.operator("PUT", "/paces/modelarts.notebook", { mode: "polls", polls: 3 });
  const { id } = (await create()).body;
  await show(id);
  await ebb.operator("DELETE", "/paces/modelarts.notebook");
  await ebb.operator("PUT", "/paces/fabric.endpoint", { mode: "duration", by: "2h" });
  await ebb.close();
  const next = await startEbb(t, again(ebb));
  const { paces } = (await next.operator("GET", "/paces")).body;
  assert.deepEqual(
    paces.filter((pace: { mode: string }) => pace.mode !== "default"),
    [{ kind: "fabric.endpoint", mode: "duration", ms: 120 * MINUTE }],
  );
  const { status } = notebooksOf(next, next.one);
  assert.deepEqual([await status(id), await status(id), await status(id)], ["CREATING", "CREATING", "RUNNING"]);
  await next.close();
});

test("a second process on the store counts polls, too", async (t) => {
  const first = await startNotebooks(t);
  if (first.ebb.store.alone) return t.skip("an embedded store has one process");
  const other = await startEbb(t, again(first.ebb));
  const second = notebooksOf(other, other.one);
  await first.ebb.operator("PUT", "/paces/modelarts.notebook", { mode: "polls", polls: 2 });
  const { id } = (await first.create()).body;
  await first.ebb.settle();
  let looks = 0;
  while ((await second.status(id)) === "CREATING") if (++looks > 2_000) assert.fail("its polls do not count");
  assert.equal(await first.status(id), "RUNNING");
  await other.close();
});

test("a look at a job counts for what the job is at", async (t) => {
  const { ebb, instances, proxies, job, jobStatus } = await startDatabases(t);
  const instance = await instances.up();
  await ebb.operator("PUT", "/paces/taurusdb.proxy", { mode: "polls", polls: 2 });
  const made = (await proxies.create(instance)).body;
  const proxy = await ebb.store.read((session) =>
    session.get<{ id: string }>("SELECT resource_id AS id FROM operations WHERE job_id = ?", [made.job_id]),
  );
  assert.ok(proxy && !(await job(made.job_id)).text.includes(proxy.id), "its own id is not in the answer");
  assert.deepEqual([await jobStatus(made.job_id), await jobStatus(made.job_id)], ["Running", "Completed"]);
});

test("a pace that is none is refused, and nothing is kept", async (t) => {
  const ebb = await startEbb(t);
  const wrong: [string, unknown, number, RegExp][] = [
    ["fabric.nothing", { mode: "immediate" }, 404, /there is no kind fabric.nothing/],
    ["fabric.instance", {}, 400, /mode/],
    ["fabric.instance", { mode: "slow" }, 400, /mode/],
    ["fabric.instance", { mode: "immediate", ms: 1 }, 400, /ms does not belong/],
    ["fabric.instance", { mode: "duration" }, 400, /ms or by/],
    ["fabric.instance", { mode: "duration", ms: 1, by: "1m" }, 400, /one only/],
    ["fabric.instance", { mode: "duration", polls: 1 }, 400, /polls does not belong/],
    ["fabric.instance", { mode: "duration", ms: -1 }, 400, /from 0 to 10 years/],
    ["fabric.instance", { mode: "duration", ms: 1e15 }, 400, /from 0 to 10 years/],
    ["fabric.instance", { mode: "duration", ms: 0.5 }, 400, /ms/],
    ["fabric.instance", { mode: "duration", by: "a while" }, 400, /no duration/],
    ["fabric.instance", { mode: "polls" }, 400, /polls/],
    ["fabric.instance", { mode: "polls", polls: 0 }, 400, /from 1 to/],
    ["fabric.instance", { mode: "polls", polls: 10_001 }, 400, /from 1 to/],
    ["fabric.instance", { mode: "polls", polls: 1, ms: 1 }, 400, /ms does not belong/],
    ["fabric.instance", { mode: "immediate", soon: true }, 400, /soon/],
  ];
  for (const [kind, body, status, message] of wrong) {
    const answer = await ebb.operator("PUT", `/paces/${kind}`, body);
    assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
    assert.match(answer.body.error.message, message, JSON.stringify(body));
  }
  const gone = await ebb.operator("DELETE", "/paces/fabric.nothing");
  assert.equal(gone.status, 404);
  assert.match(gone.body.error.hint, /fabric\.instance/);
  assert.deepEqual(await noted(ebb), []);
});
