import assert from "node:assert/strict";
import { test } from "node:test";
import { startEbb } from "../../test/harness.ts";

test("what was made and not deleted is left over, the inventory is not", async (t) => {
  const ebb = await startEbb(t);
  const clean = { created: [], left: [], left_count: 0, unfinished: [] };
  assert.deepEqual((await ebb.operator("GET", "/leftovers")).body, clean);
  const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: "left-over" });
  const endpoints = `/v1/workspaces/${body.id}/endpoints`;
  const made = await ebb.one.ask("POST", endpoints, { name: "ep", type: "inference" });
  const during = (await ebb.operator("GET", "/leftovers")).body;
  assert.deepEqual(during.created, [
    { kind: "fabric.endpoint", count: 1 },
    { kind: "fabric.workspace", count: 1 },
  ]);
  assert.equal(during.left_count, 2);
  assert.deepEqual(
    during.unfinished.map((one: { resource_id: string; step: string }) => [one.resource_id, one.step]),
    [[made.body.id, "reserve"]],
  );
  await ebb.one.ask("DELETE", `${endpoints}/${made.body.id}`);
  await ebb.pass(600_000);
  await ebb.one.ask("DELETE", `/v1/workspaces/${body.id}`);
  const after = (await ebb.operator("GET", "/leftovers")).body;
  assert.deepEqual([after.left, after.unfinished, after.created.length], [[], [], 2]);
});
