import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Operation, Service } from "../../src/wire/index.ts";
import { type Answer, type Asker, type Ebb, startEbb } from "../harness.ts";
import { furnish, none, SAMPLES, type Things } from "./things.ts";

/** Operations that answer every caller alike, and name nothing of anybody. */
/** What the services say of fields that are missing or wrong: an operation that gets no further was not walked. */
const INVALID =
  /failed to read http request|iMetal\.000[12]|ModelArts\.63(1[678]|2[34]|3[2-6])|DBS\.(280001|200001|200006|280404)/;
const NAMELESS = new Set(["CreateWorkspace", "CreateDevEnvironInstance", "CreateGaussMySqlInstance"]);

interface Walked {
  service: Service;
  op: Operation;
}

const servicesOf = (ebb: Ebb): Walked[] =>
  ebb.services
    .filter((service) => service.name !== "iam")
    .flatMap((service) => service.operations.map((op) => ({ service, op })));

function pathOf(op: Operation, projectId: string, things: Things): string {
  return op.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === "project_id") return projectId;
    if (name === "id" && op.path.includes("physicalservers")) return things.server_id ?? "";
    if (name === "version_id" && op.path.includes("/jobs/")) return things.job_version_id ?? "";
    if (name === "database_name") return "gaussdb-mysql";
    return things[name] ?? assert.fail(`no ${name} was made for ${op.id}`);
  });
}

function send(who: Asker, op: Operation, projectId: string, things: Things): Promise<Answer> {
  const { body, query = "" } = SAMPLES[op.id]?.(things) ?? {};
  return who.ask(op.method, pathOf(op, projectId, things) + query, body);
}

/** What the answer says, with the ids that were asked for and the request's own taken out. */
function said({ status, text }: Answer, things: Things): string {
  let words = text.replace(/"request_id":"[0-9a-f]+"/, "");
  for (const id of Object.values(things)) words = words.replaceAll(id, "ID");
  return `${status} ${words}`;
}

const everythingOf = (ebb: Ebb) =>
  ebb.store.read((session) =>
    session.all("SELECT id, state, spec, facts FROM resources WHERE tenant = ? ORDER BY id", [ebb.one.projectId]),
  );

async function walk(t: TestContext): Promise<{ ebb: Ebb; made: Record<string, Things> }> {
  const ebb = await startEbb(t);
  return { ebb, made: await furnish(ebb) };
}

test("on every route, another tenant's thing is answered as if it did not exist, and stays as it was", async (t) => {
  const { ebb, made } = await walk(t);
  const before = await everythingOf(ebb);
  let walked = 0;
  for (const { service, op } of servicesOf(ebb)) {
    if (NAMELESS.has(op.id)) continue;
    const things = made[service.name] ?? {};
    const absent = none(things);
    const { projectId } = ebb.two;
    const theirs = said(await send(ebb.two, op, projectId, things), things);
    const nobodys = said(await send(ebb.two, op, projectId, absent), absent);
    assert.equal(theirs, nobodys, op.id);
    for (const id of Object.values(things)) assert.ok(!theirs.includes(id), `${op.id} shows ${id}`);
    const names = op.path.replace("{project_id}", "").includes("{") && !op.path.includes("{database_name}");
    if (names) assert.match(theirs, /^4\d\d /, op.id);
    assert.doesNotMatch(theirs, INVALID, `${op.id} needs a sample that passes its checks`);
    walked++;
  }
  await ebb.settle();
  assert.deepEqual(await everythingOf(ebb), before);
  assert.ok(walked > 60, `${walked} operations were walked`);
});

test("on every route, its owner's own thing is found: the walk above asks for something real", async (t) => {
  const { ebb, made } = await walk(t);
  const reads = servicesOf(ebb).filter(({ op }) => op.method === "GET");
  for (const { service, op } of reads) {
    const answer = await send(ebb.one, op, ebb.one.projectId, made[service.name] ?? {});
    assert.equal(answer.status, op.success, `${op.id}: ${answer.text}`);
  }
});

test("on every route with a project, credentials of another project are refused before anything else", async (t) => {
  const { ebb, made } = await walk(t);
  for (const { service, op } of servicesOf(ebb)) {
    if (!op.path.includes("{project_id}")) continue;
    const things = made[service.name] ?? {};
    const theirs = await send(ebb.two, op, ebb.one.projectId, things);
    const nobodys = await send(ebb.two, op, "d".repeat(32), none(things));
    assert.ok([401, 403].includes(theirs.status), `${op.id}: ${theirs.status} ${theirs.text}`);
    assert.equal(
      said(theirs, { ...things, project: ebb.one.projectId }),
      said(nobodys, { ...none(things), project: "d".repeat(32) }),
      op.id,
    );
  }
});

test("on every route, a caller without credentials is refused", async (t) => {
  const { ebb, made } = await walk(t);
  const nobody: Asker = { projectId: "", token: "", ask: ebb.ask };
  for (const { service, op } of servicesOf(ebb)) {
    if (op.access === "anyone") continue;
    const answer = await send(nobody, op, ebb.one.projectId, made[service.name] ?? {});
    assert.equal(answer.status, 401, `${op.id}: ${answer.text}`);
  }
});
