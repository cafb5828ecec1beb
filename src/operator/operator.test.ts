import assert from "node:assert/strict";
import { test } from "node:test";
import { startEbb } from "../../test/harness.ts";

test("Ebb's own API takes its own token, and no other", async (t) => {
  const ebb = await startEbb(t);
  const path = "/ebb/v1/resources/nothing";
  const strangers: Record<string, string>[] = [
    {},
    { authorization: "Bearer wrong" },
    { "x-auth-token": ebb.one.token },
    { authorization: "" },
  ];
  for (const headers of strangers) {
    const answer = await ebb.ask("GET", path, undefined, headers);
    assert.equal(answer.status, 401, answer.text);
    assert.match(answer.body.error.hint, /ebb token --operator/);
  }
  assert.equal((await ebb.operator("GET", "/resources/nothing")).status, 404);
});

test("the operator's token is no token of the cloud", async (t) => {
  const ebb = await startEbb(t);
  const headers = { authorization: `Bearer ${ebb.operatorToken}`, "x-auth-token": ebb.operatorToken };
  assert.equal((await ebb.ask("GET", "/v1/workspaces", undefined, headers)).status, 401);
});

test("what is wrong with a request is named, with what to do", async (t) => {
  const ebb = await startEbb(t);
  const answer = await ebb.operator("GET", `/resources/${"x".repeat(200)}`);
  assert.equal(answer.status, 400);
  assert.match(answer.body.error.message, /path id/);
});

test("a resource shows to the operator, whoever's it is, and after it is gone", async (t) => {
  const ebb = await startEbb(t);
  const { body } = await ebb.two.ask("POST", "/v1/workspaces", { name: "theirs" });
  const there = await ebb.operator("GET", `/resources/${body.id}`);
  assert.deepEqual([there.status, there.body.state, there.body.tenant], [200, "ACTIVE", ebb.two.projectId]);
  await ebb.two.ask("DELETE", `/v1/workspaces/${body.id}`);
  const gone = await ebb.operator("GET", `/resources/${body.id}`);
  assert.deepEqual([gone.status, gone.body.state], [200, "DELETED"]);
  assert.ok(gone.body.gone_at);
});
