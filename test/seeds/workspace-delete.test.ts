import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, startFabric, startServing } from "../../src/services/fabric/fabric-testing.ts";
import { documentOfADelete, mustBeError } from "./fabric-cases.ts";

const LONGEST = 512;

documentOfADelete({
  name: "DELETE a workspace",
  path: ({ workspace }) => `/v1/workspaces/${workspace}`,
  make: async ({ hands }) => {
    const workspace = await hands.workspace();
    return { workspace, endpoint: "", model: "", version: "", instance: "" };
  },
  ids: ["workspace"],
  status: 200,
  action: "DataArtsFabric:workspace:drop",
  longest: LONGEST,
});

test("a deleted workspace is gone with its answer: no list shows it, its name is free, and it is 404 from then on", async (t) => {
  const { hands } = await startFabric(t);
  const workspace = await hands.workspace();
  const kept = await hands.workspace("lab-ws-02");
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}`)).status, 200);
  const list = await hands.ask("GET", "/v1/workspaces");
  assert.deepEqual([list.body.total, list.body.workspaces.map(({ id }: { id: string }) => id)], [1, [kept]]);
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}`)).status, 404);
  assert.equal((await hands.ask("GET", `/v1/workspaces/${workspace}/endpoints`)).status, 404);
  assert.notEqual(await hands.workspace(), workspace);
});

test("a workspace with anything inside is refused with 400, and the message names all of it", async (t) => {
  const fabric = await startFabric(t);
  const { hands } = fabric;
  const { workspace, endpoint, instance } = await startServing(fabric);
  const ray = await hands.endpoint(workspace, { name: "ray ep", type: "ray" });
  await fabric.pass(A_WHILE);
  const { id: job } = await hands.job(workspace);
  const run = await hands.run(workspace, ray, job);
  const elsewhere = await hands.endpoint(await hands.workspace("lab-ws-02"));

  const answer = await hands.ask("DELETE", `/v1/workspaces/${workspace}`);
  assert.equal(answer.status, 400);
  mustBeError(answer, LONGEST);
  for (const id of [endpoint, ray, instance, job, run]) assert.match(answer.body.error_msg, new RegExp(id));
  assert.doesNotMatch(answer.text, new RegExp(elsewhere));
  assert.equal((await hands.ask("GET", "/v1/workspaces")).body.total, 2);
  const { body } = await hands.ask("GET", `/v1/workspaces/${workspace}/endpoints`);
  assert.deepEqual(
    body.endpoints.map(({ status }: { status: string }) => status),
    ["RUNNING", "RUNNING"],
  );
});

test("blockers that do not fit the message are all named in solution_msg, each whole", async (t) => {
  const fabric = await startFabric(t);
  const { hands } = fabric;
  const workspace = await hands.workspace();
  const ids: string[] = [];
  for (let count = 0; count < 20; count++) ids.push(await hands.endpoint(workspace, { name: "e".repeat(100) }));
  const answer = await hands.ask("DELETE", `/v1/workspaces/${workspace}`);
  mustBeError(answer, LONGEST);
  assert.match(answer.body.error_msg, /and \d+ more, all named in solution_msg$/);
  for (const id of ids) assert.match(answer.body.solution_msg, new RegExp(id));
  assert.ok(answer.body.solution_msg.length <= 4096);
});

test("each blocker alone is enough, also while it is being deleted", async (t) => {
  const fabric = await startFabric(t);
  const { hands } = fabric;
  const workspace = await hands.workspace();
  const refused = async (id: string) => {
    const answer = await hands.ask("DELETE", `/v1/workspaces/${workspace}`);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.body.error_msg, new RegExp(id));
  };
  const endpoint = await hands.endpoint(workspace);
  await refused(endpoint);
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${endpoint}`)).status, 202);
  await refused(endpoint);
  await fabric.pass(A_WHILE);
  const { id: job } = await hands.job(workspace);
  await refused(job);
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}/jobs/${job}`)).status, 200);
  const { id: model } = await hands.model(workspace);
  await refused(model);
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}/models/${model}`)).status, 200);
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}`)).status, 200);
  const left = await fabric.house.lifecycle.list({ kind: ["fabric.model", "fabric.model-version"] });
  assert.deepEqual(left, []);
  await fabric.mustBeClean();
});
