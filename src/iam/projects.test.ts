import assert from "node:assert/strict";
import { test } from "node:test";
import { startEbb } from "../../test/harness.ts";
import {
  ACCOUNT_ONE,
  ACCOUNT_TWO,
  loginOne,
  PROJECT_ONE,
  PROJECT_TWO,
  passwordLogin,
  send,
  sendSigned,
  tokenFrom,
  USER_TWO,
} from "./iam-testing.ts";
import { MOST_PROJECTS } from "./routes/create-project.ts";

const REGION = PROJECT_ONE.name;

function expected(url: string, more: object = {}) {
  const { id, name } = PROJECT_ONE;
  const links = { self: `${url}/v3/projects/${id}` };
  const flags = { enabled: true, is_domain: false };
  return { id, name, domain_id: ACCOUNT_ONE.id, parent_id: ACCOUNT_ONE.id, description: "", ...flags, links, ...more };
}

test("the project of a region is found by its name, signed as the SDKs do it", async (t) => {
  const { url } = await startEbb(t);
  const answer = await sendSigned(url, "GET", `/v3/projects?name=${REGION}`, { body: "{}" });
  assert.equal(answer.status, 200);
  const links = { self: `${url}/v3/projects?name=${REGION}`, previous: null, next: null };
  assert.deepEqual(answer.body, { projects: [expected(url)], links });
});

