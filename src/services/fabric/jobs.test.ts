import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Refusal } from "../../drivers/port.ts";
import { A_WHILE, type Fabric, NOBODY, startFabric } from "./fabric-testing.ts";

interface Start {
  fabric: Fabric;
  workspace: string;
  base: string;
  /** A running endpoint on which jobs run. */
  ray: string;
}

async function start(t: TestContext): Promise<Start> {
  const fabric = await startFabric(t);
  const workspace = await fabric.hands.workspace();
  const ray = await fabric.hands.endpoint(workspace, { name: "ray ep", type: "ray" });
  await fabric.pass(A_WHILE);
  return { fabric, workspace, base: `/v1/workspaces/${workspace}/jobs`, ray };
}

const version = { name: "v1", config: { ray_job_config: { entrypoint: "python main.py" } } };

test("a job is made with its first version, listed, changed, and deleted at once", async (t) => {
  const { fabric, workspace, base, ray } = await start(t);
  const { hands } = fabric;
  const asked = { name: "夜 job-1", type: "RAY_JOB", description: "d", current_endpoint_id: ray, version };
  const made = await hands.ask("POST", base, asked);
  assert.equal(made.status, 200, made.text);
  const { id, version_id } = made.body;
  const user = { domain_name: "acct-one", domain_id: "1".repeat(32), user_name: "one", user_id: "a1".repeat(16) };
  const time = "2026-01-05T08:10:00.000Z";
  const current_version = { id: version_id, description: "", ...version, create_time: time, create_user: user };
  const job = {
    visibility: "PRIVATE",
    id,
    name: "夜 job-1",
    description: "d",
    workspace_id: workspace,
    type: "RAY_JOB",
    create_time: time,
    update_time: time,
    current_version,
    current_endpoint_id: ray,
    create_user: user,
    update_user: user,
  };
  assert.deepEqual((await hands.ask("GET", base)).body, { total: 1, jobs: [job] });
  assert.deepEqual((await hands.ask("GET", `${base}/${id}/versions`)).body, { total: 1, versions: [current_version] });

  const added = await hands.ask("PUT", `${base}/${id}`, { name: "j2", version: { ...version, name: "v2" } });
  assert.equal(added.status, 200, added.text);
  assert.notEqual(added.body.version_id, version_id);
  const back = await hands.ask("PUT", `${base}/${id}`, { current_version_id: version_id });
  assert.deepEqual(back.body, { id, version_id });
  const [changed] = (await hands.ask("GET", `${base}?id=${id}`)).body.jobs;
  assert.deepEqual([changed.name, changed.current_version.name], ["j2", "v1"]);
  const dropped = await hands.ask("DELETE", `${base}/${id}/versions/${version_id}`);
  assert.deepEqual([dropped.status, dropped.text], [200, ""]);
  assert.equal((await hands.ask("GET", base)).body.jobs[0].current_version.name, "v2", "the latest that is left");

  const deleted = await hands.ask("DELETE", `${base}/${id}`);
  assert.deepEqual([deleted.status, deleted.text], [200, ""]);
  assert.deepEqual((await hands.ask("GET", base)).body, { total: 0, jobs: [] });
  assert.equal((await hands.ask("DELETE", `${base}/${id}`)).status, 404);
});

test("each type of job needs its own configuration, within the documented ranges", async (t) => {
  const { fabric, base } = await start(t);
  const python_job_config = { resource_spec: "dpu.d1x", main_file_name: "main.py", user_log_path: "obs://logs/" };
  const spark_job_config = { driver_resource_spec: "dpu.d1x", executor_resource_spec: "dpu.d1x", num_executors: 2 };
  const { ray_job_config } = version.config;
  const post = async (type: string, config: object) =>
    fabric.hands.ask("POST", base, { name: "j", type, version: { name: "v1", config } });
  assert.equal((await post("PYTHON_JOB", { python_job_config })).status, 200);
  assert.equal((await post("SPARK_JOB", { spark_job_config })).status, 200);
  const limits = { timeout_seconds: 8_640_000, max_retries: 100, max_concurrent_runs: 100, queue: true };
  assert.equal((await post("RAY_JOB", { ray_job_config, ...limits })).status, 200);
  const wrong: [string, object][] = [
    ["RAY_JOB", {}],
    ["RAY_JOB", { python_job_config }],
    ["RAY_JOB", { ray_job_config, spark_job_config }],
    ["RAY_JOB", { ray_job_config: {} }],
    ["PYTHON_JOB", { python_job_config: { main_file_name: "main.py" } }],
    ["SPARK_JOB", { spark_job_config: { ...spark_job_config, num_executors: 2001 } }],
    ["RAY_JOB", { ray_job_config, timeout_seconds: 8_640_001 }],
    ["RAY_JOB", { ray_job_config, max_retries: 101 }],
    ["RAY_JOB", { ray_job_config, max_concurrent_runs: 0 }],
    ["COBOL_JOB", { ray_job_config }],
  ];
  for (const [type, config] of wrong) {
    const answer = await post(type, config);
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"], `${type} ${answer.text}`);
  }
  const lost = await fabric.hands.ask("POST", base, {
    name: "j",
    type: "RAY_JOB",
    version,
    current_endpoint_id: NOBODY,
  });
  assert.equal(lost.status, 404);
});

