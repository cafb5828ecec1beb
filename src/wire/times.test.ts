import assert from "node:assert/strict";
import test from "node:test";
import { isoMicros, isoMillis, isoOffset, isoSeconds } from "./times.ts";

const AT = Date.UTC(2026, 0, 5, 8, 0, 0, 42);

test("a time is written as each service writes it", () => {
  assert.equal(isoMillis(AT), "2026-01-05T08:00:00.042Z");
  assert.equal(isoMicros(AT), "2026-01-05T08:00:00.042000Z");
  assert.equal(isoSeconds(AT), "2026-01-05T08:00:00Z");
  assert.equal(isoOffset(AT), "2026-01-05T08:00:00+0000");
});