test("each filter of the projects counts, and nothing found is an empty list", async (t) => {
  const { one } = await startEbb(t);
  const sub = { name: `${REGION}_sub`, parent_id: PROJECT_ONE.id };
  assert.equal((await one.ask("POST", "/v3/projects", { project: sub })).status, 201);
  const names = async (query: string) => {
    const { status, body } = await one.ask("GET", `/v3/projects?${query}`);
    assert.equal(status, 200, query);
    return body.projects.map((project: { name: string }) => project.name);
  };
  const all = [REGION, sub.name];
  assert.deepEqual(await names(""), all);
  assert.deepEqual(await names(`domain_id=${ACCOUNT_ONE.id}&enabled=true&is_domain=false`), all);
  assert.deepEqual(await names(`parent_id=${ACCOUNT_ONE.id}`), [REGION]);
  assert.deepEqual(await names(`parent_id=${PROJECT_ONE.id}`), [sub.name]);
  assert.deepEqual(await names("page=1&per_page=1"), [REGION]);
  assert.deepEqual(await names("page=2&per_page=1"), [sub.name]);
  for (const query of [
    "enabled=false",
    "is_domain=true",
    "name=eu",
    "page=3&per_page=1",
    `domain_id=${ACCOUNT_TWO.id}`,
  ]) {
    assert.deepEqual(await names(query), [], query);
  }
  for (const query of ["page=0", "per_page=5001", "per_page=x", "enabled=maybe", "name=%00"]) {
    const { status, body } = await one.ask("GET", `/v3/projects?${query}`);
    assert.deepEqual([status, body.error.code, body.error.title], [400, 400, "Bad Request"], query);
    assert.match(body.error.message, /^Invalid input for field '/);
  }
});

test("each account sees its own projects and domain, and no other's", async (t) => {
  const { url, one, two } = await startEbb(t);
  for (const [asker, account, project] of [
    [one, ACCOUNT_ONE, PROJECT_ONE],
    [two, ACCOUNT_TWO, PROJECT_TWO],
  ] as const) {
    for (const path of ["/v3/projects", "/v3/auth/projects", `/v3/projects?name=${REGION}`]) {
      const { projects } = (await asker.ask("GET", path)).body;
      assert.deepEqual(
        projects.map((found: { id: string }) => found.id),
        [project.id],
        path,
      );
    }
    const { id, name } = account;
    const domain = { id, name, description: "", enabled: true, links: { self: `${url}/v3/domains/${id}` } };
    const links = { self: `${url}/v3/auth/domains` };
    assert.deepEqual((await asker.ask("GET", "/v3/auth/domains")).body, { domains: [domain], links });
  }
});

test("a project is made inside the region's, and is there at once for scopes and signatures", async (t) => {
  const { url, one } = await startEbb(t);
  const name = `${REGION}_sub`;
  const made = await one.ask("POST", "/v3/projects", {
    project: { name, parent_id: PROJECT_ONE.id, description: "x" },
  });
  assert.equal(made.status, 201);
  const { id, links, ...rest } = made.body.project;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(links.self, `${url}/v3/projects/${id}`);
  const flags = { enabled: true, is_domain: false };
  assert.deepEqual(rest, { name, domain_id: ACCOUNT_ONE.id, parent_id: PROJECT_ONE.id, description: "x", ...flags });
  await tokenFrom(url, loginOne({ project: { id } }));
  const again = await one.ask("POST", "/v3/projects", { project: { name, parent_id: PROJECT_ONE.id } });
  assert.deepEqual([again.status, again.body.error.title], [409, "Conflict"]);
});

test("a project of another name, parent or account is refused", async (t) => {
  const { one } = await startEbb(t);
  for (const [project, status] of [
    [{ name: "elsewhere", parent_id: PROJECT_ONE.id }, 400],
    [{ name: "elsewhere" }, 400],
    [{ name: `${REGION}_${"x".repeat(64)}`, parent_id: PROJECT_ONE.id }, 400],
    [{ parent_id: PROJECT_ONE.id }, 400],
    [{ name: `${REGION}_x`, parent_id: PROJECT_TWO.id }, 404],
    [{ name: `${REGION}_x`, parent_id: PROJECT_ONE.id, domain_id: ACCOUNT_TWO.id }, 403],
  ] as const) {
    const answer = await one.ask("POST", "/v3/projects", { project });
    assert.equal(answer.status, status, JSON.stringify(project));
    assert.equal(answer.body.error.code, status);
  }
  assert.equal((await one.ask("GET", "/v3/projects")).body.projects.length, 1);
});

test("an account without the region's project gets it by name and domain alone, as the SDK asks", async (t) => {
  const own = [{ name: "elsewhere", id: PROJECT_ONE.id }];
  const accounts = [{ ...ACCOUNT_ONE, projects: own }, ACCOUNT_TWO];
  const { one } = await startEbb(t, { settings: { accounts } });
  const made = await one.ask("POST", "/v3/projects", { project: { name: REGION, domain_id: ACCOUNT_ONE.id } });
  assert.equal(made.status, 201);
  assert.equal(made.body.project.parent_id, ACCOUNT_ONE.id);
});

test("an account has no more projects than the bound", async (t) => {
  const { one } = await startEbb(t);
  const make = async (n: number) =>
    (await one.ask("POST", "/v3/projects", { project: { name: `${REGION}_${n}` } })).status;
  const statuses = await Promise.all(Array.from({ length: MOST_PROJECTS + 1 }, (_, n) => make(n)));
  assert.equal(statuses.filter((status) => status === 201).length, MOST_PROJECTS - 1);
  assert.equal(statuses.filter((status) => status === 403).length, 2);
});

test("regions and the catalog say where everything is", async (t) => {
  const { url, one, services } = await startEbb(t);
  const { regions } = (await one.ask("GET", "/v3/regions")).body;
  assert.deepEqual(
    regions.map(({ id, type }: Record<string, string>) => [id, type]),
    [[REGION, "public"]],
  );
  const { catalog, links } = (await one.ask("GET", "/v3/auth/catalog")).body;
  assert.equal(links.self, `${url}/v3/auth/catalog`);
  const names = catalog.map((entry: { name: string }) => entry.name);
  const others = services.map((service) => service.name).filter((name) => name !== "iam");
  assert.deepEqual(names, ["iam", "keystone", ...others]);
  for (const { endpoints } of catalog) assert.ok(endpoints[0].url.startsWith(url));
});

test("the catalog is refused to a token of the whole account", async (t) => {
  const { url } = await startEbb(t);
  const headers = { "x-auth-token": await tokenFrom(url, loginOne()) };
  const answer = await send(url, "GET", "/v3/auth/catalog", { headers });
  assert.equal(answer.status, 403);
  const message = "You have no right to do this action";
  assert.deepEqual(answer.body, { error: { message, code: 403, title: "Forbidden" } });
});

test("a user does what its policies allow, and nothing else", async (t) => {
  const policies = [{ Version: "5.0", Statement: [{ Effect: "Allow", Action: ["iam:projects:list*"] }] }];
  const accounts = [ACCOUNT_ONE, { ...ACCOUNT_TWO, users: [{ ...USER_TWO, policies }] }];
  const { url, two } = await startEbb(t, { settings: { accounts } });
  assert.equal((await two.ask("GET", "/v3/projects")).status, 200);
  const denied = await two.ask("POST", "/v3/projects", { project: { name: `${REGION}_x` } });
  assert.equal(denied.status, 403);
  assert.equal(denied.body.error.message, "You have no right to do this action");
  const headers = { "x-auth-token": two.token, "x-subject-token": two.token };
  const { token } = (await send(url, "GET", "/v3/auth/tokens", { headers })).body;
  assert.deepEqual(token.roles, []);
});

test("of another user in the account, only who is allowed checks or ends a token", async (t) => {
  const limited = {
    ...USER_TWO,
    id: "b6".repeat(16),
    name: "limited",
    access_key: "TESTACCESSKEYSIX0006",
    policies: [],
  };
  const accounts = [{ ...ACCOUNT_ONE, users: [...ACCOUNT_ONE.users, limited] }, ACCOUNT_TWO];
  const { url, one } = await startEbb(t, { settings: { accounts } });
  const theirs = await tokenFrom(url, passwordLogin(limited.name, limited.password, ACCOUNT_ONE.name));
  const answer = async (method: string, token: string, subject: string) => {
    const headers = { "x-auth-token": token, "x-subject-token": subject };
    return (await send(url, method, "/v3/auth/tokens", { headers })).status;
  };
  assert.equal(await answer("GET", theirs, one.token), 403);
  assert.equal(await answer("DELETE", theirs, one.token), 403);
  assert.equal(await answer("GET", theirs, theirs), 200);
  assert.equal(await answer("DELETE", one.token, theirs), 204);
  assert.equal(await answer("GET", one.token, one.token), 200);
});
