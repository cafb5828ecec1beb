import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ACCOUNTS } from "../../test/harness.ts";
import { START } from "../../test/store.ts";
import type { AccountSetting, UserSetting } from "../settings.ts";
import type { House } from "../wire/index.ts";
import {
  ACCOUNT_ONE,
  ACCOUNT_TWO,
  type Ground,
  ground,
  MINUTE,
  outcomeOf,
  outcomeOfToken,
  PROJECT_ONE,
  USER_ONE,
  USER_TWO,
} from "./iam-testing.ts";
import type { Iam } from "./index.ts";

const DAY = 24 * 60 * MINUTE;
const TABLES = ["iam_domains", "iam_projects", "iam_users", "iam_access_keys", "iam_tokens"];

/** Every row of IAM's tables, as one text. */
async function dump({ store }: Ground): Promise<string> {
  const tables = await store.read((session) =>
    Promise.all(TABLES.map((name) => session.all(`SELECT * FROM ${name} ORDER BY 1`))),
  );
  return JSON.stringify(tables);
}

/** Both accounts, with the first user changed. */
const withOne = (change: Partial<UserSetting>): AccountSetting[] => [
  { ...ACCOUNT_ONE, users: [{ ...USER_ONE, ...change }] },
  ACCOUNT_TWO,
];

/** Calls an operation of IAM as the first user, past the gateway. */
async function call(iam: Iam, id: string, body: object, headers = {}) {
  const operation = iam.service.operations.find((op) => op.id === id) ?? assert.fail(id);
  const principal = {
    userId: USER_ONE.id,
    userName: "one",
    domainId: ACCOUNT_ONE.id,
    domainName: "acct-one",
    project: null,
    may: () => true,
  };
  const caller = { tenant: "", userId: USER_ONE.id, requestId: "r" };
  const language = "en-us" as const;
  const about = {
    params: {},
    query: {},
    body,
    principal,
    caller,
    language,
    requestId: "r",
    headers,
    endpoint: "http://h",
  };
  return operation.handle(about, undefined as unknown as House);
}

async function tokenOf(iam: Iam, identity: object): Promise<string> {
  const reply = await call(iam, "KeystoneCreateUserTokenByPassword", { auth: { identity } });
  return String(reply.headers?.["x-subject-token"]);
}

const byPassword = (iam: Iam, user = USER_ONE, domain = ACCOUNT_ONE.name) =>
  tokenOf(iam, {
    methods: ["password"],
    password: { user: { name: user.name, password: user.password, domain: { name: domain } } },
  });
const byKey = (iam: Iam, { access_key: key, secret_key: secret } = USER_ONE) =>
  tokenOf(iam, { methods: ["hw_ak_sk"], hw_ak_sk: { access: { key }, secret: { key: secret } } });

async function makeKey(iam: Iam): Promise<{ accessKey: string; secret: string }> {
  const reply = await call(iam, "CreatePermanentAccessKey", { credential: { user_id: USER_ONE.id } });
  const { access, secret } = (reply.body as { credential: { access: string; secret: string } }).credential;
  return { accessKey: access, secret };
}

test("starting again with the same settings changes nothing, and what was given keeps working", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  const token = await byPassword(iam);
  const made = await makeKey(iam);
  const before = await dump(place);
  const again = await place.open();
  assert.equal(await dump(place), before);
  assert.equal(await outcomeOfToken(again, token), "one");
  assert.equal(await outcomeOf(again), "one");
  assert.equal(await outcomeOf(again, made), "one");
});

