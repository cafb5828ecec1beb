import assert from "node:assert/strict";
import { test } from "node:test";
import { createIds, seededRandom } from "./ids.ts";

test("each id has its shape, version and variant", () => {
  const ids = createIds();
  for (let i = 0; i < 100; i++) {
    assert.match(ids.hex32(), /^[0-9a-f]{32}$/);
    assert.match(ids.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(ids.uuid7(Date.now()), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(ids.uuid1(Date.now()), /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const fraction = ids.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
  }
});

test("version 7 ids sort by their time", () => {
  const ids = createIds();
  const times = [0, 1, 1_000, Date.UTC(2026, 0, 1), Date.UTC(2030, 0, 1)];
  const made = times.map((time) => ids.uuid7(time));
  assert.deepEqual(made, made.toSorted());
});

test("a seed repeats its ids, and another seed has others", () => {
  assert.equal(createIds(seededRandom(1)).uuid(), createIds(seededRandom(1)).uuid());
  assert.notEqual(createIds(seededRandom(1)).uuid(), createIds(seededRandom(2)).uuid());
});
