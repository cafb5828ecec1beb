import assert from "node:assert/strict";
import { test } from "node:test";
import { listHeld } from "../../lifecycle/holdings.ts";
import {
  assertCleanSlate,
  assertError,
  INSTALLS_MS,
  MINUTE,
  NOBODY,
  POWERS_MS,
  refusal,
  startCloud,
  UNINSTALLS_MS,
  WIPES_MS,
} from "./clouddc-testing.ts";

test("a running instance shuts down, is terminated, and gives its server back in that moment", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  const { server_id } = await one.instance(id);
  await one.remove(id);
  assert.deepEqual(await one.status(id), { state: "shutting-down", operation_state: "uninstall-processing" });
  await ebb.pass(UNINSTALLS_MS - 1);
  assert.equal((await one.status(id)).state, "shutting-down");
  assert.equal((await one.server(server_id)).manage_state, "in-use");
  await ebb.pass(1);
  assert.deepEqual(await one.status(id), { state: "terminated", operation_state: "uninstall-succeed" });
  assert.equal((await one.server(server_id)).manage_state, "ready");
  await assertCleanSlate(cloud);
});

test("a delete of a pending instance aborts its creation", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.create();
  await ebb.pass(MINUTE);
  await one.remove(id);
  assert.deepEqual(await one.status(id), { state: "shutting-down", operation_state: "uninstall-processing" });
  await ebb.pass(INSTALLS_MS + UNINSTALLS_MS);
  assert.equal((await one.status(id)).state, "terminated");
  assert.equal((await one.instance(id)).launched_at, "");
  await assertCleanSlate(cloud);
});

test("a stopped instance can be deleted, and its server stays off", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  const { server_id } = await one.instance(id);
  await one.power("power off", server_id);
  await ebb.pass(POWERS_MS);
  assert.equal((await one.status(id)).state, "stopped");
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  assert.equal((await one.status(id)).state, "terminated");
  const { manage_state, power_state } = await one.server(server_id);
  assert.deepEqual({ manage_state, power_state }, { manage_state: "ready", power_state: "off" });
  await assertCleanSlate(cloud);
});

test("asked again while it is shutting down, the delete answers the same and starts nothing", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  await one.remove(id);
  await ebb.pass(MINUTE);
  await one.remove(id);
  const batch = await one.ask("POST", "/instances/batch-delete", { instance_id_set: [id] });
  assert.equal(batch.status, 202);
  assert.deepEqual(
    (await ebb.house.lifecycle.operations(id)).map((item) => item.verb),
    ["create", "delete"],
  );
  await ebb.pass(UNINSTALLS_MS - MINUTE);
  assert.equal((await one.status(id)).state, "terminated");
});

test("a terminated instance is not found by a delete, and still answers its status and stands in lists", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  const gone = new RegExp(`^Instances not found: \\[${id}\\]$`);
  assertError(await one.ask("DELETE", `/instances/${id}`), 404, "iMetal.0200", gone);
  assertError(await one.ask("POST", "/instances/batch-delete", { instance_id_set: [id] }), 404, "iMetal.0200", gone);
  assert.equal((await one.status(id)).state, "terminated");
  for (const query of ["", "?instance_state=terminated", `?instance_id=${id}`]) {
    assert.deepEqual(
      (await one.instances(query)).map((item) => item.id),
      [id],
      query,
    );
  }
  assert.deepEqual(await one.instances("?instance_state=running"), []);
});

test("a terminated instance is forgotten when its time is over", async (t) => {
  const { ebb, one } = await startCloud(t, { settings: { retentionHours: 1 } });
  const id = await one.running();
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  await ebb.pass(61 * MINUTE);
  await ebb.house.lifecycle.scan();
  assertError(await one.ask("GET", `/instances/${id}/status`), 404, "iMetal.0200", new RegExp(id));
  assert.deepEqual(await one.instances(), []);
});

