import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, startNotebooks } from "../notebooks.ts";

/** The instance that the document's samples name. Ebb gives out ids that begin with `DE-`, and looks up any. */
const SAMPLE_ID = "6fa459ea-ee8a-3ca4-894e-db77e160355e";
const SAMPLE_FAILURE = { error_message: "The instance does not exist.", error_code: "ModelArts.6309" };

test("DELETE /v1/{project_id}/demanager/instances/{instance_id} answers 200 and the instance's id alone", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  const answer = await it.ebb.one.ask("DELETE", `/v1/${it.ebb.one.projectId}/demanager/instances/${id}`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json; charset=utf-8$/i);
  assert.match(answer.headers.get("x-request-id") ?? "", /.+/);
  assert.deepEqual(answer.body, { instance_id: id });
  assert.equal(typeof answer.body.instance_id, "string");
});

test("the instance is gone after it, with its container and its storage", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped({ spec: { storage: { type: "evs" } } });
  await it.remove(id);
  await it.ebb.pass(A_WHILE);
  assert.equal((await it.show(id)).body.error_code, SAMPLE_FAILURE.error_code);
  assert.equal((await it.list()).body.total_count, 0);
  await it.assertNothingLeft();
});

test("the sample's instance does not exist, and the answer is the failed sample", async (t) => {
  const it = await startNotebooks(t);
  const answer = await it.remove(SAMPLE_ID);
  assert.equal(answer.status, 400);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  const { error_msg, ...rest } = answer.body;
  assert.deepEqual(rest, SAMPLE_FAILURE);
  assert.equal(error_msg, SAMPLE_FAILURE.error_message);
});

test("instance_id is any text: an unknown one is answered with the failed sample whatever it looks like", async (t) => {
  const it = await startNotebooks(t);
  const real = await it.stopped();
  for (const id of [`DE-${SAMPLE_ID}`, real.toUpperCase(), "1", "%E7%AC%94", "a b", "x".repeat(200)]) {
    const answer = await it.remove(encodeURI(id));
    assert.equal(answer.status, 400, id);
    assert.equal(answer.body.error_code, SAMPLE_FAILURE.error_code, id);
  }
  assert.equal(await it.status(real), "STOPPED");
});

test("instance_id is mandatory", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  for (const path of [it.url(), `${it.url()}/`]) {
    const answer = await it.ebb.one.ask("DELETE", path);
    assert.equal(answer.status, 404);
    assert.equal(typeof answer.body.error_code, "string");
    assert.equal(typeof answer.body.error_msg, "string");
  }
  assert.equal(await it.status(id), "STOPPED");
});

test("project_id is mandatory, and must be the project of the credentials", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  const { ask, projectId } = it.ebb.one;
  for (const project of ["", "another", projectId.toUpperCase(), it.ebb.two.projectId]) {
    const answer = await ask("DELETE", `/v1/${project}/demanager/instances/${id}`);
    assert.equal(answer.status, 403, project);
    assert.equal(answer.body.error_code, "ModelArts.0210", project);
  }
  assert.equal(await it.status(id), "STOPPED");
});

test("there is no request body: one that is sent does not matter", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.stopped();
  const answer = await it.ebb.one.ask("DELETE", it.url(id), "not json {");
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, { instance_id: id });
});
