import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Refusal } from "../../drivers/port.ts";
import { A_WHILE, type Fabric, NOBODY, resource, type Serving, startFabric, startServing } from "./fabric-testing.ts";

async function start(t: TestContext): Promise<{ fabric: Fabric; base: string } & Serving> {
  const fabric = await startFabric(t);
  const serving = await startServing(fabric);
  return { fabric, base: `/v1/workspaces/${serving.workspace}/services/instances`, ...serving };
}

const sized = (min: number, max: number) => ({
  model_instance_config: { resource: { spec_code: "mu.demo.8b", min, max } },
});

test("an instance is shown with all that is known of it", async (t) => {
  const { fabric, base, workspace, endpoint, model, version, instance } = await start(t);
  const user = { domain_name: "acct-one", user_name: "one" };
  const brief = {
    visibility: "PRIVATE",
    source: { id: model, version_id: version },
    id: instance,
    name: "chat svc",
    description: "",
    endpoint_id: endpoint,
    status: "RUNNING",
    create_time: "2026-01-05T08:10:00.000Z",
    update_time: "2026-01-05T08:14:00.000Z",
    duration: 600,
    create_user: user,
    type: "LLM_MODEL",
    config: { model_instance_config: resource },
    content_moderation_switch: "OFF",
  };
  const listed = await fabric.hands.ask("GET", base);
  assert.deepEqual(listed.body, { total: 1, service_instances: [brief] });
  const shown = await fabric.hands.ask("GET", `${base}/${instance}`);
  const address = `${fabric.url}/v1/workspaces/${workspace}/services/instances/${instance}/invocations`;
  assert.deepEqual(shown.body, { ...brief, update_user: user, url: { name: "ApiInvoke", address, type: "PRIVATE" } });
});

test("an instance needs a running inference endpoint, a model of the workspace and room for its maximum", async (t) => {
  const { fabric, base, workspace, endpoint, model, version } = await start(t);
  const { hands } = fabric;
  const ray = await hands.endpoint(workspace, { name: "r", type: "ray" });
  await fabric.pass(A_WHILE);
  const young = await hands.endpoint(workspace, { name: "y" });
  const good = { source: { id: model }, name: "svc", endpoint_id: endpoint, config: sized(1, 3) };
  const refused: [object, number, RegExp][] = [
    [{ endpoint_id: ray }, 400, /type ray/],
    [{ endpoint_id: young }, 400, /CREATING/],
    [{ endpoint_id: NOBODY }, 404, /404/],
    [{ source: { id: NOBODY } }, 404, /404/],
    [{ source: { id: model, version_id: NOBODY } }, 404, /404/],
    [{ config: sized(3, 2) }, 400, /max 2 is below min 3/],
    [{ config: sized(1, 4) }, 400, /has 4 units, 1 are taken and 4 were asked for/],
    [{ config: sized(0, 1) }, 400, /min/],
    [{ config: sized(1, 1001) }, 400, /max/],
    [{ config: { pgsql_instance_config: {} } }, 400, /PGSQL_SERVICE/],
    [{ name: "" }, 400, /name/],
    [{ name: "n".repeat(65) }, 400, /name/],
    [{ description: 'say "no"' }, 400, /description/],
    [{ description: "d".repeat(1025) }, 400, /description/],
  ];
  for (const [change, status, said] of refused) {
    const answer = await hands.ask("POST", base, { ...good, ...change });
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.body.error_msg, said);
  }
  assert.equal((await hands.ask("GET", base)).body.total, 1);
  const chosen = {
    source: { id: model, version_id: version },
    config: sized(1, 3),
    description: "d",
    name: "第二 svc",
  };
  const second = await hands.deploy(workspace, endpoint, model, chosen);
  assert.equal((await hands.ask("GET", `${base}/${second}`)).body.status, "CREATING");
});

test("the model of another workspace is none", async (t) => {
  const { fabric, base, endpoint } = await start(t);
  const other = await fabric.hands.workspace("lab-ws-02");
  const { id } = await fabric.hands.model(other);
  const answer = await fabric.hands.ask("POST", base, { source: { id }, name: "svc", endpoint_id: endpoint });
  assert.equal(answer.status, 404, answer.text);
});

test("an update is UPDATING and then RUNNING; the minimum and the model stay", async (t) => {
  const { fabric, base, model, version, instance } = await start(t);
  const { hands } = fabric;
  const path = `${base}/${instance}`;
  const config = { model_instance_config: { resource: { min: 1, max: 4 } } };
  const updated = await hands.ask("PUT", path, { name: "chat two", description: "d", config });
  assert.deepEqual([updated.status, updated.body], [202, { id: instance }]);
  await fabric.settle();
  assert.equal((await hands.ask("GET", path)).body.status, "UPDATING");
  assert.equal((await hands.ask("PUT", path, { name: "x" })).status, 400, "one at a time");
  await fabric.pass(A_WHILE);
  const { body } = await hands.ask("GET", path);
  assert.deepEqual([body.status, body.name, body.description], ["RUNNING", "chat two", "d"]);
  assert.deepEqual(body.config.model_instance_config.resource, { spec_code: "mu.demo.8b", min: 1, max: 4 });
  const refused: object[] = [
    { config: { model_instance_config: { resource: { min: 2, max: 4 } } } },
    { config: { model_instance_config: { resource: { min: 1, max: 5 } } } },
    { source: { id: NOBODY } },
    { source: { id: model, version_id: NOBODY } },
    { config: { pgsql_instance_config: {} } },
  ];
  for (const change of refused)
    assert.equal((await hands.ask("PUT", path, change)).status, 400, JSON.stringify(change));
  assert.equal((await hands.ask("PUT", path, { source: { id: model, version_id: version } })).status, 202, "the same");
});

