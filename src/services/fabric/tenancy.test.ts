import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, NOBODY, startFabric, startServing } from "./fabric-testing.ts";
import { fabric as service } from "./index.ts";

const TAG = { tags: [{ key: "a" }] };
const version = { name: "v", config: { ray_job_config: { entrypoint: "e" } } };

/** A body that is right but for whose things it is about. */
const bodies = (ids: Record<string, string>): Record<string, object> => ({
  CreateEndpoint: { name: "e", type: "ray" },
  CreateModelDefinition: { name: "m", type: "LLM_MODEL", version: { name: "v" } },
  CreateJob: { name: "j", type: "RAY_JOB", version },
  RunJob: { job: { id: ids.job_id }, name: "r", endpoint_id: ids.endpoint_id },
  DeployServiceInstance: { source: { id: ids.model_id }, name: "s", endpoint_id: ids.endpoint_id },
  InvokeModelService: { messages: [{ role: "user", content: "hello" }] },
  BatchCreateFabricWorkspaceTags: TAG,
  BatchDeleteFabricWorkspaceTags: TAG,
});

test("on every operation with an id in its path, another account's thing answers as one that never was", async (t) => {
  const fabric = await startFabric(t);
  const { hands, others } = fabric;
  const { workspace, endpoint, model, instance, version: model_version } = await startServing(fabric);
  const ray = await hands.endpoint(workspace, { type: "ray" });
  await fabric.pass(A_WHILE);
  const job = await hands.job(workspace);
  const run = await hands.run(workspace, ray, job.id);
  await fabric.pass(A_WHILE);
  const theirs = await others.workspace();
  const second = await hands.workspace("lab-ws-02");
  const all = await fabric.house.lifecycle.list({ kind: service.kinds.map(({ name }) => name) });

  let walked = 0;
  for (const { id, method, path } of service.operations) {
    if (!/\{(?!project_id)\w+_id\}/.test(path)) continue;
    walked++;
    const version_id = path.includes("job_id") ? job.version_id : model_version;
    const ids = {
      workspace_id: workspace,
      endpoint_id: endpoint,
      model_id: model,
      instance_id: instance,
      job_id: job.id,
      run_id: run,
      version_id,
    };
    const at = (named: Record<string, string>) =>
      path.replace(/\{(\w+)\}/g, (_, name: string) =>
        name === "project_id" ? fabric.two.projectId : (named[name] ?? ""),
      );
    const nobody = Object.fromEntries(Object.keys(ids).map((name) => [name, NOBODY]));
    const inside = /\{(?!project_id|workspace_id)\w+_id\}/.test(path);
    const [one, other, own] = await Promise.all([
      others.ask(method, at(ids), bodies(ids)[id]),
      others.ask(method, at(nobody), bodies(nobody)[id]),
      inside ? others.ask(method, at({ ...ids, workspace_id: theirs }), bodies(ids)[id]) : undefined,
    ]);
    assert.deepEqual([one.status, one.body.error_code], [404, "common.01000001"], `${id}: ${one.text}`);
    const mine = Object.values(ids).reduce((text, real) => text.replaceAll(real, NOBODY), one.text);
    assert.equal(mine, other.text, id);
    if (!own) continue;
    assert.equal(own.status, 404, `${id} through the other's own workspace: ${own.text}`);
    const beside = await hands.ask(method, at({ ...ids, workspace_id: second }), bodies(ids)[id]);
    assert.equal(beside.status, 404, `${id} through another workspace of its owner: ${beside.text}`);
  }
  assert.ok(walked > 25, `${walked} operations`);
  assert.deepEqual(await fabric.house.lifecycle.list({ kind: service.kinds.map(({ name }) => name) }), all);
});

test("lists show an account only its own, also by id", async (t) => {
  const fabric = await startFabric(t);
  const workspace = await fabric.hands.workspace();
  for (const query of ["", `?id=${workspace}`]) {
    assert.deepEqual((await fabric.others.ask("GET", `/v1/workspaces${query}`)).body, { total: 0, workspaces: [] });
  }
});

test("each operation names an action that its user needs, but for the few that the documents leave open", () => {
  const open = service.operations.filter(({ action }) => action === null).map(({ id }) => id);
  assert.deepEqual(open.toSorted(), ["ListSpecs", "ShowAdminHealthCheck"]);
  for (const { id, action } of service.operations) {
    if (action !== null) assert.match(action, /^DataArtsFabric:[a-z]*:[A-Za-z]+$/, id);
  }
});
