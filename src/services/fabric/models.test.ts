import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, NOBODY, startFabric, startServing } from "./fabric-testing.ts";

const config = { llm_model_config: { base_model_type: "GLM_4_9B", model_path: "obs://demo-bucket/weights/" } };
const user = { domain_name: "acct-one", domain_id: "1".repeat(32), user_name: "one", user_id: "a1".repeat(16) };

test("a model is made with its first version, and read by a list with its id", async (t) => {
  const { hands } = await startFabric(t);
  const base = `/v1/workspaces/${await hands.workspace()}/models`;
  const asked = { name: "demo-model", type: "LLM_MODEL", description: "d", version: { name: "v1", config } };
  const made = await hands.ask("POST", base, asked);
  assert.equal(made.status, 200, made.text);
  const { id, version_id } = made.body;
  const version = {
    id: version_id,
    name: "v1",
    description: "",
    config,
    create_time: "2026-01-05T08:00:00.000Z",
    create_user: user,
  };
  const model = {
    visibility: "PRIVATE",
    id,
    name: "demo-model",
    description: "d",
    type: "LLM_MODEL",
    create_time: "2026-01-05T08:00:00.000Z",
    update_time: "2026-01-05T08:00:00.000Z",
    current_version: version,
    create_user: user,
    update_user: user,
  };
  assert.deepEqual((await hands.ask("GET", `${base}?id=${id}`)).body, { total: 1, models: [model] });
  assert.deepEqual((await hands.ask("GET", `${base}/${id}/versions`)).body, { total: 1, versions: [version] });
});

test("an update adds a version and makes it the current one, unless another is named", async (t) => {
  const { hands, clock } = await startFabric(t);
  const workspace = await hands.workspace();
  const { id, version_id: first } = await hands.model(workspace);
  const path = `/v1/workspaces/${workspace}/models/${id}`;
  clock.advance(1_000);
  const added = await hands.ask("PUT", path, { name: "renamed", version: { name: "v2", config } });
  assert.equal(added.status, 200, added.text);
  const second = added.body.current_version.id;
  assert.deepEqual([added.body.name, added.body.current_version.name], ["renamed", "v2"]);
  assert.equal(added.body.update_time, "2026-01-05T08:00:01.000Z");
  const back = await hands.ask("PUT", path, { current_version_id: first, version: { name: "v3", config } });
  assert.equal(back.body.current_version.id, first);
  const versions = async (query: string) =>
    (await hands.ask("GET", `${path}/versions?${query}`)).body.versions.map(({ name }: { name: string }) => name);
  assert.deepEqual(await versions(""), ["v3", "v2", "v1"]);
  assert.deepEqual(await versions("offset=1&limit=1"), ["v2"]);
  assert.deepEqual(await versions(`version_id=${second}`), ["v2"]);
  assert.deepEqual(await versions("name=3"), ["v3"]);
  assert.equal((await hands.ask("PUT", path, { current_version_id: NOBODY })).status, 404);
  const { version_id: foreign } = await hands.model(workspace, "other");
  assert.equal((await hands.ask("PUT", path, { current_version_id: foreign })).status, 404, "another model's");
  assert.equal((await hands.ask("DELETE", `${path}/versions/${foreign}`)).status, 404);
});

test("a name is one model's in its workspace", async (t) => {
  const { hands } = await startFabric(t);
  const workspace = await hands.workspace();
  await hands.model(workspace, "one");
  const { id } = await hands.model(workspace, "two");
  const base = `/v1/workspaces/${workspace}/models`;
  const again = await hands.ask("POST", base, { name: "one", type: "LLM_MODEL", version: { name: "v1" } });
  assert.deepEqual([again.status, again.body.error_code], [400, "common.01000001"]);
  assert.equal((await hands.ask("PUT", `${base}/${id}`, { name: "one" })).status, 400);
  assert.equal((await hands.ask("PUT", `${base}/${id}`, { name: "two" })).status, 200);
  await hands.model(await hands.workspace("lab-ws-02"), "one");
});