test("lists are filtered, sorted and paged", async (t) => {
  const { fabric, base, workspace, endpoint, model, version, instance } = await start(t);
  const second = await fabric.hands.deploy(workspace, endpoint, model, { name: "embed svc" });
  await fabric.pass(A_WHILE);
  const found = async (query: string) => {
    const { body, status, text } = await fabric.hands.ask("GET", `${base}?${query}`);
    assert.equal(status, 200, text);
    return [body.total, ...body.service_instances.map(({ id }: { id: string }) => id)];
  };
  assert.deepEqual(await found(""), [2, second, instance], "the latest first");
  assert.deepEqual(await found("order_by=ASC"), [2, instance, second]);
  assert.deepEqual(await found("sort_by=DURATION&order_by=DESC"), [2, instance, second]);
  assert.deepEqual(await found("sort_by=CREATE_TIME&offset=1&limit=1"), [2, instance]);
  assert.deepEqual(await found("name=embed"), [1, second]);
  assert.deepEqual(await found(`id=${instance}`), [1, instance]);
  assert.deepEqual(await found(`endpoint_id=${endpoint}&source_id=${model}&version_id=${version}`), [
    2,
    second,
    instance,
  ]);
  for (const none of [
    `endpoint_id=${NOBODY}`,
    `source_id=${NOBODY}`,
    `version_id=${NOBODY}`,
    "visibility=PUBLIC",
    "type=PGSQL_SERVICE",
  ]) {
    assert.deepEqual(await found(none), [0]);
  }
});

test("deleted in any state it goes: while it is made, while it changes, and after it has failed", async (t) => {
  const { fabric, base, workspace, endpoint, model, instance } = await start(t);
  const { hands } = fabric;
  const young = await hands.deploy(workspace, endpoint, model);
  await fabric.pass(1_000);
  assert.equal((await hands.ask("DELETE", `${base}/${young}`)).status, 202);
  await hands.ask("PUT", `${base}/${instance}`, { name: "x" });
  await fabric.settle();
  assert.equal((await hands.ask("DELETE", `${base}/${instance}`)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("GET", base)).body.total, 0);
  const refusal = new Refusal("no such weights", { owner: "the caller", hint: "look at model_path", forGood: true });
  const refusing = t.mock.method(fabric.house.drivers.inference, "make", async () => {
    throw refusal;
  });
  const failed = await hands.deploy(workspace, endpoint, model);
  await fabric.pass(A_WHILE);
  refusing.mock.restore();
  const { body } = await hands.ask("GET", `${base}/${failed}`);
  assert.deepEqual([body.status, body.error_code, body.error_msg], ["FAILED", "common.00000500", "no such weights"]);
  assert.equal(body.solution, "look at model_path");
  assert.equal((await hands.ask("PUT", `${base}/${failed}`, { name: "x" })).status, 400, "there is nothing to change");
  assert.equal((await hands.ask("DELETE", `${base}/${failed}`)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("GET", `${base}/${failed}`)).status, 404);
  assert.equal(await fabric.held(), 1, "the endpoint's");
});

test("a delete waits for a world that does not answer, and fails for good only when the world says so", async (t) => {
  const { fabric, base, workspace, endpoint, instance } = await start(t);
  const { hands } = fabric;
  const path = `${base}/${instance}`;
  let fault: Error = new Error("the machine does not answer");
  const failing = t.mock.method(fabric.house.drivers.inference, "unmake", async () => {
    throw fault;
  });
  assert.equal((await hands.ask("DELETE", path)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("GET", path)).body.status, "DELETING", "tried again without end");
  fault = new Refusal("held by a customer", { owner: "the site", hint: "ask them", forGood: true });
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("GET", path)).body.status, "FAILED");
  assert.equal((await hands.ask("PUT", path, { name: "x" })).status, 400, "half deleted, it is not revived");
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${endpoint}`)).status, 400);
  failing.mock.restore();
  assert.equal((await hands.ask("DELETE", path)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${endpoint}`)).status, 202);
  await fabric.pass(A_WHILE);
  await fabric.mustBeClean();
});

test("a failed update can be asked for again", async (t) => {
  const { fabric, base, instance } = await start(t);
  const refusal = new Refusal("not today", { owner: "the site", hint: "tomorrow", forGood: true });
  const refusing = t.mock.method(fabric.house.drivers.inference, "change", async () => {
    throw refusal;
  });
  await fabric.hands.ask("PUT", `${base}/${instance}`, { name: "x" });
  await fabric.pass(A_WHILE);
  assert.equal((await fabric.hands.ask("GET", `${base}/${instance}`)).body.status, "FAILED");
  refusing.mock.restore();
  assert.equal((await fabric.hands.ask("PUT", `${base}/${instance}`, { name: "x" })).status, 202);
  await fabric.pass(A_WHILE);
  const { body } = await fabric.hands.ask("GET", `${base}/${instance}`);
  assert.deepEqual([body.status, "error_msg" in body], ["RUNNING", false]);
});