test("no password, secret or token stands in the tables or in the log", async (t) => {
  const place = await ground(t);
  const lines: string[] = [];
  const keep = (fields: object, message: string) => void lines.push(JSON.stringify(fields) + message);
  const iam = await place.open({ log: { info: keep, warn: keep, error: keep } });
  const secrets = [
    USER_ONE.password,
    USER_ONE.secret_key,
    USER_TWO.password,
    USER_TWO.secret_key,
    await byPassword(iam),
    await byKey(iam),
  ];
  const { secret } = await makeKey(iam);
  await assert.rejects(byPassword(iam, { ...USER_ONE, password: "Wr0ng-password" }));
  secrets.push(secret, "Wr0ng-password");
  const seen = (await dump(place)) + lines.join("\n");
  assert.match(seen, /"scrypt\$16384\$8\$1\$/);
  assert.match(seen, /a login was refused/);
  for (const one of secrets) {
    for (const form of [
      one,
      Buffer.from(one).toString("base64").replace(/=+$/, ""),
      Buffer.from(one).toString("hex"),
    ]) {
      assert.ok(!seen.includes(form), `${one} can be read`);
    }
  }
});

test("a changed password follows the settings, and ends the tokens of its user only", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  const [ones, twos] = [await byPassword(iam), await byPassword(iam, USER_TWO, ACCOUNT_TWO.name)];
  const changed = { ...USER_ONE, password: "An0ther-password" };
  const again = await place.open({ accounts: withOne(changed) });
  assert.equal(await outcomeOfToken(again, ones), "token-unknown");
  assert.equal(await outcomeOfToken(again, twos), "two");
  await assert.rejects(byPassword(again));
  assert.equal(await outcomeOfToken(again, await byPassword(again, changed)), "one");
});

test("a changed access key follows the settings; a key that the API made stays", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  const made = await makeKey(iam);
  const [byOldKey, byWord] = [await byKey(iam), await byPassword(iam)];
  const other = { access_key: "TESTACCESSKEYNEW0009", secret_key: "testSecretKeyNew00000000000000000000009X" };
  const again = await place.open({ accounts: withOne(other) });
  assert.equal(await outcomeOf(again), "key-unknown");
  assert.equal(await outcomeOf(again, { accessKey: other.access_key, secret: other.secret_key }), "one");
  assert.equal(await outcomeOf(again, made), "one");
  assert.equal(await outcomeOfToken(again, byOldKey), "token-unknown");
  assert.equal(await outcomeOfToken(again, byWord), "one");
  const third = await place.open({ accounts: withOne({ ...other, secret_key: USER_ONE.secret_key }) });
  assert.equal(await outcomeOf(third, { accessKey: other.access_key, secret: other.secret_key }), "signature-mismatch");
  assert.equal(await outcomeOf(third, { accessKey: other.access_key, secret: USER_ONE.secret_key }), "one");
});

test("a key turned off stays off at the next start", async (t) => {
  const place = await ground(t);
  await place.open();
  await place.store.write("test", (session) =>
    session.run("UPDATE iam_access_keys SET status = 'inactive' WHERE user_id = ?", [USER_ONE.id]),
  );
  const again = await place.open();
  assert.equal(await outcomeOf(again), "key-disabled");
  assert.equal(await outcomeOf(again, { secret: "another" }), "signature-mismatch");
});

test("a user that the settings no longer name is nobody, and somebody again when they do", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  const made = await makeKey(iam);
  const token = await byPassword(iam);
  const without = await place.open({ accounts: [ACCOUNT_TWO] });
  assert.equal(await outcomeOfToken(without, token), "token-unknown");
  assert.equal(await outcomeOf(without), "key-unknown");
  assert.equal(await outcomeOf(without, made), "key-disabled");
  await assert.rejects(byPassword(without));
  await assert.rejects(byKey(without, { ...USER_ONE, access_key: made.accessKey, secret_key: made.secret }));
  const back = await place.open();
  assert.equal(await outcomeOfToken(back, token), "token-unknown");
  assert.equal(await outcomeOf(back), "one");
  assert.equal(await outcomeOf(back, made), "one");
});

test("two users, two accounts and two projects can swap their names", async (t) => {
  const place = await ground(t);
  const user = { ...USER_TWO, id: "b5".repeat(16), name: "other", access_key: "TESTACCESSKEYFIVE005" };
  const more = { name: "more", id: "c5".repeat(16) };
  const accounts = (swap: boolean): AccountSetting[] => [
    {
      ...ACCOUNT_ONE,
      name: swap ? ACCOUNT_TWO.name : ACCOUNT_ONE.name,
      users: [
        { ...USER_ONE, name: swap ? "other" : "one" },
        { ...user, name: swap ? "one" : "other" },
      ],
      projects: [
        { ...PROJECT_ONE, name: swap ? "more" : PROJECT_ONE.name },
        { ...more, name: swap ? PROJECT_ONE.name : "more" },
      ],
    },
    { ...ACCOUNT_TWO, name: swap ? ACCOUNT_ONE.name : ACCOUNT_TWO.name },
  ];
  await place.open({ accounts: accounts(false) });
  assert.equal(await outcomeOf(await place.open({ accounts: accounts(true) })), "other");
});

