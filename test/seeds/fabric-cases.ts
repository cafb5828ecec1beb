import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MovableClock } from "../../src/clock.ts";
import { ACCOUNT_ONE, loginOne, passwordLogin, sendSigned, tokenFrom } from "../../src/iam/iam-testing.ts";
import { type Fabric, NOBODY, type Serving, startFabric } from "../../src/services/fabric/fabric-testing.ts";
import { ACCOUNTS, type Answer, type EbbOptions, START } from "../harness.ts";

/** What the two documents of DataArtsFabric have in common: a delete by ids in its path, and one table of errors. */
export interface DocumentOfADelete {
  name: string;
  path(ids: Serving): string;
  /** Makes what the delete is for, ready to be deleted. */
  make(fabric: Fabric): Promise<Serving>;
  /** Names of the ids in the path. */
  ids: readonly (keyof Serving)[];
  status: number;
  action: string;
  /** Longest error_msg. */
  longest: number;
}

const MISMATCH = {
  error_code: "common.01000001",
  error_msg:
    "failed to read http request, please check your input, code: 400, reason: Type mismatch., cause: TypeMismatchException",
};
const STRANGER = { error_code: "APIG.1002", error_msg: "Incorrect token or token resolution failed" };
const FORBIDDEN = {
  error: { code: "403", message: "X-Auth-Token is invalid in the request", title: "Forbidden" },
  error_code: 403,
  error_msg: "X-Auth-Token is invalid in the request",
  title: "Forbidden",
};
const NOT_FOUND = { error_code: "common.01000001", error_msg: "response status exception, code: 404" };
const TIMEOUT = { error_code: "common.00000408", error_msg: "timeout exception occurred" };
const INTERNAL = { error_code: "common.00000500", error_msg: "internal error" };

/** An error in the document's shape: each field text within its range, solution_msg only when there is one. */
export function mustSay(answer: Answer, status: number, said: object, longest = 512): void {
  assert.equal(answer.status, status, answer.text);
  const { solution_msg: solution, ...rest } = answer.body as {
    error_code: unknown;
    error_msg: unknown;
    solution_msg?: unknown;
  };
  assert.deepEqual(rest, said);
  mustBeError(answer, longest);
  if ("solution_msg" in answer.body)
    assert.ok(typeof solution === "string" && solution.length >= 2 && solution.length <= 4096);
}

/** The ranges of the document's tables. */
export function mustBeError({ body, headers }: Answer, longest: number): void {
  assert.ok(typeof body.error_code === "string" && body.error_code.length >= 8 && body.error_code.length <= 36);
  assert.ok(typeof body.error_msg === "string" && body.error_msg.length >= 2 && body.error_msg.length <= longest);
  assert.match(headers.get("x-request-id") ?? "", /\S/);
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
}

const READER = { ...ACCOUNTS[0]?.users[0], name: "reader", id: "b1".repeat(16), access_key: "TESTACCESSKEYREADER1" };

/** A start with a third user, whose policy allows everything but the delete. */
function withReader(action: string): EbbOptions {
  const Statement = [
    { Effect: "Allow", Action: ["*"] },
    { Effect: "Deny", Action: [action] },
  ];
  const [first, ...rest] = ACCOUNTS;
  const reader = { ...READER, policies: [{ Version: "5.0", Statement }] } as (typeof ACCOUNT_ONE.users)[number];
  assert.ok(first);
  return { settings: { accounts: [{ ...first, users: [...first.users, reader] }, ...rest] } };
}

/** Locks one row until the answer is called: whoever needs it to write waits. */
async function holdRow({ store }: Fabric, id: string): Promise<() => Promise<void>> {
  const latch = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const held = store.write("test", async (tx) => {
    await tx.get(`SELECT id FROM resources WHERE id = ?${tx.forUpdate}`, [id]);
    locked.resolve();
    await latch.promise;
  });
  await locked.promise;
  return async () => {
    latch.resolve();
    await held;
  };
}

