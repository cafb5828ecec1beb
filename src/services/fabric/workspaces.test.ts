import assert from "node:assert/strict";
import { test } from "node:test";
import { startFabric } from "./fabric-testing.ts";

test("a workspace is answered as it was asked for, and listed until it is deleted", async (t) => {
  const { hands, url } = await startFabric(t);
  const tags = [{ key: "team", value: "blue" }];
  const body = { name: "lab-ws-01", description: "scratch", enterprise_project_id: 0, tags };
  const made = await hands.ask("POST", "/v1/workspaces", body);
  assert.equal(made.status, 200, made.text);
  assert.match(made.body.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(made.body, {
    id: made.body.id,
    name: "lab-ws-01",
    description: "scratch",
    create_time: "2026-01-05T08:00:00.000Z",
    create_domain_name: "acct-one",
    create_user_name: "one",
    metastore_id: "",
    access_url: `${url}/v1/workspaces/${made.body.id}`,
    enterprise_project_id: "0",
    tags,
  });
  assert.deepEqual((await hands.ask("GET", `/v1/workspaces?id=${made.body.id}`)).body.workspaces, [made.body]);
  const change = { name: "lab-ws-02", description: "", metastore_id: "m".repeat(32) };
  const changed = await hands.ask("PUT", `/v1/workspaces/${made.body.id}`, change);
  assert.deepEqual([changed.status, changed.body], [200, { ...made.body, ...change }]);
  assert.equal((await hands.ask("PUT", `/v1/workspaces/${made.body.id}`)).body.name, "lab-ws-02", "no body, no change");
});

test("lists are filtered, paged by record, and count all that match", async (t) => {
  const { hands } = await startFabric(t);
  for (const name of ["alpha-1", "alpha-2", "alpha-3", "beta-1"]) await hands.workspace(name);
  await hands.ask("POST", "/v1/workspaces", { name: "gamma-1", enterprise_project_id: "eps-7" });
  const list = async (query: string) => {
    const { status, body, text } = await hands.ask("GET", `/v1/workspaces?${query}`);
    assert.equal(status, 200, text);
    return [body.total, ...body.workspaces.map(({ name }: { name: string }) => name)];
  };
  assert.deepEqual(await list("name=ALPHA"), [3, "alpha-1", "alpha-2", "alpha-3"]);
  assert.deepEqual(await list("name=alpha&offset=1&limit=1"), [3, "alpha-2"]);
  assert.deepEqual(await list("offset=9"), [5]);
  assert.deepEqual(await list("enterprise_project_id=eps-7"), [1, "gamma-1"]);
  assert.deepEqual(await list("enterprise_project_id=all_granted_eps&limit=1"), [5, "alpha-1"]);
  for (const query of ["limit=0", "limit=101", "offset=-1", "offset=1000000001", "limit=many", "id=a_b"]) {
    const answer = await hands.ask("GET", `/v1/workspaces?${query}`);
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"], query);
  }
});

test("what breaks a rule is refused in the service's words, and makes nothing", async (t) => {
  const { hands } = await startFabric(t);
  const wrong: object[] = [
    {},
    { name: "abc" },
    { name: "a".repeat(33) },
    { name: "under_score" },
    { name: "lab-ws-01", description: "d".repeat(256) },
    { name: "lab-ws-01", metastore_id: "short" },
    { name: "lab-ws-01", enterprise_project_id: "a b" },
    { name: "lab-ws-01", tags: [{ key: "" }] },
    { name: "lab-ws-01", tags: [{ key: "a!" }] },
    { name: 7 },
  ];
  for (const body of wrong) {
    const answer = await hands.ask("POST", "/v1/workspaces", body);
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"], JSON.stringify(body));
    assert.match(answer.body.error_msg, /^failed to read http request, please check your input, code: 400, reason: /);
    assert.ok(answer.body.solution_msg);
  }
  for (const body of ["{", "[]", '"text"', ""]) {
    assert.equal((await hands.ask("POST", "/v1/workspaces", body)).status, 400, body);
  }
  const tags = [{ key: "team" }, { key: "team", value: "x" }];
  const twice = await hands.ask("POST", "/v1/workspaces", { name: "lab-ws-01", tags });
  assert.deepEqual([twice.status, twice.body.error_code], [400, "dataartsfabric.00010026"]);
  assert.equal((await hands.ask("GET", "/v1/workspaces")).body.total, 0);
});

test("a name is one workspace's in its project, also by renaming, and another project's is no matter", async (t) => {
  const { hands, others } = await startFabric(t);
  await hands.workspace("lab-ws-01");
  const second = await hands.workspace("lab-ws-02");
  const again = await hands.ask("POST", "/v1/workspaces", { name: "lab-ws-01" });
  assert.deepEqual([again.status, again.body.error_code], [400, "common.01000001"]);
  assert.match(again.body.error_msg, /lab-ws-01/);
  assert.equal((await hands.ask("PUT", `/v1/workspaces/${second}`, { name: "lab-ws-01" })).status, 400);
  assert.equal((await hands.ask("PUT", `/v1/workspaces/${second}`, { name: "lab-ws-02" })).status, 200, "its own");
  await others.workspace("lab-ws-01");
});

test("a project has a most of workspaces", async (t) => {
  const { hands } = await startFabric(t);
  for (let count = 0; count < 100; count++) await hands.workspace(`lab-ws-${count}`);
  const answer = await hands.ask("POST", "/v1/workspaces", { name: "one-more" });
  assert.equal(answer.status, 400);
  assert.match(answer.body.error_msg, /100 workspaces/);
});
