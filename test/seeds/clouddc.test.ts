import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertCleanSlate,
  assertError,
  type CloudEbb,
  NOBODY,
  startCloud,
  UNINSTALLS_MS,
} from "../../src/services/clouddc/clouddc-testing.ts";

/** DELETE /v1/{project_id}/instances/{id} */
const pathOf = ({ ebb }: CloudEbb, id: string, projectId = ebb.one.projectId) => `/v1/${projectId}/instances/${id}`;

test("204: the delete is accepted with no body, and the status goes from shutting-down to terminated", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  const { server_id } = await one.instance(id);
  const answer = await ebb.one.ask("DELETE", pathOf(cloud, id));
  assert.equal(answer.status, 204);
  assert.equal(answer.text, "");
  assert.equal((await one.status(id)).state, "shutting-down");
  await ebb.pass(UNINSTALLS_MS);
  assert.equal((await one.status(id)).state, "terminated");
  assert.equal((await one.server(server_id)).manage_state, "ready");
  await assertCleanSlate(cloud);
});

test("the id is the one that CreateInstance answered, and there from its first moment", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.create();
  assert.equal((await one.status(id)).state, "pending");
  assert.equal((await ebb.one.ask("DELETE", pathOf(cloud, id))).status, 204);
  assert.equal((await one.status(id)).state, "shutting-down");
  await ebb.pass(UNINSTALLS_MS);
  assert.equal((await one.status(id)).state, "terminated");
});

test("no body and no content type are needed, and a body is not looked at", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  for (const body of [undefined, "not json"]) {
    const id = await one.create();
    const headers = { "x-auth-token": ebb.one.token };
    const answer = await fetch(ebb.url + pathOf(cloud, id), { method: "DELETE", headers, ...(body ? { body } : {}) });
    assert.equal(answer.status, 204);
    assert.equal(await answer.text(), "");
    assert.match(answer.headers.get("x-request-id") ?? "", /^[0-9a-f]{32}$/);
  }
});

test("400: an id that can be nobody's is a wrong parameter", async (t) => {
  const cloud = await startCloud(t);
  const answer = await cloud.ebb.one.ask("DELETE", pathOf(cloud, "no-such-form"));
  assertError(answer, 400, "iMetal.0001", /^A request parameter contains invalid or unsupported value: id/);
});

test("an id that is nobody's, or another project's, is not found", async (t) => {
  const cloud = await startCloud(t);
  const theirs = await cloud.two.create();
  for (const id of [NOBODY, theirs]) {
    const answer = await cloud.ebb.one.ask("DELETE", pathOf(cloud, id));
    assertError(answer, 404, "iMetal.0200", new RegExp(`^Instances not found: \\[${id}\\]$`));
  }
  assert.equal((await cloud.two.status(theirs)).state, "pending");
});

test("the project of the path must be the caller's", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.create();
  for (const projectId of [ebb.two.projectId, "0".repeat(32)]) {
    const answer = await ebb.one.ask("DELETE", pathOf(cloud, id, projectId));
    assertError(answer, 403, "iMetal.0004", /^Insufficient permissions$/);
  }
  assert.equal((await one.status(id)).state, "pending");
});

test("401: without a token, with an unknown one, and with a wrong signature", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.create();
  const signature = "SDK-HMAC-SHA256 Access=NOSUCHKEY00000000001, SignedHeaders=host;x-sdk-date, Signature=00";
  const strangers: Record<string, string>[] = [
    {},
    { "x-auth-token": "unknown" },
    { authorization: signature, "x-sdk-date": "20260105T080000Z" },
  ];
  for (const headers of strangers) {
    const answer = await ebb.ask("DELETE", pathOf(cloud, id), undefined, headers);
    assertError(answer, 401, "iMetal.0003", /^Unauthorized: /);
  }
  assert.equal((await one.status(id)).state, "pending");
});

test("429: too many requests are turned away with a body that says so, and later ones pass", async (t) => {
  const throttle = { requests: 3, perSeconds: 60 };
  const cloud = await startCloud(t, { settings: { throttle } });
  const { ebb, one } = cloud;
  const id = await one.create();
  const tries = [await one.ask("GET", `/instances/${id}/status`), await one.ask("GET", `/instances/${id}/status`)];
  assert.deepEqual(
    tries.map((answer) => answer.status),
    [200, 200],
  );
  const answer = await ebb.one.ask("DELETE", pathOf(cloud, id));
  assertError(answer, 429, "iMetal.0005", /^Too many requests$/);
  assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/);
  assert.equal((await cloud.two.servers()).length, 6, "another project is not slowed");
});

const broken = () => Promise.reject(new Error("something broke inside"));

test("500: a failure of Ebb's own says only that", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.create();
  t.mock.method(ebb.house.lifecycle, "accept", broken, { times: 1 });
  const answer = await ebb.one.ask("DELETE", pathOf(cloud, id));
  assertError(answer, 500, "iMetal.0099", /^Internal server error$/);
  assert.equal((await one.status(id)).state, "pending");
  assert.equal((await ebb.one.ask("DELETE", pathOf(cloud, id))).status, 204);
});

test("the status is asked of the same kind of caller: 401, 429 and 500 have the same bodies there", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.create();
  const path = `${pathOf(cloud, id)}/status`;
  assertError(await ebb.ask("GET", path), 401, "iMetal.0003", /^Unauthorized/);
  t.mock.method(ebb.house.lifecycle, "get", () => Promise.reject(new Error("broken")), { times: 1 });
  assertError(await ebb.one.ask("GET", path), 500, "iMetal.0099", /^Internal server error$/);
  assertError(await ebb.one.ask("GET", `${pathOf(cloud, NOBODY)}/status`), 404, "iMetal.0200", new RegExp(NOBODY));
});