/** Resolves at the next request's own deadline being set. */
function deadlineSet(t: TestContext, waits: MovableClock): Promise<void> {
  const set = Promise.withResolvers<void>();
  const at = waits.at.bind(waits);
  t.mock.method(waits, "at", (when: number, wake: () => void) => {
    set.resolve();
    return at(when, wake);
  });
  return set.promise;
}

/** All that the store knows of the thing: unchanged means that nothing was done. */
async function known({ house: { lifecycle } }: Fabric, id: string): Promise<object> {
  const kind = ["fabric.workspace", "fabric.instance"];
  const [resource] = await lifecycle.list({ kind, ids: [id], gone: true });
  return { resource, operations: await lifecycle.operations(id) };
}

async function startMade(t: TestContext, { path, make, ids: parts }: DocumentOfADelete, options?: EbbOptions) {
  const fabric = await startFabric(t, options);
  const ids = await make(fabric);
  const id = ids[parts.at(-1) ?? "workspace"];
  const before = await known(fabric, id);
  const mustBeUntouched = async () => assert.deepEqual(await known(fabric, id), before);
  return { fabric, ids, target: path(ids), mustBeUntouched };
}

function acceptsIt(document: DocumentOfADelete): void {
  const { name, status } = document;

  test(`${name} answers ${status} with no body, and carries a request id`, async (t) => {
    const { fabric, target } = await startMade(t, document);
    const answer = await fabric.hands.ask("DELETE", target);
    assert.deepEqual([answer.status, answer.text], [status, ""]);
    assert.match(answer.headers.get("x-request-id") ?? "", /^\S+$/);
  });

  test(`${name} needs no X-Auth-Token when the request is signed`, async (t) => {
    const { fabric, target } = await startMade(t, document);
    const headers = { host: new URL(fabric.url).host, "x-project-id": fabric.one.projectId };
    const answer = await sendSigned(fabric.url, "DELETE", target, { headers });
    assert.equal(answer.status, status, answer.text);
  });

  test(`${name} is only a DELETE: another method on a path without one is no API`, async (t) => {
    const { fabric, target, mustBeUntouched } = await startMade(t, document);
    const answer = await fabric.hands.ask("PATCH", target);
    assert.deepEqual([answer.status, answer.body.error_code], [404, "APIGW.0101"]);
    await mustBeUntouched();
  });
}

function checksIds(document: DocumentOfADelete): void {
  const { name, path, longest } = document;

  test(`${name}: an id has 1 to 36 letters, digits and hyphens, else 400`, async (t) => {
    const { fabric, ids, mustBeUntouched } = await startMade(t, document);
    const wrong = ["a".repeat(37), "a_b", "a.b", "a%20b", "%E4%B8%AD", "a%2Fb", "a%00", "..%2F..", "a'b", "*"];
    for (const part of document.ids) {
      for (const id of wrong) {
        const answer = await fabric.hands.ask("DELETE", path({ ...ids, [part]: id }));
        mustSay(answer, 400, MISMATCH, longest);
        assert.match(answer.body.solution_msg, new RegExp(`${part}_id`), "it says which");
      }
      for (const id of ["a", "-", "7", "Ab-9".repeat(9)]) {
        mustSay(await fabric.hands.ask("DELETE", path({ ...ids, [part]: id })), 404, NOT_FOUND, longest);
      }
    }
    await mustBeUntouched();
  });

  test(`${name}: an unknown id is 404, and another account's is no different`, async (t) => {
    const { fabric, ids, target, mustBeUntouched } = await startMade(t, document);
    for (const part of document.ids) {
      mustSay(await fabric.hands.ask("DELETE", path({ ...ids, [part]: NOBODY })), 404, NOT_FOUND, longest);
    }
    const elsewhere = await fabric.others.ask("DELETE", target);
    mustSay(elsewhere, 404, NOT_FOUND, longest);
    const nowhere = await fabric.others.ask("DELETE", path({ ...ids, workspace: NOBODY }));
    assert.equal(elsewhere.text.replaceAll(ids.workspace, NOBODY), nowhere.text);
    await mustBeUntouched();
  });
}

