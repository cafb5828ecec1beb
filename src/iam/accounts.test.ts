import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS } from "../../test/harness.ts";
import type { AccountSetting } from "../settings.ts";
import { byKey, byPassword, call, dump, makeKey, withOne } from "./iam-calls-testing.ts";
import {
  ACCOUNT_ONE,
  ACCOUNT_TWO,
  ground,
  outcomeOf,
  outcomeOfToken,
  PROJECT_ONE,
  USER_ONE,
  USER_TWO,
} from "./iam-testing.ts";

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

test("a disabled user has no token, no login and no signature", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  const token = await byPassword(iam);
  await place.store.write("test", (session) =>
    session.run("UPDATE iam_users SET enabled = 0 WHERE id = ?", [USER_ONE.id]),
  );
  assert.equal(await outcomeOfToken(iam, token), "token-unknown");
  assert.equal(await outcomeOf(iam), "key-disabled");
  await assert.rejects(byPassword(iam));
  await assert.rejects(byKey(iam));
});

test("a key that is turned off while it is shown gives no token any more", async (t) => {
  const place = await ground(t);
  const iam = await place.open();
  let login = Promise.resolve("not tried");
  await place.store.write("test", async (session) => {
    await session.run("UPDATE iam_access_keys SET status = 'inactive' WHERE access = ?", [USER_ONE.access_key]);
    login = byKey(iam).then(
      () => "let in",
      () => "refused",
    );
    // Long enough for the login to find the key as it was before this write.
    for (let n = 0; n < 50; n++) await session.get("SELECT 1 AS one");
  });
  assert.equal(await login, "refused");
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
