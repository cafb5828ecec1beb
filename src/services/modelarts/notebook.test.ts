import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, CPU, EVS, OBS, PYTHON, START, startNotebooks } from "../../../test/notebooks.ts";

test("a create answers the whole instance while it is being created", async (t) => {
  const it = await startNotebooks(t);
  const { status, body } = await it.create({
    description: "weekly",
    spec: { storage: OBS, annotations: { team: "a" } },
  });
  assert.equal(status, 200);
  assert.match(body.id, /^DE-[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(body, {
    id: body.id,
    name: "nb-one",
    description: "weekly",
    status: "CREATING",
    creation_timestamp: String(START),
    latest_update_timestamp: String(START),
    flavor: CPU,
    flavor_details: {
      name: CPU,
      type: "CPU",
      status: "onSale",
      params: { CPU: 2, GPU: 0, memory: "8GiB" },
      storage_list: ["obs", "evs"],
    },
    profile: {
      id: PYTHON,
      name: PYTHON,
      description: "Multi-Engine 1.0 (python3) on CPU",
      de_type: "Notebook",
      flavor_type: "CPU",
      provision: {
        type: "Docker",
        annotations: { category: "Multi-Engine 1.0 (python3)", type: "system" },
        spec: {
          engine: "CCE",
          params: { namespace: "atelier", image_name: "notebook-cpu-py3", image_tag: "1.0.0", annotations: null },
        },
      },
    },
    spec: {
      storage: OBS,
      extend_storage: null,
      auto_stop: { enable: false, prompt: true },
      annotations: { team: "a", target_domain: "https://notebook.ebb.test", url: "" },
      failed_reasons: null,
      repository: null,
      extend_params: null,
    },
    workspace: { id: "0" },
    ai_project: { id: "default-ai-project" },
    user: { id: "a1".repeat(16), name: "one" },
  });
});

test("an instance runs once its volume and then its container are there", async (t) => {
  const it = await startNotebooks(t);
  const { body } = await it.create({ spec: { storage: EVS } });
  const types = async () => (await it.ebb.house.drivers.notebooks.marked()).map((one) => one.type);
  await it.ebb.settle();
  assert.deepEqual(await types(), ["volume"]);
  await it.ebb.pass(10_000);
  assert.deepEqual(await types(), ["container", "volume"]);
  await it.ebb.pass(39_999);
  assert.equal(await it.status(body.id), "CREATING");
  await it.ebb.pass(1);
  const shown = (await it.show(body.id)).body;
  assert.equal(shown.status, "RUNNING");
  assert.match(shown.spec.annotations.url, /^https:\/\//);
  assert.deepEqual(shown.spec.storage, {
    type: "evs",
    location: { path: "/home/ma-user/work", volume_size: 20, volume_unit: "GB" },
  });
  assert.equal(shown.creation_timestamp, String(START));
  assert.equal(shown.latest_update_timestamp, String(START + 50_000));
  assert.ok(!("error_code" in shown));
});

test("storage in OBS holds nothing but the container", async (t) => {
  const it = await startNotebooks(t);
  await it.running();
  assert.deepEqual(
    (await it.ebb.house.drivers.notebooks.marked()).map((one) => one.type),
    ["container"],
  );
});

test("the world is given the volume or the folder to work in", async (t) => {
  const it = await startNotebooks(t);
  const make = t.mock.method(it.ebb.house.drivers.notebooks, "make");
  const image = "atelier/notebook-cpu-py3:1.0.0";
  await it.running({ name: "in-obs" });
  await it.running({ name: "in-evs", spec: { storage: EVS } });
  assert.deepEqual(
    make.mock.calls.map((call) => [call.arguments[0], call.arguments[2]]),
    [
      ["container", { flavor: CPU, image, volume: null, mount: "/team-bucket/nb/" }],
      ["volume", { sizeGb: 20 }],
      ["container", { flavor: CPU, image, volume: make.mock.calls[1]?.arguments[1], mount: null }],
    ],
  );
});

test("a stop unmakes the container and keeps the volume; a start makes the container again", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running({ spec: { storage: EVS } });
  const types = async () => (await it.ebb.house.drivers.notebooks.marked()).map((one) => one.type);

  const stop = await it.act(id, "stop");
  assert.equal(stop.status, 200);
  assert.deepEqual(stop.body, { current_status: "STOPPING", previous_state: "RUNNING" });
  assert.equal((await it.show(id)).body.spec.annotations.url, "");
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "STOPPED");
  assert.deepEqual(await types(), ["volume"]);

  assert.deepEqual((await it.act(id, "start")).body, { current_status: "STARTING", previous_state: "STOPPED" });
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "RUNNING");
  assert.deepEqual(await types(), ["container", "volume"]);
  assert.match((await it.show(id)).body.spec.annotations.url, /^https:/);
});

