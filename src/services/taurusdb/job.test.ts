import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS } from "../../../test/harness.ts";
import { A_WHILE, type Answer, assertRefused, type Databases, startDatabases } from "./taurusdb-testing.ts";

const DAY = 24 * 3_600_000;

/** Asks for a job with a token of now: the one that a test begins with lasts for a day. */
async function jobLater({ ebb, base }: Databases, id: string): Promise<Answer> {
  const [{ name, users, projects }] = ACCOUNTS as [(typeof ACCOUNTS)[0]];
  const user = { name: users[0]?.name, password: users[0]?.password, domain: { name } };
  const identity = { methods: ["password"], password: { user } };
  const scope = { project: { id: projects[0]?.id } };
  const { headers } = await ebb.ask("POST", "/v3/auth/tokens", { auth: { identity, scope } });
  return ebb.ask("GET", `${base}/jobs?id=${id}`, undefined, { "x-auth-token": headers.get("x-subject-token") ?? "" });
}

test("a job says what it is for, how far it is and when it ended", async (t) => {
  const { ebb, instances, job } = await startDatabases(t);
  const { body } = await instances.create();
  const { id } = body.instance;
  const started = (await job(body.job_id)).body;
  assert.deepEqual(started, {
    job: {
      id: body.job_id,
      name: "CreateGaussDBforMySQLInstance",
      status: "Running",
      created: "2026-01-05T08:00:00+0000",
      ended: "",
      process: "0%",
      instance: { id, name: "orders-db" },
      entities: started.job.entities,
      fail_reason: "",
    },
  });
  await ebb.pass(60_000);
  assert.equal((await job(body.job_id)).body.job.process, "50%");
  await ebb.pass(A_WHILE);
  const done = (await job(body.job_id)).body.job;
  assert.deepEqual([done.status, done.process], ["Completed", ""]);
  assert.match(done.ended, /^2026-01-05T08:09:\d\d\+0000$/);
  const { nodes, private_write_ips } = (await instances.show(id)).body.instance;
  assert.deepEqual(done.entities, {
    instance: {
      endpoint: `${private_write_ips[0]}:3306`,
      type: "Cluster",
      datastore: { type: "gaussdb-mysql", version: "8.0.22" },
    },
    resource_ids: [`${nodes[0].id}.vm`, `${nodes[1].id}.vm`, `${id}.volume`],
  });
});

test("a job can be read for 30 days after its end, also when its database is gone", async (t) => {
  const it = await startDatabases(t);
  const { ebb, instances, proxies, job } = it;
  const id = await instances.up();
  await proxies.up(id);
  const closed = await proxies.delete(id);
  await ebb.pass(A_WHILE);
  const deleted = await instances.delete(id);
  await ebb.pass(A_WHILE);
  const ended = Date.parse((await job(closed.body.job_id)).body.job.ended.replace("+0000", "Z"));
  await ebb.pass(ended + 30 * DAY - ebb.clock.now());
  const last = (await jobLater(it, closed.body.job_id)).body.job;
  assert.deepEqual([last.status, last.instance], ["Completed", { id, name: "orders-db" }]);
  await ebb.pass(1);
  assertRefused(await jobLater(it, closed.body.job_id), 400, "200543");
  assert.equal((await jobLater(it, deleted.body.job_id)).status, 200);
  await ebb.house.lifecycle.scan();
  assert.equal((await jobLater(it, deleted.body.job_id)).status, 200);
  await ebb.pass(2 * A_WHILE);
  assertRefused(await jobLater(it, deleted.body.job_id), 400, "200543");
});

test("a job that never ends can be read for ever", async (t) => {
  const it = await startDatabases(t);
  const { ebb, instances, proxies } = it;
  const id = await instances.up();
  await proxies.up(id);
  t.mock.method(ebb.house.drivers.databases, "look", async () => ({ is: "changing", again: 10 * 60_000 }));
  const { body } = await proxies.delete(id);
  await ebb.settle();
  ebb.clock.advance(40 * DAY);
  assert.equal((await jobLater(it, body.job_id)).body.job.status, "Running");
});

test("a job that does not exist is unknown, and one without an id is a parameter error", async (t) => {
  const { ebb, base, ask, instances, job } = await startDatabases(t);
  for (const id of ["3f6a1d20-8b4e-4c57-9f12-6d0e5b7a9c31", "x"]) assertRefused(await job(id), 400, "200543");
  assertRefused(await ask("GET", `${base}/jobs`), 400, "280001");
  assertRefused(await ask("GET", `${base}/jobs?id=`), 400, "280001");
  const { body } = await instances.create();
  const theirs = `/v3/${ebb.two.projectId}/jobs?id=${body.job_id}`;
  assertRefused(await ebb.two.ask("GET", theirs), 400, "200543");
});

test("what another service started is no job here", async (t) => {
  const { ebb, job } = await startDatabases(t);
  const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: "not-a-database" });
  const [operation] = await ebb.house.lifecycle.operations(body.id);
  assert.ok(operation);
  assertRefused(await job(operation.jobId), 400, "200543");
});
