import assert from "node:assert/strict";
import { test } from "node:test";
import { besideAnother } from "../../test/beside.ts";
import { startEbb } from "../../test/harness.ts";
import { START } from "../../test/store.ts";
import { isoMicros } from "../wire/index.ts";
import {
  ACCOUNT_ONE,
  ACCOUNT_TWO,
  keyLogin,
  passwordLogin,
  postTokens,
  send,
  sendSigned,
  tokenFrom,
  USER_ONE,
  USER_TWO,
} from "./iam-testing.ts";

const KEYS = "/v3.0/OS-CREDENTIAL/credentials";
const mine = (more: object = {}) => ({ credential: { user_id: USER_ONE.id, ...more } });
const missing = (what: string) => ({ error_msg: `Could not find ${what}.`, error_code: "IAM.0004" });

test("an access key is made with its secret shown once, and works at once", async (t) => {
  const { url, one } = await startEbb(t);
  const made = await one.ask("POST", KEYS, mine({ description: "ci" }));
  assert.equal(made.status, 201);
  const { access, secret, ...rest } = made.body.credential;
  assert.match(access, /^[A-Z0-9]{20}$/);
  assert.match(secret, /^[A-Za-z0-9]{40}$/);
  assert.deepEqual(rest, { user_id: USER_ONE.id, status: "active", create_time: isoMicros(START), description: "ci" });
  const signed = await sendSigned(url, "GET", `${KEYS}/${access}`, { accessKey: access, secret });
  assert.equal(signed.status, 200);
  assert.deepEqual(signed.body, { credential: { access, ...rest } });
  const list = await one.ask("GET", KEYS);
  const listed = new Set(list.body.credentials.map((key: { access: string }) => key.access));
  assert.deepEqual(listed, new Set([access, USER_ONE.access_key]));
  assert.ok(!list.text.includes(secret));
});

test("a user has two access keys: a third is refused, until one is deleted", async (t) => {
  const { one } = await startEbb(t);
  const { access } = (await one.ask("POST", KEYS, mine())).body.credential;
  const third = await one.ask("POST", KEYS, mine());
  assert.equal(third.status, 400);
  assert.deepEqual(third.body, { error: { message: "akSkNumExceed", code: 400, title: "Bad Request" } });
  assert.equal((await one.ask("GET", KEYS)).body.credentials.length, 2);
  assert.equal((await one.ask("DELETE", `${KEYS}/${access}`)).status, 204);
  assert.equal((await one.ask("POST", KEYS, mine())).status, 201);
});

test("keys asked for at the same time stay two", async (t) => {
  const beside = besideAnother("iam access key");
  const { one } = await startEbb(t, { ports: { hooks: beside.hooks } });
  const answers = await beside.of(() => Promise.all([1, 2, 3, 4].map(() => one.ask("POST", KEYS, mine()))));
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 400, 400, 400],
  );
});

test("a deleted key opens nothing any more, nor do the tokens got by it", async (t) => {
  const { url, one } = await startEbb(t);
  const { access, secret } = (await one.ask("POST", KEYS, mine())).body.credential;
  const headers = { "x-auth-token": await tokenFrom(url, keyLogin(access, secret)) };
  const status = async () => [
    (await sendSigned(url, "GET", KEYS, { accessKey: access, secret })).status,
    (await postTokens(url, keyLogin(access, secret))).status,
    (await send(url, "GET", KEYS, { headers })).status,
  ];
  assert.deepEqual(await status(), [200, 201, 200]);
  const gone = await one.ask("DELETE", `${KEYS}/${access}`);
  assert.deepEqual([gone.status, gone.text], [204, ""]);
  assert.deepEqual(await status(), [401, 401, 401]);
  assert.deepEqual((await one.ask("DELETE", `${KEYS}/${access}`)).body, missing(`credential: ${access}`));
});

test("an inactive key gives no token and ends those that it gave; described, it stays as it is", async (t) => {
  const { url, one } = await startEbb(t);
  const [path, login] = [`${KEYS}/${USER_ONE.access_key}`, keyLogin(USER_ONE.access_key, USER_ONE.secret_key)];
  const headers = { "x-auth-token": await tokenFrom(url, login) };
  const described = await one.ask("PUT", path, { credential: { description: "mine" } });
  assert.deepEqual([described.body.credential.status, described.body.credential.description], ["active", "mine"]);
  assert.equal((await send(url, "GET", KEYS, { headers })).status, 200);
  const off = await one.ask("PUT", path, { credential: { status: "inactive" } });
  assert.deepEqual([off.body.credential.status, off.body.credential.description], ["inactive", "mine"]);
  assert.equal((await send(url, "GET", KEYS, { headers })).status, 401);
  assert.equal((await postTokens(url, login)).status, 401);
  assert.equal((await one.ask("GET", KEYS)).status, 200);
});