test("lists are filtered and sorted, and can be of the caller's own jobs", async (t) => {
  const { fabric, workspace, base, ray } = await start(t);
  const { id } = await fabric.hands.job(workspace);
  fabric.clock.advance(1_000);
  const other = { name: "another", type: "RAY_JOB", version, current_endpoint_id: ray };
  const { body } = await fabric.hands.ask("POST", base, other);
  const found = async (query: string) =>
    (await fabric.hands.ask("GET", `${base}?${query}`)).body.jobs.map((job: { id: string }) => job.id);
  assert.deepEqual(await found(""), [body.id, id]);
  assert.deepEqual(await found("sort_by=NAME&order_by=DESC"), [id, body.id]);
  assert.deepEqual(await found(`endpoint_id=${ray}`), [body.id]);
  assert.deepEqual(await found("type=SPARK_JOB"), []);
  assert.deepEqual(await found("create_by_me=true"), [body.id, id]);
  assert.deepEqual(await found("name=NIGHT&create_by_me=false"), [id]);
});

test("a job with runs that go on is refused, and the message names them; ended ones go with it", async (t) => {
  const { fabric, workspace, base, ray } = await start(t);
  const { hands } = fabric;
  const { id: job, version_id } = await hands.job(workspace, { max_concurrent_runs: 2 });
  const ended = await hands.run(workspace, ray, job);
  await fabric.pass(A_WHILE);
  const going = await hands.run(workspace, ray, job);
  await fabric.settle();
  const used = { job: `${base}/${job}`, "job version": `${base}/${job}/versions/${version_id}` };
  for (const [what, at] of Object.entries(used)) {
    const answer = await hands.ask("DELETE", at);
    assert.match(answer.body.error_msg, new RegExp(`^the ${what} cannot be deleted`));
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"]);
    assert.match(answer.body.error_msg, new RegExp(going));
    assert.doesNotMatch(answer.body.error_msg, new RegExp(ended));
  }
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("DELETE", `${base}/${job}`)).status, 200);
  assert.deepEqual((await hands.ask("GET", `${base}/runs`)).body, { total: 0, job_runs: [] });
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${ray}`)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal((await hands.ask("DELETE", `/v1/workspaces/${workspace}`)).status, 200);
  await fabric.mustBeClean();
});

test("what a failed run has left in the world goes before its job does", async (t) => {
  const { fabric, workspace, base, ray } = await start(t);
  const { id: job } = await fabric.hands.job(workspace);
  const refusal = new Refusal("the cluster is full", { owner: "the site", hint: "wait", forGood: true });
  const refusing = t.mock.method(fabric.house.drivers.inference, "make", async () => {
    throw refusal;
  });
  const run = await fabric.hands.run(workspace, ray, job);
  await fabric.pass(A_WHILE);
  refusing.mock.restore();
  const { body } = await fabric.hands.ask("GET", `${base}/runs/${run}`);
  assert.deepEqual(
    [body.status, body.error_code, body.error_msg],
    ["FAILED", "common.00000500", "the cluster is full"],
  );
  assert.equal(await fabric.held(), 2, "the endpoint's, and what the run was about to make");
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${job}`)).status, 200);
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${job}`)).status, 200, "again while it goes");
  await fabric.pass(A_WHILE);
  assert.equal((await fabric.hands.ask("GET", base)).body.total, 0);
  assert.equal(await fabric.held(), 1);
});
