import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import * as local from "./settings/local-account.ts";
import { loadSettings, SettingError } from "./settings.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "ebb-settings-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (yaml: string, name = "ebb.yaml") => writeFileSync(join(cwd, name), yaml);

/** The message that stops the start. */
function refusal(flags: Record<string, unknown> = {}, env: NodeJS.ProcessEnv = {}): string {
  try {
    loadSettings(flags, env, cwd);
  } catch (error) {
    assert.ok(error instanceof SettingError, String(error));
    assert.ok(!error.message.includes("\n"), "the message is one line");
    return error.message;
  }
  return assert.fail("the settings were accepted");
}

describe("settings nobody set", () => {
  it("are the documented defaults", () => {
    const { accounts, ...rest } = loadSettings({}, {}, cwd);
    assert.deepEqual(rest, {
      host: "127.0.0.1",
      port: 7080,
      dataDir: join(cwd, ".ebb"),
      store: { kind: "sqlite", file: join(cwd, ".ebb", "ebb.db") },
      pace: "real",
      region: "eu-local-1",
      requestTimeoutMs: 30_000,
      bodyLimitBytes: 1_048_576,
      throttle: null,
      retentionHours: 720,
      operatorToken: null,
      inventory: {},
      drivers: {},
      logLevel: "info",
    });
    assert.deepEqual(accounts, [local.localAccount("eu-local-1")]);
  });

  it("give one local account whose project carries the region's name", () => {
    const [account] = loadSettings({ region: "eu-test-2" }, {}, cwd).accounts;
    assert.deepEqual(account?.projects, [{ name: "eu-test-2", id: local.LOCAL_PROJECT_ID }]);
  });

  it("give credentials in the shapes of real ones", () => {
    assert.match(local.LOCAL_ACCESS_KEY, /^EBBLOCAL[A-Z0-9]{12}$/);
    assert.match(local.LOCAL_SECRET_KEY, /^[A-Za-z0-9]{40}$/);
    for (const id of [local.LOCAL_DOMAIN_ID, local.LOCAL_USER_ID, local.LOCAL_PROJECT_ID]) {
      assert.match(id, /^[0-9a-f]{32}$/);
    }
  });
});

describe("a setting in several places", () => {
  it("counts from the flag before the variable before the file", () => {
    write("port: 3\npace: fast\nregion: from-file");
    const env = { EBB_PORT: "2", EBB_PACE: "instant" };
    const settings = loadSettings({ port: "1" }, env, cwd);
    assert.deepEqual([settings.port, settings.pace, settings.region], [1, "instant", "from-file"]);
  });

  it("comes from the file that the flag names, before the one that EBB_CONFIG names, before ebb.yaml", () => {
    write("port: 1");
    write("port: 2", "two.yaml");
    write("port: 3", "three.yaml");
    const env = { EBB_CONFIG: "two.yaml" };
    assert.equal(loadSettings({}, {}, cwd).port, 1);
    assert.equal(loadSettings({}, env, cwd).port, 2);
    assert.equal(loadSettings({ config: "three.yaml" }, env, cwd).port, 3);
  });

  it("leaves alone the variables that belong to the tests and to the commands", () => {
    const env = { EBB_TEST_STORE: "sqlite", EBB_ENDPOINT: "http://127.0.0.1:1" };
    assert.equal(loadSettings({}, env, cwd).port, 7080);
  });
});

describe("a right setting", () => {
  it("is read in each of its forms", () => {
    write("inventory:\n  racks: 2\ndrivers:\n  server: { kind: simulated }\nthrottle: 100/60\nlog_level: debug");
    const flags = { dataDir: "here/there", store: "postgres://u:p@db.test:5432/ebb", port: "0", retentionHours: "1" };
    const settings = loadSettings(flags, { EBB_REQUEST_TIMEOUT_MS: "50", EBB_BODY_LIMIT_BYTES: "2048" }, cwd);
    assert.equal(settings.dataDir, join(cwd, "here/there"));
    assert.deepEqual(settings.store, { kind: "postgres", url: "postgres://u:p@db.test:5432/ebb" });
    assert.deepEqual(settings.throttle, { requests: 100, perSeconds: 60 });
    assert.deepEqual(settings.inventory, { racks: 2 });
    assert.deepEqual(settings.drivers, { server: { kind: "simulated" } });
    assert.deepEqual([settings.port, settings.retentionHours, settings.logLevel], [0, 1, "debug"]);
    assert.deepEqual([settings.requestTimeoutMs, settings.bodyLimitBytes], [50, 2048]);
  });
});