test("another account's users and keys are not there", async (t) => {
  const { url, one } = await startEbb(t);
  const theirs = `${KEYS}/${USER_TWO.access_key}`;
  for (const [method, path, body, what] of [
    ["GET", `${KEYS}?user_id=${USER_TWO.id}`, undefined, `user: ${USER_TWO.id}`],
    ["POST", KEYS, { credential: { user_id: USER_TWO.id } }, `user: ${USER_TWO.id}`],
    ["GET", theirs, undefined, `credential: ${USER_TWO.access_key}`],
    ["PUT", theirs, { credential: { status: "inactive" } }, `credential: ${USER_TWO.access_key}`],
    ["DELETE", theirs, undefined, `credential: ${USER_TWO.access_key}`],
  ] as const) {
    const answer = await one.ask(method, path, body);
    assert.equal(answer.status, 404, `${method} ${path}`);
    assert.deepEqual(answer.body, missing(what));
  }
  const { access_key: accessKey, secret_key: secret } = USER_TWO;
  assert.equal((await sendSigned(url, "GET", KEYS, { accessKey, secret })).status, 200);
});

test("of another user in the account, only who is allowed sees or changes the keys", async (t) => {
  const plain = { ...USER_TWO, name: "plain", policies: [] };
  const reader = {
    ...plain,
    name: "reader",
    id: "b3".repeat(16),
    access_key: "TESTACCESSKEYTHREE03",
    policies: [{ Version: "1.1", Statement: [{ Effect: "Allow", Action: ["iam:credentials:list*"] }] }],
  };
  const accounts = [
    { ...ACCOUNT_ONE, users: [USER_ONE, plain, reader] },
    { ...ACCOUNT_TWO, users: [{ ...USER_TWO, id: "b4".repeat(16), access_key: "TESTACCESSKEYFOUR004" }] },
  ];
  const { url, one } = await startEbb(t, { settings: { accounts } });
  const as = async (name: string, method: string, path: string) => {
    const headers = { "x-auth-token": await tokenFrom(url, passwordLogin(name, USER_TWO.password, ACCOUNT_ONE.name)) };
    return send(url, method, path, { headers });
  };
  const ones = `${KEYS}/${USER_ONE.access_key}`;
  const denied = await as("plain", "GET", `${KEYS}?user_id=${USER_ONE.id}`);
  assert.equal(denied.status, 403);
  const why = "Policy doesn't allow iam:credentials:listCredentials to be performed.";
  assert.deepEqual(denied.body, { error_msg: why, error_code: "IAM.0003" });
  for (const method of ["GET", "PUT", "DELETE"]) {
    for (const path of [ones, `${KEYS}/UNKNOWNACCESSKEY0001`]) {
      const body = method === "PUT" ? { body: '{"credential":{}}' } : {};
      const headers = {
        "x-auth-token": await tokenFrom(url, passwordLogin("plain", USER_TWO.password, ACCOUNT_ONE.name)),
      };
      assert.equal((await send(url, method, path, { headers, ...body })).status, 403, `${method} ${path}`);
    }
  }
  assert.equal((await as("plain", "GET", KEYS)).body.credentials.length, 1);
  assert.equal((await as("reader", "GET", `${KEYS}?user_id=${USER_ONE.id}`)).status, 200);
  assert.equal((await as("reader", "DELETE", ones)).status, 403);
  assert.equal((await one.ask("GET", `${KEYS}/${USER_TWO.access_key}`)).body.credential.user_id, plain.id);
});

test("a body that the API does not know is refused with IAM's codes", async (t) => {
  const { one } = await startEbb(t);
  const refused = async (method: string, path: string, body: unknown) => {
    const answer = await one.ask(method, path, body);
    assert.equal(answer.status, 400);
    return [answer.body.error_code, answer.body.error_msg];
  };
  const path = `${KEYS}/${USER_ONE.access_key}`;
  assert.deepEqual(await refused("POST", KEYS, "{"), ["IAM.0011", "Request body is invalid."]);
  assert.deepEqual(await refused("POST", KEYS, undefined), ["IAM.0011", "Request body is invalid."]);
  assert.deepEqual(await refused("POST", KEYS, { credential: {} }), ["IAM.0072", "'user_id' is a required property."]);
  const [code, message] = await refused("PUT", path, { credential: { status: "on" } });
  assert.equal(code, "IAM.0073");
  assert.match(message, /^Invalid input for field 'credential.status'/);
});
