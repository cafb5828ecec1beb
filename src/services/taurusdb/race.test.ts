import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, startDatabases } from "./taurusdb-testing.ts";

const AT_ONCE = 8;
const times = <T>(call: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, at) => call(at)));

test("deletions of the same proxies that come together are one job", async (t) => {
  const { ebb, instances, proxies, jobStatus } = await startDatabases(t);
  const id = await instances.up();
  const [a, b] = [await proxies.up(id), await proxies.up(id)];
  const answers = await times((at) => proxies.delete(id, at % 2 === 0 ? [a, b] : [b, a]));
  const jobs = new Set(answers.map(({ status, body }) => `${status} ${body.job_id}`));
  assert.equal(jobs.size, 1);
  for (const proxy of [a, b]) {
    const deletes = (await ebb.house.lifecycle.operations(proxy)).filter((one) => one.verb === "delete");
    assert.equal(deletes.length, 1);
  }
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(answers[0]?.body.job_id), "Completed");
});

test("of proxies that are created together one is accepted", async (t) => {
  const { instances, proxies } = await startDatabases(t);
  const id = await instances.up();
  const statuses = (await times(() => proxies.create(id))).map((one) => one.status);
  assert.deepEqual(
    statuses.toSorted((x, y) => x - y),
    [201, ...Array.from({ length: AT_ONCE - 1 }, () => 409)],
  );
});

test("a database that is deleted while proxies are created ends with none of them", async (t) => {
  const { ebb, base, ask, instances, proxies, assertClean } = await startDatabases(t);
  const id = await instances.up();
  await times((at) => (at === 3 ? instances.delete(id) : proxies.create(id)));
  await ebb.pass(A_WHILE);
  await instances.delete(id);
  await ebb.pass(A_WHILE);
  assert.deepEqual((await ask("GET", `${base}/instances`)).body.instances, []);
  await assertClean();
});
