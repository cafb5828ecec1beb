import assert from "node:assert/strict";
import test from "node:test";
import { durationMs, sayDuration } from "./durations.ts";

test("a duration is read as it is written", () => {
  const written: [string, number][] = [
    ["0s", 0],
    ["500ms", 500],
    ["45s", 45_000],
    ["30m", 1_800_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["1w", 604_800_000],
    ["1h30m", 5_400_000],
    ["1w2d3h4m5s6ms", 788_645_006],
  ];
  for (const [text, ms] of written) {
    assert.equal(durationMs(text), ms, text);
    assert.equal(sayDuration(ms), text);
  }
  assert.equal(sayDuration(-90_000), "-1m30s");
});

test("what is no duration is none", () => {
  const wrong = [
    "",
    "30",
    "m",
    "-5m",
    "1.5h",
    "30 m",
    "1m1m",
    "30m1h",
    "1y",
    "5M",
    "1h30",
    "+1s",
    "9999999999999999w",
    "99999999999999w",
  ];
  for (const text of wrong) assert.equal(durationMs(text), undefined, text);
});
