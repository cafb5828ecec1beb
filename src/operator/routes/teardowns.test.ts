import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Answer, Ebb } from "../../../test/harness.ts";
import { bodyOf, EVS, notebooksOf } from "../../../test/notebooks.ts";
import { Refusal } from "../../drivers/port.ts";
import { wanted } from "../../services/clouddc/clouddc-testing.ts";
import { A_WHILE, type Fabric, startFabric, startServing } from "../../services/fabric/fabric-testing.ts";
import { newInstance, newProxy } from "../../services/taurusdb/taurusdb-testing.ts";

const HOUR = 60 * 60_000;

type Item = { id: string; kind: string; name: string; takes_along: { id: string; kind: string }[]; standing?: string };
const kinds = (stages: Item[][]) => stages.map((stage) => stage.map((one) => one.kind).toSorted());
const items = ({ body }: Answer): Item[] => body.stages.flat();

/** A workspace with a running endpoint, a served model, and a job that has run and one that runs. */
async function startLab(t: TestContext) {
  const fabric = await startFabric(t);
  const serving = await startServing(fabric);
  const { id: job } = await fabric.hands.job(serving.workspace);
  const endpoint = await fabric.hands.endpoint(serving.workspace, { name: "ray", type: "ray" });
  await fabric.pass(A_WHILE);
  const run = await fabric.hands.run(serving.workspace, endpoint, job);
  await fabric.settle();
  return { fabric, ...serving, ray: endpoint, job, run };
}

const left = async ({ store }: Ebb, where: string): Promise<number> =>
  Number(
    (await store.read((session) => session.get<{ n: number }>(`SELECT count(*) AS n FROM resources WHERE ${where}`)))
      ?.n,
  );

test("a workspace is rehearsed with everything inside, and what runs in it goes first", async (t) => {
  const { fabric, workspace, endpoint, ray, job, run, instance, model } = await startLab(t);
  const answer = await fabric.operator("POST", "/rehearsals", { ids: [workspace] });
  assert.deepEqual([answer.status, answer.body.could_go, answer.body.refusals], [200, true, []], answer.text);
  assert.deepEqual(
    answer.body.stages.map((stage: Item[]) => stage.map((one) => one.id).toSorted()),
    [[instance, run], [endpoint, job, model, ray], [workspace]].map((ids) => ids.toSorted()),
  );
  const along = items(answer).find((one) => one.id === job)?.takes_along;
  assert.deepEqual(
    along?.map((one) => one.kind),
    ["fabric.job-version"],
  );
  const released = answer.body.releases.map((one: { id: string }) => one.id);
  assert.deepEqual(released.toSorted(), [endpoint, instance, ray, run].toSorted());
  assert.equal((await fabric.hands.ask("GET", `/v1/workspaces/${workspace}/endpoints`)).body.total, 2);
});

test("a workspace is torn down as one operation; asked again it is the same, and shows to the end", async (t) => {
  const { fabric, workspace } = await startLab(t);
  const started = await fabric.operator("POST", "/teardowns", { ids: [workspace] });
  assert.deepEqual(
    [started.status, started.body.state, started.body.again],
    [202, "TEARING-DOWN", false],
    started.text,
  );
  await fabric.settle();
  const again = await fabric.operator("POST", "/teardowns", { ids: [workspace] });
  assert.deepEqual([again.status, again.body.id, again.body.again], [202, started.body.id, true]);
  const { counts } = (await fabric.operator("GET", `/teardowns/${started.body.id}`)).body;
  assert.deepEqual([counts.deleting, counts.waiting > 0], [2, true]);
  await fabric.pass(HOUR);
  const ended = (await fabric.operator("GET", `/teardowns/${started.body.id}`)).body;
  assert.deepEqual([ended.state, ended.counts.gone, ended.items], ["DONE", 7, 7]);
  assert.ok(ended.ended_at);
  assert.equal((await fabric.hands.ask("GET", "/v1/workspaces")).body.total, 0);
  assert.equal(await left(fabric, "gone_at IS NULL AND kind LIKE 'fabric.%'"), 0);
  await fabric.mustBeClean();
  const { teardowns, next } = (await fabric.operator("GET", "/teardowns")).body;
  assert.deepEqual([teardowns.map((one: Item) => one.id), next], [[started.body.id], null]);
});

test("a job whose ended run has left something waits for it, as through its own API", async (t) => {
  const { fabric, workspace, job, run } = await startLab(t);
  await fabric.pass(HOUR);
  t.mock.method(fabric.house.drivers.inference, "unmake", async () => {
    throw new Refusal("busy disk", { owner: "an operator", hint: "wait", forGood: true });
  });
  await fabric.hands.ask("POST", `/v1/workspaces/${workspace}/jobs/runs`, {
    job: { id: job },
    name: "second",
    endpoint_id: (await fabric.hands.ask("GET", `/v1/workspaces/${workspace}/endpoints?name=ray`)).body.endpoints[0].id,
  });
  await fabric.pass(HOUR);
  t.mock.restoreAll();
  assert.ok(run);
  const { body } = await fabric.operator("POST", "/teardowns", { ids: [job] });
  await fabric.settle();
  const { state } = (await fabric.operator("GET", `/resources/${job}`)).body;
  assert.equal(state, "DELETING", "it is not gone before its run is collected");
  await fabric.pass(HOUR);
  assert.equal((await fabric.operator("GET", `/teardowns/${body.id}`)).body.state, "DONE");
  await fabric.operator("POST", "/teardowns", { ids: [workspace] });
  await fabric.pass(HOUR);
  await fabric.mustBeClean();
});

