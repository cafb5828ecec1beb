import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { emptyFolder, type Folder, runEbb } from "../../test/cli-process.ts";
import * as local from "../settings/local-account.ts";
import { loadSettings } from "../settings.ts";
import { writeRunning } from "./running.ts";

let folder: Folder;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(() => folder.remove());

const run = (...args: string[]) => runEbb(folder.path, args);

/** A server on loopback that answers as told, for the time of `use`. */
async function withServer(answer: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    await use(`http://127.0.0.1:${address.port}`);
  } finally {
    server.close();
  }
}

describe("the command line", () => {
  const oneLine = /^ebb: [^\n]+\n$/;

  it("ends with code 2 and one line when it is used wrongly", async () => {
    for (const args of [
      ["sink"],
      ["env", "--porrt", "1"],
      ["env", "more"],
      ["env", "--port"],
      ["env", "--endpoint", "x"],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [2, ""], args.join(" "));
      assert.match(stderr, oneLine);
    }
  });

  it("ends with code 1 and one line when a setting is wrong", async () => {
    for (const args of [
      ["start", "--port", "x"],
      ["env", "--port", "x"],
      ["token", "--config", "no.yaml"],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [1, ""], args.join(" "));
      assert.match(stderr, oneLine);
      assert.match(stderr, /^ebb: setting (port|config) \(flag /);
    }
  });

  it("refuses to start on an open address with the known local credentials", async () => {
    const { code, stderr } = await run("start", "--host", "0.0.0.0");
    assert.equal(code, 1);
    assert.match(stderr, /^ebb: setting host \(flag --host\) is "0\.0\.0\.0"; allowed: .*\n$/);
  });

  it("prints its help and its version without an error", async () => {
    const help = await run("--help");
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, /start[^]*env[^]*token/);
    const version = await run("--version");
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match((await run("start", "--help")).stdout, /--data-dir[^]*--pace[^]*--log-level/);
  });
});

describe("ebb env", () => {
  const known = {
    endpoint: "http://127.0.0.1:7080",
    region: "eu-local-1",
    project_id: local.LOCAL_PROJECT_ID,
    domain_id: local.LOCAL_DOMAIN_ID,
    domain_name: local.LOCAL_DOMAIN_NAME,
    user_name: local.LOCAL_USER_NAME,
    password: local.LOCAL_PASSWORD,
    access_key: local.LOCAL_ACCESS_KEY,
    secret_key: local.LOCAL_SECRET_KEY,
  };

  it("prints one JSON object with the known local values, and nothing on stderr", async () => {
    const { code, stdout, stderr } = await run("env", "--json");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(JSON.parse(stdout), known);
    assert.deepEqual(Object.keys(JSON.parse(stdout) as object), Object.keys(known));
  });

  it("names the Ebb that runs on the data folder", async () => {
    writeRunning(join(folder.path, "data"), { pid: process.pid, url: "http://127.0.0.1:4711", region: "eu-run-9" });
    const { stdout } = await run("env", "--json", "--data-dir", "data");
    assert.deepEqual(JSON.parse(stdout), { ...known, endpoint: "http://127.0.0.1:4711", region: "eu-run-9" });
  });

  it("is not led astray by its own earlier output", async () => {
    const { stdout } = await runEbb(folder.path, ["env", "--json"], { EBB_ENDPOINT: "http://127.0.0.1:1" });
    assert.deepEqual(JSON.parse(stdout), known);
  });

  it("names the first user of ebb.yaml, and the project that carries the region's name", async () => {
    const user =
      "{ name: ann, password: long-enough, access_key: AAAAAAAAAAAAAAAAAAAA, secret_key: ssssssssssssssssssss }";
    const projects =
      "[{ name: other, id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }, { name: eu-test-1, id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb }]";
    writeFileSync(
      join(folder.path, "ebb.yaml"),
      `region: eu-test-1\naccounts: [{ name: acme, users: [${user}], projects: ${projects} }]`,
    );
    const values = JSON.parse((await run("env", "--json")).stdout) as typeof known;
    assert.deepEqual([values.domain_name, values.user_name, values.password], ["acme", "ann", "long-enough"]);
    assert.equal(values.project_id, "b".repeat(32));
  });

  it("prints exports that a shell reads back unchanged and that a start accepts", async () => {
    const password = String.raw`it's "$HOME" \ !` + "`id`";
    const user = { name: "ann", password, access_key: "A".repeat(20), secret_key: "s".repeat(20) };
    writeFileSync(join(folder.path, "ebb.yaml"), JSON.stringify({ accounts: [{ name: "acme", users: [user] }] }));
    const { stdout } = await run("env");
    const printed = execFileSync("/bin/sh", ["-c", `${stdout}env -0`], { env: {}, encoding: "utf8" });
    const variables = Object.fromEntries(
      printed.split("\0").map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]),
    );
    assert.equal(variables.HW_USER_PASSWORD, password);
    assert.equal(variables.HW_AUTH_URL, "http://127.0.0.1:7080/v3");
    assert.equal(variables.HUAWEICLOUD_SDK_REGION_CLOUDDC_EU_LOCAL_1, "http://127.0.0.1:7080");
    assert.equal(variables.HUAWEICLOUD_SDK_AK, "A".repeat(20));
    assert.equal(loadSettings({}, variables, folder.path).port, 7080);
  });
});

