import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, startFabric, startServing } from "../../src/services/fabric/fabric-testing.ts";
import { documentOfADelete } from "./fabric-cases.ts";

documentOfADelete({
  name: "DELETE a service instance",
  path: ({ workspace, instance }) => `/v1/workspaces/${workspace}/services/instances/${instance}`,
  make: startServing,
  ids: ["workspace", "instance"],
  status: 202,
  action: "DataArtsFabric:service:destroyInstance",
  longest: 4096,
});

test("a deletion is watched through show and list: DELETING, then 404 and in no list", async (t) => {
  const fabric = await startFabric(t);
  const { hands } = fabric;
  const { workspace, instance } = await startServing(fabric);
  const list = `/v1/workspaces/${workspace}/services/instances`;
  assert.equal((await hands.ask("GET", `${list}/${instance}`)).body.status, "RUNNING");

  assert.equal((await hands.ask("DELETE", `${list}/${instance}`)).status, 202);
  await fabric.settle();
  assert.equal((await hands.ask("GET", `${list}/${instance}`)).body.status, "DELETING");
  const { body } = await hands.ask("GET", list);
  assert.deepEqual(
    [body.total, body.service_instances[0].id, body.service_instances[0].status],
    [1, instance, "DELETING"],
  );

  await fabric.pass(A_WHILE);
  const shown = await hands.ask("GET", `${list}/${instance}`);
  assert.deepEqual([shown.status, shown.body.error_code], [404, "common.01000001"]);
  assert.deepEqual((await hands.ask("GET", list)).body, { total: 0, service_instances: [] });
  assert.equal((await hands.ask("DELETE", `${list}/${instance}`)).status, 404);
  assert.equal(await fabric.held(), 1, "what is left is the endpoint's");
});

test("the example's GET of that path shows the instance, and deletes nothing", async (t) => {
  const fabric = await startFabric(t);
  const { workspace, instance } = await startServing(fabric);
  const path = `/v1/workspaces/${workspace}/services/instances/${instance}`;
  const first = await fabric.hands.ask("GET", path);
  assert.equal(first.status, 200);
  await fabric.settle();
  assert.deepEqual((await fabric.hands.ask("GET", path)).body, first.body);
});

test("a delete asked again while it goes on is 202 again, and stays one deletion", async (t) => {
  const fabric = await startFabric(t);
  const { workspace, instance } = await startServing(fabric);
  const path = `/v1/workspaces/${workspace}/services/instances/${instance}`;
  const answers = await Promise.all([1, 2, 3].map(() => fabric.hands.ask("DELETE", path)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202, 202],
  );
  const deletes = (await fabric.house.lifecycle.operations(instance)).filter(({ verb }) => verb === "delete");
  assert.equal(deletes.length, 1);
});

test("an instance is found only through its own workspace", async (t) => {
  const fabric = await startFabric(t);
  const { instance } = await startServing(fabric);
  const other = await fabric.hands.workspace("lab-ws-02");
  const answer = await fabric.hands.ask("DELETE", `/v1/workspaces/${other}/services/instances/${instance}`);
  assert.equal(answer.status, 404);
});