/** Things of all four services in the first project, each up. */
async function furnishProject(fabric: Fabric): Promise<{ database: string; notebook: string; machine: string }> {
  const { ask, projectId } = fabric.one;
  const notebooks = notebooksOf(fabric, fabric.one);
  await startServing(fabric);
  const database = (await ask("POST", `/v3/${projectId}/instances`, newInstance())).body.instance.id;
  const machine = (await ask("POST", `/v1/${projectId}/instances`, wanted())).body.instance_id;
  const notebook = (await notebooks.create(bodyOf({ spec: { storage: EVS } }))).body.id;
  await fabric.pass(HOUR);
  assert.equal((await ask("POST", `/v3/${projectId}/instances/${database}/proxy`, newProxy())).status, 201);
  await fabric.pass(HOUR);
  return { database, notebook, machine };
}

test("a whole project: refused with all that is in the way, then torn down; another's is untouched", async (t) => {
  const fabric = await startFabric(t);
  const { projectId } = fabric.one;
  const { database, notebook, machine } = await furnishProject(fabric);
  const theirs = await fabric.others.workspace("theirs");
  const project = { project: projectId };
  const refused = await fabric.operator("POST", "/teardowns", project);
  assert.equal(refused.status, 409, refused.text);
  const { refusals } = refused.body.error;
  assert.deepEqual(
    refusals.map(({ id, code, state, hint }: Record<string, string>) => ({ id, code, state, hint })),
    [{ id: notebook, code: "wrong-state", state: "RUNNING", hint: "stop it first, then ask again" }],
  );
  assert.equal(await left(fabric, `tenant = '${projectId}' AND state IN ('DELETING', 'shutting-down')`), 0);
  await notebooksOf(fabric, fabric.one).act(notebook, "stop");
  await fabric.pass(HOUR);
  const plan = (await fabric.operator("POST", "/rehearsals", project)).body;
  assert.deepEqual(kinds(plan.stages), [
    ["clouddc.instance", "fabric.instance", "modelarts.notebook", "taurusdb.instance"],
    ["fabric.endpoint", "fabric.model"],
    ["fabric.workspace"],
  ]);
  const inDatabase = plan.stages.flat().find((one: Item) => one.id === database).takes_along;
  assert.deepEqual(inDatabase.map((one: Item) => one.kind).toSorted(), [
    "taurusdb.node",
    "taurusdb.node",
    "taurusdb.proxy",
  ]);
  assert.ok(plan.stays.length > 0 && plan.stays.every((one: Item) => one.kind === "clouddc.server"));
  const { body: started } = await fabric.operator("POST", "/teardowns", project);
  await fabric.settle();
  const status = await fabric.one.ask("GET", `/v1/${projectId}/instances/${machine}/status`);
  assert.match(status.body.operation_state, /^uninstall/, "as when its own API deletes it");
  await fabric.pass(2 * HOUR);
  assert.equal((await fabric.operator("GET", `/teardowns/${started.id}`)).body.state, "DONE");
  assert.equal(await left(fabric, `tenant = '${projectId}' AND gone_at IS NULL AND kind <> 'clouddc.server'`), 0);
  assert.equal(await fabric.held(), 0);
  for (const host of ["inference", "databases", "notebooks", "servers"] as const)
    assert.deepEqual(await fabric.house.drivers[host].marked(), []);
  assert.equal((await fabric.others.ask("GET", "/v1/workspaces")).body.workspaces[0].id, theirs);
});

test("things of several projects go only by their ids", async (t) => {
  const fabric = await startFabric(t);
  const [ours, theirs] = [await fabric.hands.workspace("ours"), await fabric.others.workspace("theirs")];
  const { body } = await fabric.operator("POST", "/teardowns", { ids: [ours, theirs] });
  await fabric.settle();
  assert.equal((await fabric.operator("GET", `/teardowns/${body.id}`)).body.state, "DONE");
  for (const id of [ours, theirs])
    assert.equal((await fabric.operator("GET", `/resources/${id}`)).body.state, "DELETED");
});

