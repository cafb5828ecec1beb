import assert from "node:assert/strict";
import { test } from "node:test";
import { NOBODY, startFabric } from "./fabric-testing.ts";

test("tags are set, overwritten, taken off and listed", async (t) => {
  const { hands, one } = await startFabric(t);
  const workspace = await hands.workspace();
  const base = `/v1/${one.projectId}/fabric-workspace/${workspace}/tags`;
  const create = (tags: object[]) => hands.ask("POST", `${base}/create`, { tags });
  const set = await create([{ key: "team", value: "blue" }, { key: "环境 a_.:/=+-@" }]);
  assert.deepEqual([set.status, set.text], [204, ""]);
  assert.equal((await create([{ key: "team", value: "red" }])).status, 204);
  const sys_tags = [{ key: "_sys_enterprise_project_id", value: "0" }];
  const tags = [
    { key: "team", value: "red" },
    { key: "环境 a_.:/=+-@", value: "" },
  ];
  assert.deepEqual((await hands.ask("GET", base)).body, { tags, sys_tags });
  assert.deepEqual((await hands.ask("GET", `${base}?offset=1&limit=1`)).body.tags, [tags[1]]);
  assert.deepEqual((await hands.ask("GET", "/v1/workspaces")).body.workspaces[0].tags, tags);
  const removed = [{ key: "team", value: "blue" }, { key: "环境 a_.:/=+-@" }, { key: "never there!" }];
  assert.equal((await hands.ask("POST", `${base}/delete`, { tags: removed })).status, 204);
  assert.deepEqual((await hands.ask("GET", base)).body.tags, [tags[0]], "a value that differs is another tag");
});

const many = (count: number, from = 0) => Array.from({ length: count }, (_, at) => ({ key: `k${from + at}` }));

test("what the table of codes refuses is refused with its code, and changes nothing", async (t) => {
  const { hands, one, two } = await startFabric(t);
  const workspace = await hands.workspace();
  const base = `/v1/${one.projectId}/fabric-workspace`;
  const sys_tags = [{ key: "_sys_enterprise_project_id", value: "7" }];
  const refused: [string, object, number, string][] = [
    ["tags/create", { tags: [{ key: "a" }, { key: "a" }] }, 400, "dataartsfabric.00010026"],
    ["tags/create", { sys_tags }, 400, "dataartsfabric.00010035"],
    ["tags/delete", { sys_tags }, 400, "dataartsfabric.00010034"],
    ["tags/create", { tags: many(21) }, 400, "common.01000001"],
    ["tags/create", { tags: [] }, 400, "common.01000001"],
    ["tags/create", { tags: [{ key: "k".repeat(129) }] }, 400, "common.01000001"],
    ["tags/create", { tags: [{ key: "k", value: "v".repeat(256) }] }, 400, "common.01000001"],
    ["tags/delete", { tags: [{ key: "" }] }, 400, "common.01000001"],
  ];
  for (const [path, body, status, code] of refused) {
    const answer = await hands.ask("POST", `${base}/${workspace}/${path}`, body);
    assert.deepEqual([answer.status, answer.body.error_code], [status, code], answer.text);
  }
  assert.equal((await hands.ask("POST", `${base}/${workspace}/tags/create`, { tags: many(20) })).status, 204);
  const over = await hands.ask("POST", `${base}/${workspace}/tags/create`, { tags: many(1, 20) });
  assert.equal(over.status, 400, "a workspace has a most of tags");
  assert.equal((await hands.ask("GET", `${base}/${workspace}/tags`)).body.tags.length, 20);
  assert.equal((await hands.ask("POST", `${base}/${NOBODY}/tags/create`, { tags: many(1) })).status, 404);
  const other = await hands.ask("GET", `/v1/${two.projectId}/fabric-workspace/${workspace}/tags`);
  assert.deepEqual([other.status, other.body.error_code], [403, 403], "another project's path");
});

test("workspaces are found and counted by their tags, and the project's tags are listed together", async (t) => {
  const { hands, others, one } = await startFabric(t);
  const make = async (name: string, tags: object[], eps = "0") =>
    hands.ask("POST", "/v1/workspaces", { name, tags, enterprise_project_id: eps });
  await make("alpha", [{ key: "team", value: "blue" }, { key: "tier" }]);
  await make("beta", [{ key: "team", value: "red" }], "eps-7");
  await make("gamma", []);
  await others.workspace("delta");
  const base = `/v1/${one.projectId}/fabric-workspace`;
  const found = async (body: object, query = "") => {
    const filtered = await hands.ask("POST", `${base}/resource-instances/filter${query}`, body);
    const counted = await hands.ask("POST", `${base}/resource-instances/count`, body);
    assert.equal(filtered.status, 200, filtered.text);
    assert.deepEqual(counted.body, { total_count: filtered.body.total_count });
    return filtered.body.resources.map((each: { resource_name: string }) => each.resource_name);
  };
  assert.deepEqual(await found({}), ["alpha", "beta", "gamma"]);
  assert.deepEqual(await found({}, "?offset=1&limit=1"), ["beta"]);
  assert.deepEqual(await found({ tags: [{ key: "team" }] }), ["alpha", "beta"]);
  assert.deepEqual(await found({ tags: [{ key: "team", values: ["red", "green"] }] }), ["beta"]);
  assert.deepEqual(await found({ tags: [{ key: "team" }, { key: "tier", values: [] }] }), ["alpha"]);
  assert.deepEqual(await found({ without_any_tag: true, tags: [{ key: "team" }] }), ["gamma"]);
  assert.deepEqual(await found({ matches: [{ key: "resource_name", value: "AM" }] }), ["gamma"]);
  assert.deepEqual(await found({ sys_tags: [{ key: "_sys_enterprise_project_id", values: ["eps-7"] }] }), ["beta"]);
  const { body } = await hands.ask("POST", `${base}/resource-instances/filter`, {
    matches: [{ key: "resource_name", value: "beta" }],
  });
  const [{ resource_id, ...beta }] = body.resources;
  assert.match(resource_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(beta, {
    resource_detail: {},
    resource_name: "beta",
    tags: [{ key: "team", value: "red" }],
    sys_tags: [{ key: "_sys_enterprise_project_id", value: "eps-7" }],
  });
  const twice = await hands.ask("POST", `${base}/resource-instances/filter`, {
    tags: [{ key: "a", values: ["x", "x"] }],
  });
  assert.deepEqual([twice.status, twice.body.error_code], [400, "dataartsfabric.00010028"]);
  const listed = await hands.ask("GET", `${base}/tags?use_predefine_tags=false`);
  assert.deepEqual(listed.body.tags, [
    { key: "team", values: ["blue", "red"] },
    { key: "tier", values: [""] },
  ]);
  assert.equal((await hands.ask("GET", `${base}/tags`)).status, 400, "use_predefine_tags is mandatory");
});