const refuse: RequestListener = (_, response) => {
  response
    .writeHead(401)
    .end('{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}');
};

describe("ebb token", () => {
  it("logs in as the configured user and prints the token", async () => {
    let asked: unknown;
    const answer: RequestListener = (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        asked = [request.method, request.url, JSON.parse(body)];
        response.writeHead(201, { "X-Subject-Token": "MIItoken" }).end("{}");
      });
    };
    await withServer(answer, async (url) => {
      const { code, stdout, stderr } = await run("token", "--endpoint", url);
      assert.deepEqual([code, stdout, stderr], [0, "MIItoken\n", ""]);
    });
    const user = {
      name: local.LOCAL_USER_NAME,
      password: local.LOCAL_PASSWORD,
      domain: { name: local.LOCAL_DOMAIN_NAME },
    };
    assert.deepEqual(asked, [
      "POST",
      "/v3/auth/tokens?nocatalog=true",
      {
        auth: {
          identity: { methods: ["password"], password: { user } },
          scope: { project: { id: local.LOCAL_PROJECT_ID } },
        },
      },
    ]);
  });

  it("says in one line that nothing answers", async () => {
    let url = "";
    await withServer(
      () => {},
      async (used) => {
        url = used;
      },
    );
    const { code, stdout, stderr } = await run("token", "--endpoint", url);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^ebb: nothing answers at http:\/\/127\.0\.0\.1:\d+: start Ebb .*\n$/);
  });

  it("says in one line why it got none", async () => {
    await withServer(refuse, async (url) => {
      const { code, stderr } = await run("token", "--endpoint", url);
      assert.deepEqual([code, stderr], [1, `ebb: ${url} gave no token: 401 The username or password is wrong.\n`]);
    });
    const others: [RequestListener, number][] = [
      [(_, response) => response.end("not Ebb"), 200],
      [(_, response) => response.writeHead(201).end("{}"), 201],
      [(_, response) => response.writeHead(200, { "X-Subject-Token": "MIItoken" }).end("{}"), 200],
      [(_, response) => response.writeHead(302, { Location: "/elsewhere" }).end(), 302],
    ];
    for (const [answer, status] of others) {
      await withServer(answer, async (url) => {
        const { code, stdout, stderr } = await run("token", "--endpoint", url);
        assert.deepEqual([code, stdout, stderr], [1, "", `ebb: ${url} gave no token: ${status}\n`]);
      });
    }
  });
});
