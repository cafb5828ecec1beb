import assert from "node:assert/strict";
import { test } from "node:test";
import { START, startEbb } from "../../test/harness.ts";
import { isoMicros } from "../wire/index.ts";
import {
  ACCOUNT_ONE,
  ACCOUNT_TWO,
  keyLogin,
  loginOne,
  loginTwo,
  MINUTE,
  PROJECT_ONE,
  PROJECT_TWO,
  passwordLogin,
  postTokens,
  send,
  tokenFrom,
  USER_ONE,
} from "./iam-testing.ts";

const DAY = 24 * 60 * MINUTE;
const DOMAIN_ONE = { id: ACCOUNT_ONE.id, name: ACCOUNT_ONE.name };
const ROLES = [
  { id: "0", name: "te_admin" },
  { id: "0", name: "secu_admin" },
];
const UNAUTHORIZED = (message: string) => ({ error: { message, code: 401, title: "Unauthorized" } });
const NOT_FOUND = (message: string) => ({ error: { message, code: 404, title: "Not Found" } });

test("a password gives a project token with the documented body", async (t) => {
  const { url } = await startEbb(t);
  const answer = await postTokens(url, loginOne({ project: { id: PROJECT_ONE.id } }));
  assert.equal(answer.status, 201);
  assert.match(String(answer.headers["x-subject-token"]), /^MII[\x21-\x7e]{40,}$/);
  assert.deepEqual(answer.body, {
    token: {
      expires_at: isoMicros(START + DAY),
      methods: ["password"],
      catalog: [],
      project: { ...PROJECT_ONE, domain: DOMAIN_ONE },
      roles: ROLES,
      issued_at: isoMicros(START),
      user: { id: USER_ONE.id, name: USER_ONE.name, password_expires_at: "", domain: DOMAIN_ONE },
    },
  });
});

test("answers about tokens are kept by nobody, and are traced", async (t) => {
  const { url } = await startEbb(t);
  for (const body of [loginOne(), "{"]) {
    const { headers } = await postTokens(url, body);
    assert.equal(headers["cache-control"], "no-cache, no-store, must-revalidate");
    assert.equal(headers.expires, "Thu, 01 Jan 1970 00:00:00 GMT");
    assert.equal(headers["x-iam-trace-id"], `token_eu-local-1_null_${String(headers["x-request-id"])}`);
  }
});

test("the scope decides: a project by id or name, the account, and a project before the account", async (t) => {
  const { url } = await startEbb(t);
  const scoped = async (scope?: object) => {
    const { token } = (await postTokens(url, loginOne(scope))).body;
    return { project: token.project?.id, domain: token.domain?.id };
  };
  const inProject = { project: PROJECT_ONE.id, domain: undefined };
  const inAccount = { project: undefined, domain: ACCOUNT_ONE.id };
  assert.deepEqual(await scoped({ project: { name: PROJECT_ONE.name } }), inProject);
  assert.deepEqual(await scoped({ project: { id: PROJECT_ONE.id }, domain: { name: ACCOUNT_ONE.name } }), inProject);
  assert.deepEqual(await scoped({ domain: { id: ACCOUNT_ONE.id } }), inAccount);
  assert.deepEqual(await scoped({ domain: { name: ACCOUNT_ONE.name } }), inAccount);
  assert.deepEqual(await scoped({}), inAccount);
  assert.deepEqual(await scoped(), inAccount);
});

test("another account in the scope is no more there than one that never was", async (t) => {
  const { url } = await startEbb(t);
  for (const [scope, message] of [
    [{ project: { id: PROJECT_TWO.id } }, `Could not find project: ${PROJECT_TWO.id}.`],
    [{ project: { id: "0".repeat(32) } }, `Could not find project: ${"0".repeat(32)}.`],
    [{ domain: { id: ACCOUNT_TWO.id } }, `Could not find domain: ${ACCOUNT_TWO.id}.`],
    [{ domain: { name: ACCOUNT_TWO.name } }, `Could not find domain: ${ACCOUNT_TWO.name}.`],
    [{ domain: { name: "nobody" } }, "Could not find domain: nobody."],
  ] as const) {
    const answer = await postTokens(url, loginOne(scope));
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.body, NOT_FOUND(message));
    assert.equal(answer.headers["x-subject-token"], undefined);
  }
});

test("a wrong password, an unknown user and an unknown account are told the same", async (t) => {
  const { url } = await startEbb(t);
  for (const body of [
    passwordLogin(USER_ONE.name, "Wr0ng-password", ACCOUNT_ONE.name),
    passwordLogin("nobody", USER_ONE.password, ACCOUNT_ONE.name),
    passwordLogin(USER_ONE.name, USER_ONE.password, "nowhere"),
    passwordLogin(USER_ONE.name, USER_ONE.password, ACCOUNT_TWO.name),
  ]) {
    const answer = await postTokens(url, body);
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.body, UNAUTHORIZED("The username or password is wrong."));
  }
});

test("five wrong passwords lock the user for 15 minutes, the right password too", async (t) => {
  const ebb = await startEbb(t);
  const wrong = passwordLogin(USER_ONE.name, "Wr0ng-password", ACCOUNT_ONE.name);
  for (let guess = 1; guess <= 5; guess++) await postTokens(ebb.url, wrong);
  const locked = await postTokens(ebb.url, loginOne());
  assert.equal(locked.status, 401);
  assert.deepEqual(locked.body, UNAUTHORIZED("Account locked."));
  assert.equal((await postTokens(ebb.url, loginTwo())).status, 201);
  ebb.clock.advance(15 * MINUTE);
  assert.equal((await postTokens(ebb.url, loginOne())).status, 201);
});

