import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, NOBODY, PASSWORD, startCloud, wanted } from "./clouddc-testing.ts";

test("another project's instances and servers are as if they were not there, on every operation", async (t) => {
  const { one, two } = await startCloud(t);
  const instance = await one.running();
  const { server_id: server } = await one.instance(instance);
  const calls: [string, string, object?][] = [
    ["GET", "/instances/ID/status"],
    ["DELETE", "/instances/ID"],
    ["POST", "/instances/batch-delete", { instance_id_set: ["ID"] }],
    ["PUT", "/instances/reinstall", { password: PASSWORD, instance_id_set: ["ID"] }],
    ["PUT", "/instances/password", { new_password: PASSWORD, instance_id_set: ["ID"] }],
    ["PUT", "/instances/ID/ip", {}],
    ["POST", "/instances", wanted({ placement: { server_id: "ID" } })],
    ["POST", "/instances/batch-create", wanted({ placement: { server_id_set: ["ID"] } })],
    ["GET", "/physicalservers/ID"],
    ["GET", "/physicalservers/ID/hardware-attributes"],
    ["PUT", "/physicalservers/power-state", { action: "power off", server_id_set: ["ID"] }],
  ];
  for (const [method, path, body] of calls) {
    const askFor = (id: string) =>
      two.ask(method, path.replace("ID", id), body && JSON.parse(JSON.stringify(body).replace("ID", id)));
    for (const theirs of [instance, server]) {
      const [real, none] = [await askFor(theirs), await askFor(NOBODY)];
      assert.equal(real.status, 404, `${method} ${path}`);
      assert.equal(real.text.replace(theirs, NOBODY), none.text, `${method} ${path}`);
    }
  }
  assert.equal((await one.status(instance)).state, "running");
  assert.deepEqual(await two.instances(), []);
  assert.deepEqual(await two.instances(`?instance_id=${instance}`), []);
  assert.deepEqual(await two.instances(`?server_id=${server}`), []);
});

test("an instance is no server, and a server no instance", async (t) => {
  const { one } = await startCloud(t);
  const instance = await one.create();
  const { server_id } = await one.instance(instance);
  assertError(await one.ask("GET", `/physicalservers/${instance}`), 404, "iMetal.0100", new RegExp(instance));
  assertError(await one.ask("DELETE", `/instances/${server_id}`), 404, "iMetal.0200", new RegExp(server_id));
});

test("each project has servers of its own", async (t) => {
  const { one, two } = await startCloud(t);
  const [mine, theirs] = [await one.servers(), await two.servers()];
  assert.deepEqual(
    mine.map((server) => server.name),
    theirs.map((server) => server.name),
  );
  assert.deepEqual(
    mine.filter(({ id }) => theirs.some((server) => server.id === id)),
    [],
  );
});
