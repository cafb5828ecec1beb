import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MUTATIONS } from "../prove/guards/mutations/index.ts";
import { misfits } from "../prove/guards/tree.ts";

const ROOT = join(import.meta.dirname, "..");

test("every mutation of the guards' proof fits the source, under a name of its own", () => {
  assert.deepEqual(misfits(MUTATIONS), []);
  assert.equal(new Set(MUTATIONS.map(({ name }) => name)).size, MUTATIONS.length);
});

test("every mutation names a file of tests that is there", () => {
  const files = new Set(MUTATIONS.map(({ test: [file] }) => file));
  for (const file of files) assert.match(readFileSync(join(ROOT, file), "utf8"), /\btest[A-Z]?\w*\(/, file);
});