test("a delete that the world refuses for good ends in error, holds its server, and a second one finishes", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  const { server_id } = await one.instance(id);
  t.mock.method(ebb.house.drivers.servers, "unmake", () => Promise.reject(refusal("disk locked")), { times: 1 });
  await one.remove(id);
  await ebb.settle();
  assert.deepEqual(await one.status(id), {
    state: "error",
    operation_state: "uninstall-failed",
    error: { error_code: "iMetal.0099", error_msg: "disk locked", error_type: "delete_instance_error" },
  });
  assert.deepEqual(
    (await one.instances("?instance_state=error")).map((item) => item.id),
    [id],
  );
  assert.equal((await one.server(server_id)).manage_state, "in-use");
  await one.remove(id);
  assert.deepEqual(await one.status(id), { state: "shutting-down", operation_state: "uninstall-processing" });
  await ebb.pass(UNINSTALLS_MS);
  assert.equal((await one.status(id)).state, "terminated");
  await assertCleanSlate(cloud);
});

test("a server whose wipe fails for good does not go back to ready; a second delete wipes it, and only then is it", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  const { server_id } = await one.instance(id);
  const host = ebb.house.drivers.servers;
  const unmake = host.unmake.bind(host);
  let refusals = 1;
  t.mock.method(host, "unmake", (...call: Parameters<typeof unmake>) =>
    call[0] === "disks" && refusals-- > 0 ? Promise.reject(refusal("sector 7 will not be written")) : unmake(...call),
  );
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  assert.equal((await one.status(id)).state, "error");
  assert.equal((await one.server(server_id)).manage_state, "in-use");
  const held = await ebb.store.read((session) => listHeld(session, id));
  assert.deepEqual(
    held.map(({ type }) => type),
    ["disks"],
    "the system is gone, its disks are not clean",
  );
  await one.remove(id);
  await ebb.pass(WIPES_MS);
  assert.equal((await one.status(id)).state, "terminated");
  assert.equal((await one.server(server_id)).manage_state, "ready");
  await assertCleanSlate(cloud);
});

test("a delete that fails for a moment goes on by itself", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  t.mock.method(ebb.house.drivers.servers, "unmake", () => Promise.reject(new Error("connection lost")), { times: 1 });
  await one.remove(id);
  await ebb.settle();
  assert.equal((await one.status(id)).state, "shutting-down");
  await ebb.pass(UNINSTALLS_MS + MINUTE);
  assert.equal((await one.status(id)).state, "terminated");
  await assertCleanSlate(cloud);
});

test("a batch deletes all that it names, each once", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const ids = [await one.create(), await one.create(), await one.create()];
  await ebb.pass(INSTALLS_MS);
  const named = [ids[2], ids[0], ids[2]];
  const answer = await one.ask("POST", "/instances/batch-delete", { instance_id_set: named });
  assert.equal(answer.status, 202);
  assert.deepEqual(answer.body, { instances: [{ id: ids[2] }, { id: ids[0] }] });
  await ebb.pass(UNINSTALLS_MS);
  const states = await Promise.all(ids.map(async (id) => (await one.status(id)).state));
  assert.deepEqual(states, ["terminated", "running", "terminated"]);
});

test("a batch with something unknown in it deletes nothing, and the answer names all of that", async (t) => {
  const { one, two } = await startCloud(t);
  const id = await one.running();
  const theirs = await two.create();
  const answer = await one.ask("POST", "/instances/batch-delete", { instance_id_set: [NOBODY, id, theirs] });
  assertError(answer, 404, "iMetal.0200", new RegExp(`^Instances not found: \\[${NOBODY}, ${theirs}\\]$`));
  assert.equal((await one.status(id)).state, "running");
  assert.equal((await two.status(theirs)).state, "pending");
});

test("a batch without ids, with too many, or with something else is a bad request", async (t) => {
  const { one } = await startCloud(t);
  const ask = (body: unknown) => one.ask("POST", "/instances/batch-delete", body);
  for (const body of [undefined, {}, { instance_id_set: [] }]) {
    assertError(await ask(body), 400, "iMetal.0002", /^Missing required parameters: instance_id_set$/);
  }
  const many = Array.from({ length: 51 }, () => NOBODY);
  for (const ids of [many, ["x"], "x", [1]]) {
    assertError(await ask({ instance_id_set: ids }), 400, "iMetal.0001", /instance_id_set/);
  }
});
