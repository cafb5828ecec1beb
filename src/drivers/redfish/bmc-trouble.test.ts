import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../port.ts";
import { TurnedAway } from "./bmc.ts";
import { door, SESSIONS, withSessions } from "./door-testing.ts";
import { listOf } from "./resource.ts";

const inTrouble = (error: unknown) => error instanceof Refusal && !(error instanceof TurnedAway);

test("a BMC that sends elsewhere is not followed: the session would go along", async (t) => {
  const other = await door(t, (_request, response) => response.end("{}"));
  const { bmc } = await door(
    t,
    withSessions((_request, response) => response.writeHead(307, { location: `${other.url}/a` }).end("{}")),
  );
  await assert.rejects(bmc.get("/a"), /sends elsewhere \(307\)/);
  await assert.rejects(bmc.post("/a"), /sends elsewhere \(307\)/);
  assert.deepEqual(other.asked, []);
});

test("a page, nothing at all and an answer without end are trouble, not a thing that is empty", async (t) => {
  const page = await door(
    t,
    withSessions((_request, response) => response.end("<html>starting</html>")),
  );
  await assert.rejects(page.bmc.get("/a"), /answered GET \/a with no JSON object/);
  const nothing = await door(
    t,
    withSessions((_request, response) => response.writeHead(204).end()),
  );
  await assert.rejects(nothing.bmc.get("/a"), /answered GET \/a with no JSON object/);
  const endless = await door(
    t,
    withSessions((_request, response) => {
      const more = () => response.write("x".repeat(65_536), (error) => error ?? setImmediate(more));
      more();
    }),
    60_000,
  );
  await assert.rejects(endless.bmc.get("/a"), /an answer without end/);
  const dripping = await door(
    t,
    withSessions((_request, response) => void response.write("{")),
    300,
  );
  await assert.rejects(dripping.bmc.get("/a"), /does not answer in time/);
});

test("a session that has run out is opened again once, and the request repeated in it", async (t) => {
  let opened = 0;
  const { asked, bmc } = await door(t, (request, response) => {
    if (request.url === SESSIONS) response.writeHead(201, { "x-auth-token": `t${++opened}` }).end();
    else response.writeHead(request.headers["x-auth-token"] === "t2" ? 200 : 401).end("{}");
  });
  assert.deepEqual(await bmc.get("/a"), {});
  assert.deepEqual(asked, [`POST ${SESSIONS}`, "GET /a", `POST ${SESSIONS}`, "GET /a"]);
});

test("what another has changed meanwhile is said, and goes with the ETag that it has by then", async (t) => {
  let version = 1;
  const { bmc } = await door(
    t,
    withSessions((request, response) => {
      if (request.method === "GET") return void response.writeHead(200, { etag: `"${version}"` }).end("{}");
      if (version === 1) version = 2;
      response.writeHead(request.headers["if-match"] === `"${version}"` ? 204 : 412).end();
    }),
  );
  await assert.rejects(bmc.patch("/a", {}), /has changed \/a meanwhile \(412\)/);
  assert.equal((await bmc.patch("/a", {})).status, 204);
});

test("a request that is refused is told from a BMC in trouble", async (t) => {
  let status = 409;
  const { bmc } = await door(
    t,
    withSessions((_request, response) => response.writeHead(status).end()),
  );
  await assert.rejects(bmc.post("/reset"), TurnedAway);
  status = 500;
  await assert.rejects(bmc.post("/reset"), inTrouble);
  const full = await door(t, (_request, response) => response.writeHead(400).end());
  await assert.rejects(full.bmc.post("/reset"), inTrouble);
  assert.deepEqual(full.asked, [`POST ${SESSIONS}`]);
});

test("a BMC that is asked too much is left alone until the time that it says", async (t) => {
  const { asked, bmc } = await door(
    t,
    withSessions((_request, response) => {
      const after = new Date(Date.now() + 60_000).toUTCString();
      response.writeHead(429, { "retry-after": after }).end();
    }),
  );
  for (const _ of [1, 2, 3]) await assert.rejects(bmc.get("/a"), /asks to be left alone/);
  assert.deepEqual(asked, [`POST ${SESSIONS}`, "GET /a"]);
});

test("a list is read over all its pages, and one that is none is not taken for empty", async (t) => {
  const there: Record<string, object> = {
    "/all": { Members: [{ "@odata.id": "/1" }], "Members@odata.nextLink": "/all?page=2" },
    "/all?page=2": { Members: [{ "@odata.id": "/2" }] },
    "/1": { Id: "1" },
    "/2": { Id: "2" },
    "/ring": { Members: [], "Members@odata.nextLink": "/ring" },
  };
  const { bmc } = await door(
    t,
    withSessions((request, response) => response.end(JSON.stringify(there[request.url ?? ""] ?? {}))),
  );
  assert.deepEqual(await listOf(bmc, "/all"), [{ Id: "1" }, { Id: "2" }]);
  assert.deepEqual(await listOf(bmc, "/ring"), []);
  await assert.rejects(listOf(bmc, "/none"), /lists nothing under \/none/);
});
