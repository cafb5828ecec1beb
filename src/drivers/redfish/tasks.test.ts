import assert from "node:assert/strict";
import { test } from "node:test";
import { Bmc } from "./bmc.ts";
import { door, withSessions } from "./door-testing.ts";
import { taskAt } from "./tasks.ts";

test("a task stands as its monitor answers: by its state, by 202, or as the request itself would be answered", async (t) => {
  const cases: [status: number, body: object | undefined, end: unknown][] = [
    [202, undefined, "running"],
    [202, { TaskState: "Running" }, "running"],
    [200, { TaskState: "Interrupted" }, "running"],
    [200, { TaskState: "Completed" }, "done"],
    [204, undefined, "done"],
    [200, { TaskState: "Completed", TaskStatus: "Critical" }, { failed: "Critical" }],
    [200, { TaskState: "Exception" }, { failed: "Exception" }],
    [409, undefined, { failed: "turned away" }],
    [404, undefined, "forgotten"],
    [410, undefined, "forgotten"],
  ];
  for (const [status, body, end] of cases) {
    const { bmc } = await door(
      t,
      withSessions((_request, response) => response.writeHead(status).end(body && JSON.stringify(body))),
    );
    assert.deepEqual(await taskAt(bmc, "/task"), end, `${status} ${JSON.stringify(body)}`);
  }
});

test("a task is found at the head of its answer, or in the answer itself", () => {
  const task = { "@odata.id": "/tasks/1", TaskState: "New" };
  assert.equal(Bmc.monitorOf({ status: 202, headers: { location: "/monitors/1" }, body: task }), "/monitors/1");
  assert.equal(Bmc.monitorOf({ status: 202, headers: {}, body: task }), "/tasks/1");
  assert.equal(Bmc.monitorOf({ status: 202, headers: {}, body: undefined }), undefined);
  assert.equal(Bmc.monitorOf({ status: 201, headers: { location: "/things/1" }, body: {} }), undefined);
});
