import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type CliProcess, emptyFolder, type Folder, runEbb, startEbbWith } from "../../test/cli-process.ts";

const URL_LINE = "http://127.0.0.1:7099";
/** A server that says when it closes, and stays until then. */
const OBEDIENT = `async () => {
  const alive = setInterval(() => {}, 1000);
  return { url: "${URL_LINE}", close: async () => { clearInterval(alive); console.log("closed"); } };
}`;
/** A server that says when it is asked to close, and never does. */
const STUBBORN = `async () => {
  setInterval(() => {}, 1000);
  return { url: "${URL_LINE}", close: () => new Promise(() => console.log("closing")) };
}`;

let folder: Folder;
let started: CliProcess[] = [];
beforeEach(() => {
  folder = emptyFolder();
  started = [];
});
afterEach(async () => {
  for (const ebb of started) ebb.kill("SIGKILL");
  await Promise.all(started.map((ebb) => ebb.ended));
  folder.remove();
});

function start(server: string, ...args: string[]): CliProcess {
  const ebb = startEbbWith(server, folder.path, ["start", ...args]);
  started.push(ebb);
  return ebb;
}

/** The ready line and the three after it. */
async function welcome(ebb: CliProcess): Promise<string[]> {
  const lines: string[] = [];
  while (lines.length < 4) {
    const line = await ebb.nextLine();
    if (line === undefined) assert.fail((await ebb.ended).stderr);
    lines.push(line);
  }
  return lines;
}

describe("ebb start", () => {
  it("prints the ready line, then three lines that a shell can run", async () => {
    const [ready, ...pasted] = await welcome(start(OBEDIENT));
    assert.equal(ready, `ebb ready on ${URL_LINE}`);
    assert.equal(pasted[0], 'eval "$(npx ebb env)"');
    assert.match(pasted[1] ?? "", /^curl .*npx ebb token.* http:\/\/127\.0\.0\.1:7099\//);
    assert.match(pasted[2] ?? "", /^python3 .*with_endpoint\("http:\/\/127\.0\.0\.1:7099"\)/);
    execFileSync("/bin/sh", ["-n"], { input: pasted.join("\n") });
  });

  it("prints where its data folder is when the other commands would look elsewhere", async () => {
    const lines = await welcome(start(OBEDIENT, "--data-dir", "a folder"));
    assert.equal(lines[1], `eval "$(npx ebb env --data-dir '${join(folder.path, "a folder")}')"`);
  });

  it("leaves a note by which env finds it, readable by its owner only, until it closes", async () => {
    const ebb = start(OBEDIENT, "--region", "eu-test-7");
    await welcome(ebb);
    const note = join(folder.path, ".ebb", "running.json");
    assert.deepEqual(JSON.parse(readFileSync(note, "utf8")), { pid: ebb.pid, url: URL_LINE, region: "eu-test-7" });
    const found = JSON.parse((await runEbb(folder.path, ["env", "--json"])).stdout) as {
      endpoint: string;
      region: string;
    };
    assert.deepEqual([found.endpoint, found.region], [URL_LINE, "eu-test-7"]);
    ebb.kill("SIGTERM");
    await ebb.ended;
    assert.equal(existsSync(note), false);
  });
});

describe("a started Ebb", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`closes the server and ends with code 0 on ${signal}`, async () => {
      const ebb = start(OBEDIENT);
      await welcome(ebb);
      ebb.kill(signal);
      const { code, stdout, stderr } = await ebb.ended;
      assert.deepEqual([code, stdout.endsWith("closed\n"), stderr], [0, true, ""]);
    });
  }

  it("ends at once on a second signal", async () => {
    const ebb = start(STUBBORN);
    await welcome(ebb);
    ebb.kill("SIGTERM");
    assert.equal(await ebb.nextLine(), "closing");
    const again = setInterval(() => ebb.kill("SIGINT"), 20);
    const { code } = await ebb.ended;
    clearInterval(again);
    assert.equal(code, 130);
  });

  it("takes a signal that npm repeats at the same moment for one", async () => {
    const ebb = start(`async () => setInterval(() => {}, 1000) && ({
      url: "${URL_LINE}",
      close: () => new Promise((done) => { process.once("SIGINT", done); process.kill(process.pid, "SIGINT"); }),
    })`);
    await welcome(ebb);
    ebb.kill("SIGINT");
    assert.equal((await ebb.ended).code, 0);
  });

  it("gives the settings to the server", async () => {
    const lines = await welcome(
      start(`async (settings) => ({ url: "http://" + settings.pace, close: async () => {} })`, "--pace", "fast"),
    );
    assert.equal(lines[0], "ebb ready on http://fast");
  });

  it("ends with code 1 and one line when the server does not start, even if it left something running", async () => {
    const ebb = start(`async () => {
      setInterval(() => {}, 1000);
      throw Object.assign(new Error("another Ebb is running here"), { code: "EBB_LOCKED" });
    }`);
    const { code, stdout, stderr } = await ebb.ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^ebb: another Ebb is running here\n$/);
    assert.equal(existsSync(join(folder.path, ".ebb", "running.json")), false);
  });

  it("says in one line why closing failed", async () => {
    const ebb = start(`async () => {
      const alive = setInterval(() => {}, 1000);
      return { url: "${URL_LINE}", close: async () => { throw new Error("store is stuck"); } };
    }`);
    await welcome(ebb);
    ebb.kill("SIGTERM");
    const { code, stderr } = await ebb.ended;
    assert.deepEqual([code, stderr], [1, "ebb: store is stuck\n"]);
  });
});
