import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { emptyFolder, type Folder } from "../../test/cli-process.ts";
import { type EndpointFlags, findEbb } from "./endpoint.ts";
import { CommandError, UsageError } from "./errors.ts";
import { writeRunning } from "./running.ts";

let folder: Folder;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(() => folder.remove());

const find = (flags: EndpointFlags = {}, env: NodeJS.ProcessEnv = {}) => findEbb(flags, env, folder.path);
const runHere = (url: string, region = "eu-run-1") =>
  writeRunning(`${folder.path}/.ebb`, { pid: process.pid, url, region });

describe("a command that talks to a running Ebb", () => {
  it("finds it by --endpoint, then --port, then EBB_ENDPOINT, then the data folder, then the settings", () => {
    const env = { EBB_ENDPOINT: "http://variable.test:2", EBB_PORT: "4" };
    runHere("http://127.0.0.1:3");
    assert.equal(find({ endpoint: "http://flag.test:1", port: "5" }, env).url, "http://flag.test:1");
    assert.equal(find({ port: "5" }, env).url, "http://127.0.0.1:5");
    assert.equal(find({}, env).url, "http://variable.test:2");
    assert.equal(find({}, { EBB_PORT: "4" }).url, "http://127.0.0.1:3");
    assert.equal(find({ dataDir: "elsewhere" }, { EBB_PORT: "4" }).url, "http://127.0.0.1:4");
    assert.equal(find({ dataDir: "elsewhere" }).url, "http://127.0.0.1:7080");
  });

  it("takes the region from the one that it found, else from the settings", () => {
    runHere("http://127.0.0.1:3");
    assert.equal(find().region, "eu-run-1");
    assert.equal(find({ port: "3" }).region, "eu-run-1");
    assert.equal(find({ port: "4" }).region, "eu-local-1");
  });

  it("calls a server that listens on every address, or on an IPv6 one, in a way that works", () => {
    const user =
      "{ name: ann, password: long-enough, access_key: AAAAAAAAAAAAAAAAAAAA, secret_key: ssssssssssssssssssss }";
    writeFileSync(join(folder.path, "own.yaml"), `accounts: [{ name: acme, users: [${user}] }]`);
    assert.equal(find({ config: "own.yaml" }, { EBB_HOST: "0.0.0.0" }).url, "http://127.0.0.1:7080");
    assert.equal(find({ config: "own.yaml" }, { EBB_HOST: "::" }).url, "http://[::1]:7080");
    assert.equal(find({}, { EBB_HOST: "::1" }).url, "http://[::1]:7080");
    assert.equal(find({}, { EBB_HOST: "localhost" }).url, "http://localhost:7080");
  });

  it("drops the slash at the end of an endpoint, and keeps a path before it", () => {
    assert.equal(find({ endpoint: "https://ebb.test/" }).url, "https://ebb.test");
    assert.equal(find({ endpoint: "https://ebb.test/local//" }).url, "https://ebb.test/local");
  });

  it("refuses an endpoint that is no plain URL", () => {
    for (const endpoint of [
      "",
      "127.0.0.1:7080",
      "ftp://ebb.test",
      "http://u:p@ebb.test",
      "http://ebb.test?x=1",
      "http://ebb.test#x",
    ]) {
      assert.throws(() => find({ endpoint }), UsageError, endpoint);
      assert.throws(() => find({}, { EBB_ENDPOINT: endpoint }), UsageError, endpoint);
    }
  });

  it("says so when the settings name no port and nothing runs", () => {
    assert.throws(() => find({}, { EBB_PORT: "0" }), CommandError);
  });
});
