import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Refusal } from "../../drivers/port.ts";
import { A_WHILE, type Fabric, MINUTE, NOBODY, startFabric } from "./fabric-testing.ts";

interface Start {
  fabric: Fabric;
  workspace: string;
  base: string;
  /** A running endpoint on which jobs run. */
  ray: string;
  job: string;
  version: string;
}

async function start(t: TestContext, config?: object): Promise<Start> {
  const fabric = await startFabric(t);
  const { hands } = fabric;
  const workspace = await hands.workspace();
  const ray = await hands.endpoint(workspace, { name: "ray ep", type: "ray" });
  await fabric.pass(A_WHILE);
  const { id: job, version_id: version } = await hands.job(workspace, config);
  return { fabric, workspace, base: `/v1/workspaces/${workspace}/jobs/runs`, ray, job, version };
}

const statusOf = async ({ hands }: Fabric, path: string): Promise<string> => {
  const answer = await hands.ask("GET", path);
  return answer.status === 200 ? answer.body.status : String(answer.status);
};

test("a run is PENDING, CREATING, RUNNING, and ends by itself, with nothing left in the world", async (t) => {
  const { fabric, base, ray, job, version } = await start(t);
  const asked = { job: { id: job, version_id: version }, name: "run 1", endpoint_id: ray };
  const made = await fabric.hands.ask("POST", base, asked);
  assert.equal(made.status, 200, made.text);
  const path = `${base}/${made.body.id}`;
  await fabric.settle();
  assert.equal(await statusOf(fabric, path), "CREATING");
  await fabric.pass(20_000);
  assert.equal(await statusOf(fabric, path), "RUNNING");
  assert.equal(await fabric.held(), 2);
  await fabric.pass(MINUTE);
  assert.equal((await fabric.hands.ask("GET", path)).body.duration, 60);
  await fabric.pass(A_WHILE);
  const brief = {
    job: { id: job, version_id: version },
    name: "run 1",
    endpoint_id: ray,
    id: made.body.id,
    create_time: "2026-01-05T08:10:00.000Z",
    update_time: "2026-01-05T08:13:25.000Z",
    status: "SUCCEEDED",
    duration: 180,
    type: "RAY_JOB",
    create_user: { domain_name: "acct-one", user_name: "one" },
  };
  assert.deepEqual((await fabric.hands.ask("GET", path)).body, { ...brief, log_path: [] });
  assert.deepEqual((await fabric.hands.ask("GET", base)).body, { total: 1, job_runs: [brief] });
  assert.equal(await fabric.held(), 1, "the endpoint's");
  const deleted = await fabric.hands.ask("DELETE", path);
  assert.deepEqual([deleted.status, deleted.text], [200, ""]);
  assert.equal(await statusOf(fabric, path), "404", "an ended run's record goes at once");
});

