import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { START } from "../../test/store.ts";
import { byKey, byPassword, dump, makeKey } from "./iam-calls-testing.ts";
import { ground, MINUTE, outcomeOf, outcomeOfToken, USER_ONE, USER_TWO } from "./iam-testing.ts";

const DAY = 24 * 60 * MINUTE;

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

test("another cost of passwords is taken on at the next start, and ends nothing", async (t) => {
  const place = await ground(t);
  const token = await byPassword(await place.open({ passwordCost: 1024 }));
  const hashes = async () => (await dump(place)).match(/scrypt\$\d+\$/g);
  assert.deepEqual(await hashes(), ["scrypt$1024$", "scrypt$1024$"]);
  const again = await place.open();
  assert.deepEqual(await hashes(), ["scrypt$16384$", "scrypt$16384$"]);
  assert.equal(await outcomeOfToken(again, token), "one");
  await byPassword(again);
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