describe("a wrong setting", () => {
  it("is named with its source, its value and what is allowed", () => {
    assert.equal(
      refusal({ port: "70800" }),
      'setting port (flag --port) is "70800"; allowed: a whole number from 0 to 65535',
    );
    assert.equal(
      refusal({}, { EBB_PACE: "slow" }),
      'setting pace (variable EBB_PACE) is "slow"; allowed: instant, fast, real',
    );
    write("port: yes");
    assert.ok(refusal().startsWith(`setting port (${join(cwd, "ebb.yaml")}) is "yes"; allowed: `));
  });

  const wrong: [string, string[]][] = [
    ["host", ["", "local host", "-x", "http://127.0.0.1"]],
    ["port", ["", "-1", "65536", "1.5", "0x10", " 80", "1e3"]],
    ["dataDir", ["", " ", "a\0b"]],
    ["store", ["", "mysql://h/d", "postgres://h", "postgres:", "SQLITE"]],
    ["pace", ["", "Real"]],
    ["region", ["", "EU-1", "1-eu", "a".repeat(37), "eu_1", "a/b"]],
    ["requestTimeoutMs", ["0", "3600001"]],
    ["bodyLimitBytes", ["1023", "67108865"]],
    ["throttle", ["", "100", "0/60", "100/0", "on"]],
    ["retentionHours", ["0", "87601"]],
    ["logLevel", ["verbose"]],
  ];
  for (const [name, values] of wrong) {
    it(`stops the start: ${name}`, () => {
      for (const value of values)
        assert.match(refusal({ [name]: value }), /^setting .+ \(flag --.+; allowed: .+/, value);
    });
  }

  it("stops the start when it is empty, a list, a mapping or a truth value", () => {
    for (const value of ["", "[1]", "{ a: 1 }", "true"]) {
      write(`port: ${value}`);
      assert.match(refusal(), /^setting port /);
    }
  });

  it("stops the start when nobody knows its name", () => {
    assert.match(refusal({}, { EBB_PROT: "1" }), /^setting EBB_PROT \(variable\) is "1"; allowed: .*EBB_PORT/);
    write("prot: 1");
    assert.match(refusal(), /^setting prot \(.*ebb\.yaml\) is 1; allowed: .*port/);
  });

  it("is shown without its secrets", () => {
    const secret = "s3cr3t:/@x";
    for (const url of [
      `mysql://u:${secret}@h/d`,
      `postgres:u:${secret}@h`,
      `//u:${secret}@h`,
      `postgres://u:${secret}@h`,
    ]) {
      const message = refusal({ store: url });
      assert.ok(!message.includes("s3cr3t") && message.includes(":***@h"), message);
    }
    assert.match(refusal({ store: "mysql://ann:s3cr3t@h/d" }), /is "mysql:\/\/ann:\*\*\*@h\/d"/);
    assert.ok(!refusal({ store: "mysql://h/d?password=s3cr3t" }).includes("s3cr3t"));
    assert.ok(!refusal({}, { EBB_PASSWORD: "s3cr3t" }).includes("s3cr3t"));
    write("acounts: [{ users: [{ password: s3cr3t }] }]");
    assert.ok(!refusal().includes("s3cr3t"));
  });

  it("is cut when it is long, so that the message stays one short line", () => {
    assert.ok(refusal({ pace: "x\n".repeat(10_000) }).length < 300);
  });
});

describe("the file", () => {
  it("must exist when it was asked for, and need not otherwise", () => {
    assert.match(
      refusal({ config: "no.yaml" }),
      /^setting config \(flag --config\) is ".*no\.yaml"; allowed: .*ENOENT/,
    );
    assert.match(refusal({}, { EBB_CONFIG: "no.yaml" }), /^setting config \(variable EBB_CONFIG\)/);
    assert.equal(loadSettings({}, {}, cwd).port, 7080);
  });

  it("may be empty, and must otherwise be a mapping in YAML that can be read", () => {
    write("# nothing\n");
    assert.equal(loadSettings({}, {}, cwd).port, 7080);
    for (const yaml of ["- 1", "text", "port: [", "port: 1\nport: 2"]) {
      write(yaml);
      assert.match(refusal(), /^setting config \(/, yaml);
    }
  });
});

describe("the host", () => {
  it("is any loopback address with the known local credentials", () => {
    for (const host of ["127.0.0.1", "127.8.9.10", "::1", "localhost"]) {
      assert.equal(loadSettings({ host }, {}, cwd).host, host);
    }
  });

  it("is nothing else with them", () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "ebb.test", "127.0.0.1.evil.test", "126.0.0.1", "128.0.0.1"]) {
      assert.match(
        refusal({ host }),
        /^setting host \(flag --host\) is ".*"; allowed: .*known local credentials/,
        host,
      );
    }
  });

  it("is any address when ebb.yaml gives accounts of its own", () => {
    const keys = "password: long-enough, access_key: AAAAAAAAAAAAAAAAAAAA, secret_key: ssssssssssssssssssss";
    write(`host: 0.0.0.0\naccounts: [{ name: acme, users: [{ name: ann, ${keys} }] }]`);
    assert.equal(loadSettings({}, {}, cwd).host, "0.0.0.0");
  });
});