test("a further run waits in PENDING for its turn, in order; one that may not wait is refused", async (t) => {
  const { fabric, workspace, base, ray, job } = await start(t);
  const runs: string[] = [];
  for (let count = 0; count < 3; count++) runs.push(await fabric.hands.run(workspace, ray, job));
  const all = () => Promise.all(runs.map((run) => statusOf(fabric, `${base}/${run}`)));
  await fabric.pass(MINUTE);
  assert.deepEqual(await all(), ["RUNNING", "PENDING", "PENDING"]);
  await fabric.pass(3 * MINUTE);
  assert.deepEqual(await all(), ["SUCCEEDED", "RUNNING", "PENDING"]);
  await fabric.pass(A_WHILE);
  assert.deepEqual(await all(), ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
  const { id: hasty } = await fabric.hands.job(workspace, { queue: false, max_concurrent_runs: 2 });
  const first = await fabric.hands.run(workspace, ray, hasty);
  await fabric.hands.run(workspace, ray, hasty);
  const third = await fabric.hands.ask("POST", base, { job: { id: hasty }, name: "r", endpoint_id: ray });
  assert.equal(third.status, 400, third.text);
  assert.match(third.body.error_msg, /2 of 2 runs at a time/);
  await fabric.hands.ask("DELETE", `${base}/${first}`);
  await fabric.pass(MINUTE);
  await fabric.hands.run(workspace, ray, hasty);
});

test("a run that goes on can be cancelled in any state, and ends STOPPED with nothing left", async (t) => {
  const { fabric, workspace, base, ray, job } = await start(t);
  const cancel = async (run: string) => (await fabric.hands.ask("POST", `${base}/${run}/cancel`)).status;
  for (const wait of [0, 1_000, MINUTE]) {
    const run = await fabric.hands.run(workspace, ray, job);
    await fabric.pass(wait);
    assert.equal(await cancel(run), 200);
    await fabric.settle();
    assert.equal(await statusOf(fabric, `${base}/${run}`), "STOPPING");
    assert.equal(await cancel(run), 200, "again is the same");
    await fabric.pass(MINUTE);
    assert.equal(await statusOf(fabric, `${base}/${run}`), "STOPPED");
    assert.equal(await cancel(run), 400, "there is nothing to cancel");
  }
  const [going, waiting] = [await fabric.hands.run(workspace, ray, job), await fabric.hands.run(workspace, ray, job)];
  await fabric.pass(MINUTE);
  assert.equal(await cancel(waiting), 200);
  await fabric.settle();
  assert.deepEqual(
    [await statusOf(fabric, `${base}/${going}`), await statusOf(fabric, `${base}/${waiting}`)],
    ["RUNNING", "STOPPED"],
  );
  await fabric.pass(A_WHILE);
  assert.equal(await fabric.held(), 1);
});

test("a run longer than its time is stopped and FAILED", async (t) => {
  const { fabric, workspace, base, ray, job } = await start(t, { timeout_seconds: 60 });
  const run = await fabric.hands.run(workspace, ray, job);
  await fabric.pass(79_000);
  assert.equal(await statusOf(fabric, `${base}/${run}`), "RUNNING");
  await fabric.pass(A_WHILE);
  const { body } = await fabric.hands.ask("GET", `${base}/${run}`);
  assert.deepEqual([body.status, body.duration, body.error_msg], ["FAILED", 60, "not done after 60 s"]);
  assert.equal(await fabric.held(), 1);
});

test("a run whose place in the world is lost is FAILED, and says so", async (t) => {
  const { fabric, workspace, base, ray, job } = await start(t);
  const run = await fabric.hands.run(workspace, ray, job);
  await fabric.pass(MINUTE);
  await fabric.store.write("test", (tx) => tx.run("DELETE FROM sim_things WHERE type = 'run'"));
  await fabric.pass(A_WHILE);
  const { body } = await fabric.hands.ask("GET", `${base}/${run}`);
  assert.equal(body.status, "FAILED");
  assert.match(body.error_msg, /no longer in the world/);
  assert.equal(await fabric.held(), 1);
});

test("a run needs a job and a running endpoint of its workspace, of a type on which jobs run", async (t) => {
  const { fabric, workspace, base, ray, job } = await start(t);
  const inference = await fabric.hands.endpoint(workspace);
  await fabric.pass(A_WHILE);
  const young = await fabric.hands.endpoint(workspace, { type: "ray" });
  const elsewhere = await fabric.hands.job(await fabric.hands.workspace("lab-ws-02"));
  const good = { job: { id: job }, name: "r", endpoint_id: ray };
  const refused: [object, number][] = [
    [{ endpoint_id: inference }, 400],
    [{ endpoint_id: young }, 400],
    [{ endpoint_id: NOBODY }, 404],
    [{ job: { id: NOBODY } }, 404],
    [{ job: { id: elsewhere.id } }, 404],
    [{ job: { id: job, version_id: elsewhere.version_id } }, 404],
    [{ name: "a/b" }, 400],
  ];
  for (const [change, status] of refused) {
    const answer = await fabric.hands.ask("POST", base, { ...good, ...change });
    assert.equal(answer.status, status, answer.text);
  }
  assert.equal((await fabric.hands.ask("GET", base)).body.total, 0);
});

test("lists are filtered by what a run is of, and where it stands", async (t) => {
  const { fabric, workspace, base, ray, job, version } = await start(t);
  const done = await fabric.hands.run(workspace, ray, job, { name: "early" });
  await fabric.pass(A_WHILE);
  const going = await fabric.hands.run(workspace, ray, job, { name: "late" });
  await fabric.pass(MINUTE);
  const found = async (query: string) => {
    const { body, status, text } = await fabric.hands.ask("GET", `${base}?${query}`);
    assert.equal(status, 200, text);
    return body.job_runs.map(({ id }: { id: string }) => id);
  };
  assert.deepEqual(await found(""), [going, done]);
  assert.deepEqual(await found("sort_by=DURATION&order_by=DESC"), [done, going]);
  assert.deepEqual(await found("status=RUNNING"), [going]);
  assert.deepEqual(await found(`job_id=${job}&version_id=${version}&endpoint_id=${ray}&order_by=ASC`), [done, going]);
  assert.deepEqual(await found("name=EAR&type=RAY_JOB"), [done]);
  assert.deepEqual(await found(`id=${going}`), [going]);
  for (const none of [
    `job_id=${NOBODY}`,
    `version_id=${NOBODY}`,
    `endpoint_id=${NOBODY}`,
    "type=SPARK_JOB",
    "status=DELETED",
  ]) {
    assert.deepEqual(await found(none), []);
  }
  assert.equal((await fabric.hands.ask("GET", `${base}?status=LOST`)).status, 400);
});

test("a run that goes on blocks its endpoint, an ended one does not", async (t) => {
  const { fabric, workspace, ray, job } = await start(t);
  const endpoint = `/v1/workspaces/${workspace}/endpoints/${ray}`;
  const run = await fabric.hands.run(workspace, ray, job);
  for (const wait of [0, MINUTE]) {
    await fabric.pass(wait);
    const answer = await fabric.hands.ask("DELETE", `${endpoint}?is_delete_app_instance=false`);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error_msg, new RegExp(run));
  }
  await fabric.pass(A_WHILE);
  assert.equal((await fabric.hands.ask("DELETE", endpoint)).status, 202);
  await fabric.pass(A_WHILE);
  assert.equal(await statusOf(fabric, endpoint), "404");
  assert.equal(await statusOf(fabric, `/v1/workspaces/${workspace}/jobs/runs/${run}`), "SUCCEEDED", "its record stays");
  await fabric.mustBeClean();
});

