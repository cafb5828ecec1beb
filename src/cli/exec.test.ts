import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { emptyFolder, runEbb } from "../../test/cli-process.ts";

/** A client in a few lines, as a user's script would be: it makes a workspace, and deletes it when asked to. */
const SCRIPT = `
  const { EBB_ENDPOINT: url, HW_DOMAIN_NAME, HW_USER_NAME, HW_USER_PASSWORD, HW_PROJECT_ID } = process.env;
  const user = { name: HW_USER_NAME, password: HW_USER_PASSWORD, domain: { name: HW_DOMAIN_NAME } };
  const auth = { identity: { methods: ["password"], password: { user } }, scope: { project: { id: HW_PROJECT_ID } } };
  const login = await fetch(url + "/v3/auth/tokens", { method: "POST", body: JSON.stringify({ auth }) });
  const headers = { "x-auth-token": login.headers.get("x-subject-token") };
  const ask = async (method, path, body) => {
    const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
    return answer.json().catch(() => ({}));
  };
  const { id } = await ask("POST", "/v1/workspaces", { name: "by-script" });
  const endpoints = "/v1/workspaces/" + id + "/endpoints";
  const endpoint = await ask("POST", endpoints, { name: "ep", type: "inference" });
  console.log("made", id.length);
  if (process.argv.includes("clean")) {
    await ask("DELETE", endpoints + "/" + endpoint.id);
    for (;;) {
      const { total } = await ask("GET", endpoints);
      if (total === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await ask("DELETE", "/v1/workspaces/" + id);
  }
  if (process.argv.includes("halfway")) await ask("DELETE", endpoints + "/" + endpoint.id);
  if (process.argv.includes("fails")) process.exit(7);
`;

function exec(t: TestContext, flags: string[], ...words: string[]) {
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const command = [process.execPath, "--input-type=module", "--eval", SCRIPT, "--", ...words];
  return runEbb(folder.path, ["exec", ...flags, "--", ...command]);
}

test("a command that cleans up after itself ends well, and its output stays its own", async (t) => {
  const { code, stdout, stderr } = await exec(t, ["--fail-on-leftovers"], "clean");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "made 36\n");
  assert.equal(stderr, "ebb: created 1 fabric.endpoint, 1 fabric.workspace\nebb: nothing is left\n");
});

test("what a command leaves behind is named, and fails it when that is asked for", async (t) => {
  const { code, stderr } = await exec(t, ["--fail-on-leftovers"]);
  assert.equal(code, 3);
  assert.match(stderr, /ebb: 2 left behind\nKIND +ID +NAME +STATE +WHY\nfabric.workspace .* by-script +ACTIVE/);
  assert.equal((await exec(t, [])).code, 0);
});

test("deletes that are under way at the end of the command are seen through", async (t) => {
  const { code, stderr } = await exec(t, ["--fail-on-leftovers", "--pace", "real"], "halfway");
  assert.equal(code, 3);
  assert.match(stderr, /ebb: 1 left behind/);
  assert.doesNotMatch(stderr, /not finished/);
});

test("the command's own exit code comes first", async (t) => {
  assert.equal((await exec(t, ["--fail-on-leftovers"], "fails")).code, 7);
});

test("a command that cannot be run is said so", async (t) => {
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const { code, stderr } = await runEbb(folder.path, ["exec", "--", "no-such-command-here"]);
  assert.equal(code, 1);
  assert.match(stderr, /no-such-command-here could not be run/);
});
