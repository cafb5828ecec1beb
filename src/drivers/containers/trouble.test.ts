import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../port.ts";
import { fullLine, troubleOf } from "./trouble.ts";

test("an engine that is down is trouble that may pass, and is told in clear words", () => {
  const trouble = troubleOf(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), "/run/d.sock");
  assert.ok(!(trouble instanceof Refusal));
  assert.match(trouble.message, /does not answer at \/run\/d\.sock \(ECONNREFUSED\): start it/);
});

test("what the engine cannot do it refuses for good, anything else may pass", () => {
  const bad = troubleOf({ statusCode: 400, json: { message: "range of CPUs is from 0.01 to 2.00" } }, "/s");
  assert.ok(bad instanceof Refusal && bad.forGood);
  assert.match(bad.message, /range of CPUs/);
  assert.ok(!(troubleOf({ statusCode: 500, json: { message: "busy" } }, "/s") instanceof Refusal));
});

test("a full disk is refused until there is room, and says whose it is and what to do", () => {
  const message = "mkdir /data/volumes/ebb-v: no space left on device";
  const full = troubleOf({ statusCode: 500, json: { message } }, "/s");
  assert.ok(full instanceof Refusal && !full.forGood);
  assert.equal(full.message, `the disk of the container engine is full: ${message}`);
  assert.equal(full.owner, "whoever runs Ebb");
  assert.match(full.hint, /make room/);
});

test("a server's log tells of a full disk in its last line about one, without what an engine puts before it", () => {
  const log = '\u0002\0\0\0\0\0\0@Errcode: 28 "No space left on device"\n\u0001\0\0\0\0\0\0\u0008aborting\n';
  assert.equal(fullLine(log), '@Errcode: 28 "No space left on device"');
  const innodb = "[ERROR] InnoDB: Could not set the file size of './ibdata1'. Probably out of disk space";
  assert.equal(fullLine(`${innodb}\n[ERROR] Aborting\n`), innodb);
  assert.equal(fullLine("ready for connections\n"), undefined);
});