test("deleting a ray endpoint with its app instances takes its runs along, and waits for them", async (t) => {
  const { fabric, workspace, base, ray, job } = await start(t, { max_concurrent_runs: 5 });
  const endpoint = `/v1/workspaces/${workspace}/endpoints/${ray}`;
  const ended = await fabric.hands.run(workspace, ray, job);
  await fabric.pass(A_WHILE);
  const going = await fabric.hands.run(workspace, ray, job);
  await fabric.pass(MINUTE);
  const refusal = new Refusal("a shell is open on it", { owner: "the user", hint: "close it", forGood: true });
  const refusing = t.mock.method(fabric.house.drivers.inference, "unmake", async () => {
    throw refusal;
  });
  assert.equal((await fabric.hands.ask("DELETE", `${endpoint}?is_delete_app_instance=true`)).status, 202);
  await fabric.settle();
  assert.deepEqual(
    [await statusOf(fabric, `${base}/${ended}`), await statusOf(fabric, `${base}/${going}`)],
    ["404", "FAILED"],
  );
  await fabric.pass(A_WHILE);
  assert.equal(await statusOf(fabric, endpoint), "DELETING", "not before its runs");
  refusing.mock.restore();
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${going}`)).status, 200);
  await fabric.pass(A_WHILE);
  assert.deepEqual([await statusOf(fabric, endpoint), await statusOf(fabric, `${base}/${going}`)], ["404", "404"]);
  await fabric.mustBeClean();
});

test("the runs of an endpoint are cleared together, those of another stay", async (t) => {
  const { fabric, workspace, base, ray, job } = await start(t, { max_concurrent_runs: 5 });
  const other = await fabric.hands.endpoint(workspace, { type: "job" });
  await fabric.pass(A_WHILE);
  for (let count = 0; count < 2; count++) await fabric.hands.run(workspace, ray, job);
  const kept = await fabric.hands.run(workspace, other, job);
  await fabric.pass(A_WHILE);
  await fabric.hands.run(workspace, ray, job);
  await fabric.pass(MINUTE);
  const clear = `/v1/workspaces/${workspace}/endpoints/${ray}/jobs/runs`;
  assert.equal((await fabric.hands.ask("DELETE", clear)).status, 200);
  const { body } = await fabric.hands.ask("GET", base);
  assert.deepEqual(
    body.job_runs.map(({ id, status }: { id: string; status: string }) => (id === kept ? "kept" : status)),
    ["DELETING", "kept"],
  );
  await fabric.pass(A_WHILE);
  assert.equal((await fabric.hands.ask("GET", base)).body.total, 1);
  assert.equal((await fabric.hands.ask("DELETE", clear.replace(ray, NOBODY))).status, 404);
});
