import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { emptyFolder, type Folder } from "../../test/cli-process.ts";
import { readRunning, removeRunning, writeRunning } from "./running.ts";

let folder: Folder;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(() => folder.remove());

const note = (pid: number) => ({ pid, url: "http://127.0.0.1:7080", region: "eu-local-1" });

/** The id of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ["--version"]).pid;

describe("the note of a running Ebb", () => {
  it("is read back while its process lives, and only its owner can read it", () => {
    const dataDir = join(folder.path, "made", "on the way");
    writeRunning(dataDir, note(process.pid));
    assert.deepEqual(readRunning(dataDir), note(process.pid));
    assert.equal(statSync(join(dataDir, "running.json")).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dataDir), ["running.json"]);
  });

  it("counts for nothing once its process is gone", () => {
    writeRunning(folder.path, note(deadPid()));
    assert.equal(readRunning(folder.path), undefined);
  });

  it("counts for nothing when it is missing or is no note", () => {
    assert.equal(readRunning(folder.path), undefined);
    for (const text of [
      "",
      "{",
      "[]",
      "null",
      '{"pid":"1","url":"u","region":"r"}',
      '{"pid":-1,"url":"u","region":"r"}',
      `{"pid":${process.pid}}`,
    ]) {
      writeFileSync(join(folder.path, "running.json"), text);
      assert.equal(readRunning(folder.path), undefined, text);
    }
  });

  it("is replaced by a later one, and removed only by the process that it names", () => {
    writeRunning(folder.path, note(deadPid()));
    writeRunning(folder.path, note(process.pid));
    removeRunning(folder.path, process.pid + 1);
    assert.deepEqual(readRunning(folder.path), note(process.pid));
    removeRunning(folder.path, process.pid);
    assert.equal(existsSync(join(folder.path, "running.json")), false);
  });
});