test("an access key and its secret give a token too, and nothing but the right pair does", async (t) => {
  const { url } = await startEbb(t);
  const answer = await postTokens(
    url,
    keyLogin(USER_ONE.access_key, USER_ONE.secret_key, { project: { name: PROJECT_ONE.name } }),
  );
  assert.equal(answer.status, 201);
  assert.deepEqual(answer.body.token.methods, ["hw_ak_sk"]);
  assert.equal(answer.body.token.project.id, PROJECT_ONE.id);
  for (const [access, secret] of [
    [USER_ONE.access_key, `${USER_ONE.secret_key}x`],
    [USER_ONE.access_key, ""],
    ["UNKNOWNACCESSKEY0001", USER_ONE.secret_key],
  ] as const) {
    assert.equal((await postTokens(url, keyLogin(access, secret))).status, 401);
  }
});

test("a body that says nothing usable is refused as documented", async (t) => {
  const { url } = await startEbb(t);
  const user = { name: "one", password: "Passw0rd-one", domain: { name: "acct-one" } };
  for (const auth of [
    undefined,
    {},
    { identity: { methods: [] } },
    { identity: { methods: ["password"] } },
    { identity: { methods: ["token"], token: { id: "x" } } },
    { identity: { methods: ["password", "totp"], password: { user } } },
    { identity: { methods: ["hw_ak_sk"], password: { user } } },
    { identity: { methods: ["password"], password: { user: { ...user, domain: undefined } } } },
    { identity: { methods: ["password"], password: { user: { ...user, name: undefined } } } },
    { identity: { methods: ["password"], password: { user: { ...user, name: "one\u0000" } } } },
    { identity: { methods: ["password"], password: { user } }, scope: { project: {} } },
  ]) {
    const answer = await postTokens(url, JSON.stringify({ auth }));
    assert.equal(answer.status, 400, JSON.stringify(auth));
    assert.deepEqual(answer.body, {
      error: { message: "The request body is invalid", code: 400, title: "Bad Request" },
    });
  }
  for (const body of ["", "{", "[]"]) assert.equal((await postTokens(url, body)).status, 400);
});

test("credentials beside the password are ignored, and what Keystone clients add is tolerated", async (t) => {
  const { url } = await startEbb(t);
  const user = { id: USER_ONE.id, name: "one", password: USER_ONE.password, domain: { id: ACCOUNT_ONE.id } };
  const body = JSON.stringify({ auth: { identity: { methods: ["password"], password: { user } } } });
  const headers = { authorization: "SDK-HMAC-SHA256 nonsense", "x-auth-token": "nonsense" };
  assert.equal((await send(url, "POST", "/v3/auth/tokens", { headers, body })).status, 201);
});

test("the catalog comes unless nocatalog says any word", async (t) => {
  const { url } = await startEbb(t);
  const catalog = async (query: string) => (await postTokens(url, loginOne(), query)).body.token.catalog;
  assert.deepEqual(await catalog("?nocatalog=no"), []);
  for (const query of ["", "?nocatalog="]) {
    const [iam] = await catalog(query);
    assert.equal(iam.name, "iam");
    const [{ id, ...endpoint }] = iam.endpoints;
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.deepEqual(endpoint, { interface: "public", region: "*", region_id: "*", url: `${url}/v3.0` });
  }
});

test("a token is checked and ended by its user; afterwards it is one that never was", async (t) => {
  const { url } = await startEbb(t);
  const token = await tokenFrom(url, loginOne({ project: { id: PROJECT_ONE.id } }));
  const headers = { "x-auth-token": await tokenFrom(url, loginOne()), "x-subject-token": token };
  const shown = await send(url, "GET", "/v3/auth/tokens?nocatalog=1", { headers, body: "{}" });
  assert.equal(shown.status, 200);
  assert.equal(shown.headers["x-subject-token"], token);
  assert.equal(shown.body.token.project.id, PROJECT_ONE.id);
  const ended = await send(url, "DELETE", "/v3/auth/tokens", { headers });
  assert.deepEqual([ended.status, ended.text], [204, ""]);
  for (const method of ["GET", "DELETE"]) {
    const again = await send(url, method, "/v3/auth/tokens", { headers });
    assert.equal(again.status, 404);
    assert.deepEqual(again.body, NOT_FOUND("X-Subject-Token is invalid in the request"));
  }
  assert.equal((await send(url, "GET", "/v3/auth/projects", { headers: { "x-auth-token": token } })).status, 401);
});

test("another account's token cannot be told from none, nor ended", async (t) => {
  const { one, two } = await startEbb(t);
  for (const method of ["GET", "DELETE"]) {
    for (const subject of [two.token, "MIInone", ""]) {
      const answer = await one.ask(method, "/v3/auth/tokens", undefined, { "x-subject-token": subject });
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.body, NOT_FOUND("X-Subject-Token is invalid in the request"));
    }
  }
  assert.equal((await two.ask("GET", "/v3/auth/projects")).status, 200);
});

test("a token works for 24 hours of the clock, and not a moment longer", async (t) => {
  const ebb = await startEbb(t);
  const headers = { "x-subject-token": ebb.one.token };
  ebb.clock.advance(DAY - 1);
  assert.equal((await ebb.one.ask("GET", "/v3/auth/projects")).status, 200);
  ebb.clock.advance(1);
  const late = await ebb.one.ask("GET", "/v3/auth/projects");
  assert.equal(late.status, 401);
  assert.deepEqual(late.body, UNAUTHORIZED("The X-Auth-Token is invalid!"));
  const fresh = await tokenFrom(ebb.url, loginOne());
  const shown = await send(ebb.url, "GET", "/v3/auth/tokens", { headers: { ...headers, "x-auth-token": fresh } });
  assert.equal(shown.status, 404);
});