function checksWho(document: DocumentOfADelete): void {
  const { name, path, action, longest } = document;

  test(`${name}: no token, a token of nobody and an expired one are 401`, async (t) => {
    const { fabric, target, mustBeUntouched } = await startMade(t, document);
    for (const token of [undefined, "", "garbage", "t".repeat(65_534)]) {
      const headers: Record<string, string> = token === undefined ? {} : { "x-auth-token": token };
      mustSay(await fabric.ask("DELETE", target, undefined, headers), 401, STRANGER, longest);
    }
    const headers = { authorization: "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=00" };
    mustSay(await fabric.ask("DELETE", target, undefined, headers), 401, STRANGER, longest);
    fabric.clock.advance(25 * 3_600_000);
    mustSay(await fabric.hands.ask("DELETE", target), 401, STRANGER, longest);
    await mustBeUntouched();
  });

  test(`${name}: a token that is for no project is 403`, async (t) => {
    const { fabric, target, mustBeUntouched } = await startMade(t, document);
    const token = await tokenFrom(fabric.url, loginOne({ domain: { id: ACCOUNT_ONE.id } }));
    const answer = await fabric.ask("DELETE", target, undefined, { "x-auth-token": token });
    assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN]);
    await mustBeUntouched();
  });

  test(`${name}: a user whose policies deny ${action} gets 403, also for what does not exist`, async (t) => {
    const { fabric, ids, target, mustBeUntouched } = await startMade(t, document, withReader(action));
    const login = passwordLogin("reader", "Passw0rd-one", ACCOUNT_ONE.name, { project: { id: fabric.one.projectId } });
    const headers = { "x-auth-token": await tokenFrom(fabric.url, login) };
    for (const refused of [target, path({ ...ids, workspace: NOBODY })]) {
      const answer = await fabric.ask("DELETE", refused, undefined, headers);
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN]);
    }
    await mustBeUntouched();
  });
}

function endsCleanly(document: DocumentOfADelete): void {
  const { name, status, longest } = document;

  test(`${name}: a request that outlives its deadline is 408, and has done nothing`, async (t) => {
    const waits = new MovableClock({ frozenAt: START });
    const { fabric, ids, target, mustBeUntouched } = await startMade(t, document, { ports: { waits } });
    const letGo = await holdRow(fabric, ids.workspace);
    const set = deadlineSet(t, waits);
    const asking = fabric.hands.ask("DELETE", target);
    await set;
    waits.advance(fabric.settings.requestTimeoutMs);
    const answer = await asking;
    await letGo();
    mustSay(answer, 408, TIMEOUT, longest);
    // Whoever holds the row next comes after the request that waited for it.
    await (await holdRow(fabric, ids.workspace))();
    await fabric.settle();
    await mustBeUntouched();
    assert.equal((await fabric.hands.ask("DELETE", target)).status, status, "asked again it is done");
  });

  test(`${name}: a fault of Ebb's own is 500, tells nothing of itself, and has done nothing`, async (t) => {
    const { fabric, target, mustBeUntouched } = await startMade(t, document);
    const fault = t.mock.method(fabric.store, "write", async () => {
      throw new Error("disk /srv/secret-place is full");
    });
    const answer = await fabric.hands.ask("DELETE", target);
    fault.mock.restore();
    mustSay(answer, 500, INTERNAL, longest);
    assert.doesNotMatch(JSON.stringify([answer.text, ...answer.headers]), /secret-place|disk|Error/);
    await fabric.settle();
    await mustBeUntouched();
  });
}

/** Registers the cases that every such document has. */
export function documentOfADelete(document: DocumentOfADelete): void {
  acceptsIt(document);
  checksIds(document);
  checksWho(document);
  endsCleanly(document);
}