test("a restart makes another container", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running();
  const unmake = t.mock.method(it.ebb.house.drivers.notebooks, "unmake");
  const make = t.mock.method(it.ebb.house.drivers.notebooks, "make");
  assert.deepEqual((await it.act(id, "restart")).body, { current_status: "RESTARTING", previous_state: "RUNNING" });
  await it.ebb.pass(A_WHILE);
  assert.equal(await it.status(id), "RUNNING");
  assert.deepEqual([unmake.mock.callCount(), make.mock.callCount()], [1, 1]);
});

test("queue and dequeue are refused, because no flavor is free", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running();
  for (const action of ["queue", "dequeue"]) {
    const answer = await it.act(id, action);
    assertRefused(answer, "6336");
    assert.match(answer.body.error_message, /free flavors/);
  }
  assertRefused(await it.act("DE-unknown", "queue"), "6309");
});

test("an action must be one of the documented five", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running();
  assertRefused(await it.act(id, "explode"), "6336");
  assertRefused(await it.act(id, "START"), "6336");
  assertRefused(await it.ebb.one.ask("POST", it.url(id, "/action"), {}), "6335");
  assertRefused(await it.ebb.one.ask("POST", it.url(id, "/action")), "6335");
  assertRefused(await it.ebb.one.ask("POST", it.url(id, "/action"), { action: 1 }), "6332");
});

test("the token opens a running instance, and there is none for another", async (t) => {
  const it = await startNotebooks(t);
  const id = (await it.create()).body.id;
  const token = () => it.ebb.one.ask("GET", it.url(id, "/token"));
  assertRefused(await token(), "6327");
  await it.ebb.pass(A_WHILE);
  const answer = await token();
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.body), ["token"]);
  assert.match(answer.body.token, /^[0-9a-f]{32}$/);
  assert.ok(!(await it.show(id)).text.includes(answer.body.token));
  await it.act(id, "stop");
  assertRefused(await token(), "6327");
  await it.ebb.pass(A_WHILE);
  assertRefused(await token(), "6327");
});

/** What each action and a delete answer in each status that lasts: undefined where they are accepted. */
const LASTING: Record<string, [start?: string, stop?: string, restart?: string, remove?: string]> = {
  RUNNING: ["6305", undefined, undefined, "6304"],
  STOPPED: [undefined, "6307", "6327", undefined],
};
/** The same for statuses that pass by. */
const PASSING: Record<string, string> = { CREATING: "6357", STARTING: "6306", RESTARTING: "6306", STOPPING: "6308" };

for (const [status, code] of Object.entries(PASSING)) {
  test(`while ${status}, every action and a delete are refused with ${code}`, async (t) => {
    const it = await startNotebooks(t);
    const id =
      status === "CREATING" ? (await it.create()).body.id : await it[status === "STARTING" ? "stopped" : "running"]();
    const action = { STARTING: "start", RESTARTING: "restart", STOPPING: "stop" }[status];
    if (action) await it.act(id, action);
    assert.equal(await it.status(id), status);
    for (const one of ["start", "stop", "restart"]) assertRefused(await it.act(id, one), code);
    assertRefused(await it.remove(id), code);
    assert.equal(await it.status(id), status);
    await it.ebb.pass(A_WHILE);
    assert.equal(await it.status(id), status === "STOPPING" ? "STOPPED" : "RUNNING");
  });
}

for (const [status, codes] of Object.entries(LASTING)) {
  test(`an instance that is ${status} refuses what is not for it`, async (t) => {
    const it = await startNotebooks(t);
    const id = await it[status === "RUNNING" ? "running" : "stopped"]();
    for (const [index, code] of codes.entries()) {
      if (code === undefined) continue;
      const action = ["start", "stop", "restart"][index];
      assertRefused(await (action ? it.act(id, action) : it.remove(id)), code);
      assert.equal(await it.status(id), status);
    }
  });
}

test("while DELETING, actions and changes are refused", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped({ spec: { storage: EVS } });
  await it.remove(id);
  assert.equal(await it.status(id), "DELETING");
  for (const action of ["start", "stop", "restart"]) assertRefused(await it.act(id, action), "6357");
  assertRefused(await it.modify(id, { description: "x" }), "6347");
});
