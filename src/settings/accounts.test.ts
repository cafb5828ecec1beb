import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readAccounts } from "./accounts.ts";
import { LOCAL_ACCESS_KEY, LOCAL_PASSWORD, LOCAL_SECRET_KEY, usesLocalCredentials } from "./local-account.ts";
import { SettingError } from "./setting-error.ts";

const user = (name: string, more: object = {}) => ({
  name,
  password: `${name}-password`,
  access_key: `${name.toUpperCase()}AAAAAAAAAAAAAAAA`,
  secret_key: `${name}SecretSecretSecret`,
  ...more,
});
const id = (end: string) => end.padStart(32, "0");
const read = (value: unknown) => readAccounts(value, "ebb.yaml", "eu-test-1");

function refusal(value: unknown): string {
  try {
    read(value);
  } catch (error) {
    assert.ok(error instanceof SettingError, String(error));
    return error.message;
  }
  return assert.fail("the accounts were accepted");
}

describe("accounts in the file", () => {
  it("keep the ids, keys and policies that they give", () => {
    const given = [
      {
        name: "acme",
        id: id("a"),
        users: [user("ann", { id: id("b"), policies: [{ Version: "1.1" }] })],
        projects: [{ name: "eu-test-1", id: id("c") }],
      },
    ];
    assert.deepEqual(read(given), given);
  });

  it("get ids that depend on the names only, and differ between accounts", () => {
    const given = ["acme", "globex"].map((name) => ({ name, users: [user(`ann${name}`)], projects: [{ name: "p" }] }));
    const first = read(given);
    assert.deepEqual(read(given), first);
    const ids = first.flatMap((account) => [
      account.id,
      ...account.users.map((u) => u.id),
      ...account.projects.map((p) => p.id),
    ]);
    assert.equal(new Set(ids).size, 6);
    for (const derived of ids) assert.match(derived, /^[0-9a-f]{32}$/);
  });

  it("may have users of one name in two accounts, with different ids", () => {
    const [a, b] = read([
      { name: "acme", users: [user("ann")] },
      { name: "globex", users: [user("ann", { access_key: "B".repeat(20) })] },
    ]);
    assert.notEqual(a?.users[0]?.id, b?.users[0]?.id);
  });

  it("without projects get one with the region's name", () => {
    const [account] = read([{ name: "acme", users: [user("ann")] }]);
    assert.deepEqual(
      account?.projects.map((project) => project.name),
      ["eu-test-1"],
    );
  });
});

describe("accounts that are wrong", () => {
  const account = (more: object) => [{ name: "acme", users: [user("ann")], ...more }];
  const cases: [string, unknown, RegExp][] = [
    ["not a list", {}, /^setting accounts \(ebb\.yaml\) is a mapping/],
    ["none", [], /^setting accounts .* is a list; allowed: a list of 1 to/],
    ["not a mapping", ["acme"], /^setting accounts\[0\] .* is "acme"/],
    ["no name", [{ users: [user("ann")] }], /^setting accounts\[0\]\.name .* is missing/],
    ["a strange name", account({ name: "a b" }), /^setting accounts\[0\]\.name .* is "a b"/],
    ["a strange key", account({ project: [] }), /^setting accounts\[0\]\.project .*allowed: the names name, id, users/],
    ["a short id", account({ id: "abc" }), /^setting accounts\[0\]\.id .* is "abc"; allowed: 32/],
    ["no users", account({ users: [] }), /^setting accounts\[0\]\.users /],
    ["no projects", account({ projects: [] }), /^setting accounts\[0\]\.projects /],
    [
      "a user without password",
      account({ users: [user("ann", { password: undefined })] }),
      /users\[0\]\.password .* is missing/,
    ],
    [
      "a number as password",
      account({ users: [user("ann", { password: 12_345_678 })] }),
      /users\[0\]\.password .* is \*\*\*/,
    ],
    [
      "a short secret key",
      account({ users: [user("ann", { secret_key: "hush" })] }),
      /users\[0\]\.secret_key .* is \*\*\*/,
    ],
    ["a misspelt password", account({ users: [user("ann", { pasword: "hush" })] }), /users\[0\]\.pasword .* is \*\*\*/],
    ["policies that are no list", account({ users: [user("ann", { policies: {} })] }), /users\[0\]\.policies /],
    ["a project with a strange key", account({ projects: [{ name: "p", nmae: "q" }] }), /projects\[0\]\.nmae /],
    ["two accounts of one name", [...account({}), ...account({})], /is "acme"; allowed: each account name only once/],
    [
      "two users of one name",
      account({ users: [user("ann"), user("ann")] }),
      /each user name in accounts\[0\] only once/,
    ],
    [
      "two projects of one name",
      account({ projects: [{ name: "p" }, { name: "p" }] }),
      /each project name in accounts\[0\]/,
    ],
    [
      "two users with one access key",
      account({ users: [user("ann"), user("ben", { access_key: user("ann").access_key })] }),
      /each access_key only once/,
    ],
    [
      "two things with one id",
      account({ id: "a".repeat(32), projects: [{ name: "p", id: "a".repeat(32) }] }),
      /each id only once/,
    ],
  ];
  for (const [what, value, message] of cases) {
    it(`are refused: ${what}`, () => {
      const refused = refusal(value);
      assert.match(refused, message);
      assert.ok(!refused.includes("hush") && !refused.includes("12345678"), "no secret is shown");
    });
  }
});

const holding = (more: object) => read([{ name: "acme", users: [user("ann"), user("ben", more)] }]);

describe("the known local credentials", () => {
  it("are noticed in any account that has one of them", () => {
    assert.equal(usesLocalCredentials(holding({})), false);
    assert.equal(usesLocalCredentials(holding({ password: LOCAL_PASSWORD })), true);
    assert.equal(usesLocalCredentials(holding({ access_key: LOCAL_ACCESS_KEY })), true);
    assert.equal(usesLocalCredentials(holding({ secret_key: LOCAL_SECRET_KEY })), true);
  });
});
