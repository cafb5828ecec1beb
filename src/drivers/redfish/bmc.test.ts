import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../port.ts";
import { NotThere } from "./bmc.ts";
import { door, SESSIONS, withSessions } from "./door-testing.ts";

test("what is asked at once shares one session, which is given back", async (t) => {
  const { asked, bmc } = await door(
    t,
    withSessions((_request, response) => response.end("{}")),
  );
  await Promise.all([bmc.get("/a"), bmc.get("/b"), bmc.get("/c")]);
  await bmc.close();
  assert.equal(asked.filter((one) => one === `POST ${SESSIONS}`).length, 1);
  assert.equal(asked.at(-1), `DELETE ${SESSIONS}/1`);
});

test("a change goes with the ETag of what was read, and a link to another host stays with the BMC", async (t) => {
  let match: string | undefined;
  const { asked, bmc } = await door(
    t,
    withSessions((request, response) => {
      match = request.headers["if-match"] ?? match;
      response.writeHead(200, { etag: '"7"' }).end("{}");
    }),
  );
  await bmc.patch("/system", { a: 1 });
  assert.equal(match, '"7"');
  await bmc.get("http://elsewhere.invalid/redfish/v1/TaskService/Tasks/1");
  assert.equal(asked.at(-1), "GET /redfish/v1/TaskService/Tasks/1");
});

test("a wrong account is tried once in each way, and said without its password", async (t) => {
  const { asked, bmc } = await door(t, (_request, response) =>
    response.writeHead(401, { "www-authenticate": 'Basic realm="bmc"' }).end(),
  );
  await assert.rejects(
    bmc.get("/a"),
    (error: Refusal) => /does not take its account/.test(error.message) && !error.message.includes("hush-hush"),
  );
  assert.deepEqual(asked, [`POST ${SESSIONS}`, "GET /a"]);
});

test("a BMC that is slow, busy or without the thing is told apart", async (t) => {
  const slow = await door(t, () => {}, 150);
  await assert.rejects(slow.bmc.get("/a"), /does not answer in time/);
  const busy = await door(
    t,
    withSessions((_request, response) => response.writeHead(503, { "retry-after": "60" }).end()),
  );
  await assert.rejects(busy.bmc.get("/a"), Refusal);
  await assert.rejects(busy.bmc.get("/a"), /asks to be left alone/);
  assert.equal(busy.asked.length, 2, "it is left alone");
  const empty = await door(
    t,
    withSessions((_request, response) => response.writeHead(404).end()),
  );
  await assert.rejects(empty.bmc.get("/a"), NotThere);
});
