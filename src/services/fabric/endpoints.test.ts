import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Refusal } from "../../drivers/port.ts";
import { A_WHILE, type Fabric, startFabric, startServing } from "./fabric-testing.ts";

async function start(t: TestContext): Promise<{ fabric: Fabric; workspace: string; base: string }> {
  const fabric = await startFabric(t);
  const workspace = await fabric.hands.workspace();
  return { fabric, workspace, base: `/v1/workspaces/${workspace}/endpoints` };
}

const statusOf = async ({ hands }: Fabric, path: string): Promise<string> => {
  const answer = await hands.ask("GET", path);
  return answer.status === 200 ? answer.body.status : String(answer.status);
};

test("an endpoint is CREATING, RUNNING, DELETING, and then 404 and in no list", async (t) => {
  const { fabric, workspace, base } = await start(t);
  const reserved_resource = { mu: { spec_code: "mu.demo.8b", min: 0, max: 2 } };
  const made = await fabric.hands.ask("POST", base, { name: "inf ep", type: "inference", reserved_resource });
  assert.equal(made.status, 202, made.text);
  const { id } = made.body;
  assert.deepEqual(made.body, {
    visibility: "PRIVATE",
    id,
    name: "inf ep",
    type: "inference",
    status: "CREATING",
    description: "",
    create_time: "2026-01-05T08:00:00.000Z",
    update_time: "2026-01-05T08:00:00.000Z",
    owner: { domain_name: "acct-one", domain_id: "1".repeat(32), user_name: "one", user_id: "a1".repeat(16) },
    reserved_resource,
    urls: [{ name: "ApiInvoke", address: `${fabric.url}${base}/${id}`, type: "PRIVATE" }],
    business_engine_instance_ids: [],
    runtime_env_type: "RELEASE",
  });
  await fabric.pass(A_WHILE);
  assert.equal(await statusOf(fabric, `${base}/${id}`), "RUNNING");
  const deleted = await fabric.hands.ask("DELETE", `${base}/${id}`);
  assert.deepEqual([deleted.status, deleted.body], [202, { id }]);
  assert.deepEqual((await fabric.hands.ask("DELETE", `${base}/${id}`)).body, { id }, "again is the same success");
  assert.equal(await statusOf(fabric, `${base}/${id}`), "DELETING");
  assert.equal((await fabric.hands.ask("GET", base)).body.endpoints[0].status, "DELETING");
  await fabric.pass(A_WHILE);
  assert.equal(await statusOf(fabric, `${base}/${id}`), "404");
  assert.deepEqual((await fabric.hands.ask("GET", base)).body, { total: 0, endpoints: [] });
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${id}`)).status, 404);
  assert.equal((await fabric.hands.ask("DELETE", `/v1/workspaces/${workspace}`)).status, 200);
  await fabric.mustBeClean();
});

test("a ray endpoint answers its resources by the names of the answer, and a public one its public address", async (t) => {
  const { fabric, base } = await start(t);
  const work_node_resources = [{ name: "w", resource: { spec_code: "dpu.d1x", min: 0, max: 3 } }];
  const ray_resource = { head_node_resource: { spec_code: "dpu.d1x" }, work_node_resources };
  const cache_list = [{ mnt_path: "/cache", cache_ins_id: "c1" }];
  const config = { ray_service_config: { ray_serve_config: {} } };
  const asked = {
    name: "ray",
    type: "ray",
    ray_resource,
    public_access: true,
    cap: { cap_id: "cap-1" },
    cache_list,
    config,
  };
  const { body } = await fabric.hands.ask("POST", base, asked);
  assert.deepEqual(body.ray_resource, {
    head_group_spec: { spec_code: "dpu.d1x" },
    worker_group_spec: [{ name: "w", spec_code: "dpu.d1x", min_replicas: 0, max_replicas: 3 }],
  });
  assert.deepEqual([body.cap, body.caches, body.config], [{ cap_id: "cap-1" }, cache_list, config]);
  assert.equal(body.urls[0].type, "PUBLIC");
  const [brief] = (await fabric.hands.ask("GET", base)).body.endpoints;
  assert.deepEqual([brief.caches, "config" in brief, "urls" in brief], [cache_list, false, false]);
});

test("an update is UPDATING and then RUNNING, and the version before it can still be shown", async (t) => {
  const { fabric, workspace, base } = await start(t);
  const id = await fabric.hands.endpoint(workspace);
  const early = await fabric.hands.ask("PUT", `${base}/${id}`, { name: "early" });
  assert.equal(early.status, 400, "what is being made is not changed");
  await fabric.pass(A_WHILE);
  const before = (await fabric.hands.ask("GET", `${base}/${id}?version=PREVIOUS`)).body;
  assert.equal(before.name, "inf-ep", "never updated, there is one version");
  const reserved_resource = { mu: { spec_code: "mu.demo.8b", min: 1, max: 9 } };
  const updated = await fabric.hands.ask("PUT", `${base}/${id}`, { name: "wide", description: "d", reserved_resource });
  assert.deepEqual([updated.status, updated.body.status, updated.body.name], [202, "UPDATING", "wide"]);
  assert.deepEqual(updated.body.reserved_resource, reserved_resource);
  await fabric.pass(A_WHILE);
  const [current, previous] = await Promise.all(
    ["CURRENT", "PREVIOUS"].map(
      async (version) => (await fabric.hands.ask("GET", `${base}/${id}?version=${version}`)).body,
    ),
  );
  assert.deepEqual([current.status, current.name, current.description], ["RUNNING", "wide", "d"]);
  assert.deepEqual([previous.name, previous.reserved_resource.mu.max], ["inf-ep", 4]);
});

test("lists are filtered by name, type, id, visibility and the model that is deployed", async (t) => {
  const fabric = await startFabric(t);
  const { workspace, endpoint, model } = await startServing(fabric);
  const ray = await fabric.hands.endpoint(workspace, { name: "ray ep", type: "ray" });
  const found = async (query: string) => {
    const { body, status, text } = await fabric.hands.ask("GET", `/v1/workspaces/${workspace}/endpoints?${query}`);
    assert.equal(status, 200, text);
    assert.equal(body.total, body.endpoints.length);
    return body.endpoints.map(({ id }: { id: string }) => id);
  };
  assert.deepEqual(await found(""), [endpoint, ray]);
  assert.deepEqual(await found("name=RAY"), [ray]);
  assert.deepEqual(await found("type=inference"), [endpoint]);
  assert.deepEqual(await found(`endpoint_id=${ray}`), [ray]);
  assert.deepEqual(await found(`model_id=${model}`), [endpoint]);
  assert.deepEqual(await found("visibility=ALL"), [endpoint, ray]);
  assert.deepEqual(await found("visibility=PUBLIC"), []);
});

const mu = (min: number, max: number) => ({ reserved_resource: { mu: { spec_code: "m", min, max } } });

test("what breaks a rule is refused, and makes nothing", async (t) => {
  const { fabric, workspace, base } = await start(t);
  const wrong: object[] = [
    { name: "e" },
    { type: "ray" },
    { name: "a/b", type: "ray" },
    { name: "n".repeat(129), type: "ray" },
    { name: "e", type: "mystery" },
    { name: "e", type: "inference", ...mu(-1, 2) },
    { name: "e", type: "inference", ...mu(0, 0) },
    { name: "e", type: "inference", ...mu(3, 2) },
  ];
  for (const body of wrong) {
    const answer = await fabric.hands.ask("POST", base, body);
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"], JSON.stringify(body));
  }
  const id = await fabric.hands.endpoint(workspace, { name: "名字 e.p_1-2" });
  for (const query of ["is_delete_app_instance=maybe", "is_delete_app_instance=2"]) {
    assert.equal((await fabric.hands.ask("DELETE", `${base}/${id}?${query}`)).status, 400);
  }
  assert.equal((await fabric.hands.ask("GET", base)).body.total, 1);
});

test("an endpoint with instances is refused, and the message names them; nothing changes", async (t) => {
  const fabric = await startFabric(t);
  const { workspace, endpoint, instance } = await startServing(fabric);
  const path = `/v1/workspaces/${workspace}/endpoints/${endpoint}`;
  for (const query of ["", "?is_delete_app_instance=true"]) {
    const answer = await fabric.hands.ask("DELETE", path + query);
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"]);
    assert.match(answer.body.error_msg, new RegExp(instance));
  }
  assert.equal(await statusOf(fabric, path), "RUNNING");
});

test("deleted while it is being made or changed, an endpoint goes, and leaves nothing in the world", async (t) => {
  const { fabric, workspace, base } = await start(t);
  const young = await fabric.hands.endpoint(workspace);
  await fabric.pass(1_000);
  assert.equal(await statusOf(fabric, `${base}/${young}`), "CREATING");
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${young}`)).status, 202);
  const changing = await fabric.hands.endpoint(workspace);
  await fabric.pass(A_WHILE);
  await fabric.hands.ask("PUT", `${base}/${changing}`, { description: "d" });
  await fabric.settle();
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${changing}`)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal((await fabric.hands.ask("GET", base)).body.total, 0);
  await fabric.mustBeClean();
});

test("what the world will not give is CREATE_FAILED with its reason, and can be deleted", async (t) => {
  const specs = [
    {
      spec_code: "mu.small",
      spec_type: "MU",
      resource_type: "r",
      stride: 1,
      unit: "MU",
      min_stride_num: 1,
      max_stride_num: 1,
      usage_measure_id: 1,
      usage_factor: "f",
      stride_num_whitelist: [],
      capacity: 2,
    },
  ];
  const fabric = await startFabric(t, { settings: { inventory: { fabric: { specs } } } });
  const workspace = await fabric.hands.workspace();
  const base = `/v1/workspaces/${workspace}/endpoints`;
  const reserved_resource = { mu: { spec_code: "mu.small", min: 2, max: 2 } };
  const first = await fabric.hands.endpoint(workspace, { reserved_resource });
  await fabric.pass(A_WHILE);
  const second = await fabric.hands.endpoint(workspace, { reserved_resource });
  await fabric.pass(A_WHILE);
  const shown = (await fabric.hands.ask("GET", `${base}/${second}`)).body;
  assert.deepEqual([shown.status, shown.error_code], ["CREATE_FAILED", "common.00000500"]);
  assert.match(shown.error_msg, /mu.small has 0 of 2 left/);
  assert.equal(await statusOf(fabric, `${base}/${first}`), "RUNNING");
  for (const id of [first, second]) assert.equal((await fabric.hands.ask("DELETE", `${base}/${id}`)).status, 202);
  await fabric.pass(A_WHILE);
  await fabric.mustBeClean();
});

test("a delete that the world refuses for good is DELETE_FAILED, stays held, and a second delete ends it", async (t) => {
  const { fabric, workspace, base } = await start(t);
  const id = await fabric.hands.endpoint(workspace);
  await fabric.pass(A_WHILE);
  const refusal = new Refusal("the rack is sealed", { owner: "the site", hint: "unseal it", forGood: true });
  const refusing = t.mock.method(fabric.house.drivers.inference, "unmake", async () => {
    throw refusal;
  });
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${id}`)).status, 202);
  await fabric.pass(A_WHILE);
  const shown = (await fabric.hands.ask("GET", `${base}/${id}`)).body;
  assert.deepEqual([shown.status, shown.error_msg], ["DELETE_FAILED", "the rack is sealed"]);
  assert.equal(await fabric.held(), 1);
  assert.equal((await fabric.hands.ask("PUT", `${base}/${id}`, { name: "no" })).status, 400, "it is not revived");
  assert.equal((await fabric.hands.ask("DELETE", `/v1/workspaces/${workspace}`)).status, 400, "it still blocks");
  refusing.mock.restore();
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${id}`)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal(await statusOf(fabric, `${base}/${id}`), "404");
  await fabric.mustBeClean();
});