test("a failed delete freezes what is above it; the fields of the answer say why and what to do", async (t) => {
  const { fabric, workspace, instance, endpoint } = await startLab(t);
  const unmake = fabric.house.drivers.inference.unmake.bind(fabric.house.drivers.inference);
  t.mock.method(fabric.house.drivers.inference, "unmake", async (...args: Parameters<typeof unmake>) => {
    if (args[2].resourceId === instance)
      throw new Refusal("a GPU hangs", { owner: "an operator", hint: "reset it", forGood: true });
    return unmake(...args);
  });
  const { body } = await fabric.operator("POST", "/teardowns", { ids: [workspace] });
  await fabric.pass(HOUR);
  const seen = (await fabric.operator("GET", `/teardowns/${body.id}`)).body;
  const standing = Object.fromEntries(seen.stages.flat().map((one: Item) => [one.id, one.standing]));
  assert.deepEqual([standing[instance], standing[endpoint], standing[workspace]], ["failed", "frozen", "frozen"]);
  assert.deepEqual([seen.counts.gone, seen.counts.failed, seen.counts.frozen], [3, 1, 3], JSON.stringify(standing));
  assert.match(seen.answer.reason, new RegExp(`fabric.instance ${instance} was not deleted: a GPU hangs`));
  const { error } = seen.stages[0].find((one: Item) => one.id === instance);
  assert.deepEqual([error.verb, error.at.slice(-1)], ["delete", "Z"]);
  assert.match(seen.answer.hint, /^reset it; then ask for the teardown again/);
  t.mock.restoreAll();
  assert.equal(
    (await fabric.hands.ask("DELETE", `/v1/workspaces/${workspace}/services/instances/${instance}`)).status,
    202,
  );
  await fabric.pass(HOUR);
  assert.equal((await fabric.operator("GET", `/teardowns/${body.id}`)).body.state, "DONE");
  await fabric.mustBeClean();
});

test("a node that a database needs is refused by itself, and goes with the database", async (t) => {
  const fabric = await startFabric(t);
  const { ask, projectId } = fabric.one;
  const database = (await ask("POST", `/v3/${projectId}/instances`, newInstance())).body.instance.id;
  await fabric.pass(HOUR);
  const plan = (await fabric.operator("POST", "/rehearsals", { ids: [database] })).body;
  const [node] = plan.stages[0][0].takes_along;
  const alone = (await fabric.operator("POST", "/rehearsals", { ids: [node.id] })).body;
  assert.deepEqual([alone.could_go, alone.refusals[0].blockers[0].id], [false, database]);
  const both = (await fabric.operator("POST", "/rehearsals", { ids: [node.id, database] })).body;
  assert.deepEqual([both.could_go, kinds(both.stages)], [true, [["taurusdb.instance"]]]);
});

test("what cannot be is refused with what to do, and changes nothing", async (t) => {
  const fabric = await startFabric(t);
  const workspace = await fabric.hands.workspace();
  const wrong: [object, number, RegExp][] = [
    [{}, 400, /either ids or project/],
    [{ ids: [workspace], project: fabric.one.projectId }, 400, /either ids or project/],
    [{ ids: [] }, 400, /ids/],
    [{ ids: [workspace], force: true }, 400, /force|additional/],
    [{ ids: ["not an id"] }, 400, /ids/],
    [{ project: fabric.one.projectId, inside: false }, 400, /everything inside/],
    [{ project: "nobodys" }, 404, /there is no project nobodys/],
    [{ project: "ebb" }, 404, /there is no project ebb/],
    [{ ids: [workspace, "gone-a", "gone-b"] }, 404, /gone-a, gone-b/],
  ];
  for (const path of ["/rehearsals", "/teardowns"]) {
    for (const [body, status, said] of wrong) {
      const answer = await fabric.operator("POST", path, body);
      assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
      assert.match(answer.body.error.message, said);
    }
  }
  assert.equal((await fabric.operator("GET", "/teardowns/nobody")).status, 404);
  assert.equal((await fabric.operator("GET", `/teardowns/${workspace}`)).status, 404);
  assert.equal((await fabric.operator("GET", "/teardowns?limit=0")).status, 400);
  assert.equal((await fabric.operator("GET", "/teardowns?cursor=x")).status, 400);
  assert.equal(await left(fabric, "kind = 'ebb.teardown'"), 0);
  assert.equal((await fabric.ask("POST", "/ebb/v1/teardowns", { ids: [workspace] })).status, 401);
});

test("a project with nothing in it has nothing to refuse, and lists are paged", async (t) => {
  const fabric = await startFabric(t);
  await fabric.operator("POST", "/teardowns", { project: fabric.two.projectId });
  const workspace = await fabric.hands.workspace();
  const second = await fabric.operator("POST", "/teardowns", { ids: [workspace], inside: false });
  await fabric.settle();
  const first = await fabric.operator("GET", "/teardowns?limit=1");
  assert.deepEqual([first.body.teardowns[0].id, first.body.teardowns[0].state], [second.body.id, "DONE"]);
  const rest = await fabric.operator("GET", `/teardowns?limit=1&cursor=${first.body.next}`);
  assert.deepEqual([rest.body.teardowns[0].name, rest.body.next], [`project ${fabric.two.projectId}`, null]);
  const later = await fabric.operator("POST", "/rehearsals", { ids: [workspace] });
  assert.deepEqual([later.body.already_gone[0].id, later.body.stages], [workspace, []]);
});
