import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container } from "./engine.ts";
import { standing } from "./standing.ts";

const container = (Status: string, RestartCount = 0) =>
  ({ Name: "/ebb-one", RestartCount, State: { Status, ExitCode: 3 } }) as Container;

test("a server between two lives is not broken, on either engine, until it has ended too often", () => {
  for (const status of ["running", "restarting", "stopped"]) {
    assert.equal(standing(container(status, 4)), undefined, status);
    const look = standing(container(status, 5));
    assert.equal(look?.is, "broken", status);
    assert.match(look?.is === "broken" ? look.reason : "", /ebb-one has ended 5 times, last with 3/);
  }
});

test("what nothing starts again is broken, and what the engine takes away is on its way out", () => {
  assert.equal(standing(container("exited"))?.is, "broken");
  assert.equal(standing(container("removing"))?.is, "unmaking");
  assert.equal(standing(container("created"))?.is, "making");
  assert.equal(standing(undefined)?.is, "absent");
});