test("a project that the API made keeps its name: the settings cannot take it", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  const name = `${PROJECT_ONE.name}_sub`;
  await call(iam, "KeystoneCreateProject", { project: { name, parent_id: PROJECT_ONE.id } });
  const projects = [PROJECT_ONE, { name, id: "c6".repeat(16) }];
  await assert.rejects(
    place.open({ accounts: [{ ...ACCOUNT_ONE, projects }, ACCOUNT_TWO] }),
    /has a project eu-local-1_sub of id [0-9a-f]{32}, made through the API/,
  );
  assert.equal(await outcomeOf(await place.open()), "one");
});

test("a policy that would not be enforced stops the start, and says whose it is and why", async (t) => {
  const place = await ground(t);
  const policies = [{ Version: "1.1", Statement: [{ Effect: "Allow", Action: ["*"], Condition: {} }] }];
  await assert.rejects(place.open({ accounts: withOne({ policies }) }), {
    message:
      "a policy of user one in account acct-one is refused: Statement[0].Condition is not evaluated: leave it out",
  });
});

test("changed policies count at once, for tokens given before too", async (t) => {
  const place = await ground(t);
  const token = await byPassword(await place.open());
  const may = async (accounts: AccountSetting[]) => {
    const iam = await place.open({ accounts });
    const headers = { "x-auth-token": token };
    const known = await iam.authenticate({
      method: "GET",
      target: "/",
      headers,
      body: new Uint8Array(),
      projectId: undefined,
    });
    return (
      "principal" in known &&
      ["iam:projects:listProjects", "fabric:endpoint:delete"].map((action) => known.principal.may(action))
    );
  };
  const statement = { Effect: "Allow", Action: ["fabric:*"] };
  assert.deepEqual(await may(ACCOUNTS), [true, true]);
  assert.deepEqual(await may(withOne({ policies: [{ Version: "5.0", Statement: [statement] }] })), [false, true]);
  assert.deepEqual(await may(withOne({ policies: [] })), [false, false]);
});

test("the key that seals the secrets is for its owner's eyes, and is made once", async (t) => {
  const place = await ground(t);
  const file = join(place.dataDir, "secret.key");
  await Promise.all([place.open(), place.open()]);
  const key = readFileSync(file);
  assert.equal(key.length, 32);
  if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  chmodSync(file, 0o644);
  await place.open();
  if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readFileSync(file), key);
});

test("a lost, strange or broken key stops the start instead of losing the secrets", async (t) => {
  const place = await ground(t);
  const file = join(place.dataDir, "secret.key");
  await place.open();
  const key = readFileSync(file);
  rmSync(file);
  await assert.rejects(place.open(), /was sealed with another secret.key: put that file back/);
  writeFileSync(file, "short");
  await assert.rejects(place.open(), /secret\.key has 5 bytes and a key has 32/);
  writeFileSync(file, key);
  assert.equal(await outcomeOf(await place.open()), "one");
});

test("ended tokens are told from unknown ones for a day, and then forgotten", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  const token = await byPassword(iam);
  place.clock.advance(DAY);
  const known = await iam.authenticate({
    method: "GET",
    target: "/",
    headers: { "x-auth-token": token },
    body: new Uint8Array(),
    projectId: undefined,
  });
  assert.deepEqual(known, { stranger: { why: "token-expired", expiredAt: START + DAY } });
  place.clock.advance(DAY);
  assert.equal(await iam.purge(), 0);
  place.clock.advance(1);
  const fresh = await byPassword(iam);
  assert.equal(await iam.purge(), 1);
  assert.equal(await outcomeOfToken(iam, token), "token-unknown");
  assert.equal(await outcomeOfToken(iam, fresh), "one");
});