test("models are sorted and filtered", async (t) => {
  const { hands, clock } = await startFabric(t);
  const workspace = await hands.workspace();
  const ids = new Map<string, string>();
  for (const name of ["beta", "alpha", "gamma"]) {
    ids.set(name, (await hands.model(workspace, name)).id);
    clock.advance(1_000);
  }
  const base = `/v1/workspaces/${workspace}/models`;
  await hands.ask("PUT", `${base}/${ids.get("beta")}`, { description: "later" });
  const names = async (query: string) =>
    (await hands.ask("GET", `${base}?${query}`)).body.models.map(({ name }: { name: string }) => name);
  assert.deepEqual(await names(""), ["gamma", "alpha", "beta"]);
  assert.deepEqual(await names("order_by=ASC"), ["beta", "alpha", "gamma"]);
  assert.deepEqual(await names("sort_by=NAME&order_by=ASC"), ["alpha", "beta", "gamma"]);
  assert.deepEqual(await names("sort_by=UPDATE_TIME"), ["beta", "gamma", "alpha"]);
  assert.deepEqual(await names("name=A&limit=2"), ["gamma", "alpha"]);
  assert.deepEqual(await names("visibility=PUBLIC"), []);
  assert.equal((await hands.ask("GET", `${base}?sort_by=SIZE`)).status, 400);
});

test("a model or version that an instance serves is kept, and the message names the instance", async (t) => {
  const fabric = await startFabric(t);
  const { hands } = fabric;
  const { workspace, model, version, instance } = await startServing(fabric);
  const path = `/v1/workspaces/${workspace}/models/${model}`;
  const added = await hands.ask("PUT", path, { version: { name: "v2", config } });
  const free = added.body.current_version.id;
  const used = { model: path, "model version": `${path}/versions/${version}` };
  for (const [what, at] of Object.entries(used)) {
    const answer = await hands.ask("DELETE", at);
    assert.match(answer.body.error_msg, new RegExp(`^the ${what} cannot be deleted`));
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"], answer.text);
    assert.match(answer.body.error_msg, new RegExp(instance));
  }
  assert.equal((await hands.ask("DELETE", `${path}/versions/${free}`)).status, 202, "no instance serves this one");
  assert.equal((await hands.ask("GET", path.replace(`/${model}`, ""))).body.models[0].current_version.id, version);
  await hands.ask("DELETE", `/v1/workspaces/${workspace}/services/instances/${instance}`);
  assert.equal((await hands.ask("DELETE", path)).status, 400, "while the instance goes, it is still in use");
  await fabric.pass(A_WHILE);
  const gone = await hands.ask("DELETE", path);
  assert.deepEqual([gone.status, gone.text], [200, ""]);
  assert.equal((await hands.ask("GET", `${path}/versions`)).status, 404);
  assert.equal((await hands.ask("DELETE", path)).status, 404);
  const left = await fabric.house.lifecycle.list({ kind: "fabric.model-version" });
  assert.deepEqual(left, [], "its versions went with it");
});

test("without versions a model stays, and nothing can be deployed of it", async (t) => {
  const fabric = await startFabric(t);
  const { hands } = fabric;
  const workspace = await hands.workspace();
  const endpoint_id = await hands.endpoint(workspace);
  await fabric.pass(A_WHILE);
  const { id, version_id } = await hands.model(workspace);
  const path = `/v1/workspaces/${workspace}/models/${id}`;
  const deleted = await hands.ask("DELETE", `${path}/versions/${version_id}`);
  assert.deepEqual([deleted.status, deleted.text], [202, ""]);
  const [model] = (await hands.ask("GET", `/v1/workspaces/${workspace}/models`)).body.models;
  assert.ok(!("current_version" in model));
  const deploy = { source: { id }, name: "svc", endpoint_id };
  const answer = await hands.ask("POST", `/v1/workspaces/${workspace}/services/instances`, deploy);
  assert.equal(answer.status, 400, answer.text);
  assert.equal((await hands.ask("DELETE", path)).status, 200);
});
