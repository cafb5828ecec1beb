import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { emptyFolder, runEbb } from "../../test/cli-process.ts";
import { type Ebb, startEbb } from "../../test/harness.ts";
import { UsageError } from "./errors.ts";
import { faultBody } from "./fault-body.ts";

function runner(t: TestContext, ebb: Ebb) {
  const folder = emptyFolder();
  t.after(() => folder.remove());
  return (...args: string[]) =>
    runEbb(folder.path, [...args, "--endpoint", ebb.url, "--operator-token", ebb.operatorToken]);
}

test("faults are added, shown with their counts, and ended from the command line", async (t) => {
  const ebb = await startEbb(t);
  const run = runner(t, ebb);
  const added = await run(
    "fault",
    "add",
    "--service",
    "fabric",
    "--operation",
    "ListWorkspaces",
    "--status",
    "429",
    "--first",
    "2",
  );
  assert.equal(added.code, 0, added.stderr);
  const [, id = ""] =
    /^fault ([0-9a-f]{8}): call dataartsfabric ListWorkspaces: status 429, first 2;/.exec(added.stdout) ?? [];
  assert.ok(id, added.stdout);
  const step = await run("fault", "add", "--kind", "fabric.endpoint", "--step", "give-back", "--fails", "3");
  assert.match(step.stdout, /step fabric\.endpoint give-back: fails, first 3/);
  const gone = await run("fault", "add", "--gone", "403", "--service", "modelarts");
  assert.match(gone.stdout, /what is gone modelarts: 403, every call/);
  for (let i = 0; i < 3; i++) await ebb.one.ask("GET", "/v1/workspaces");

  const list = await run("fault", "list");
  assert.match(list.stdout, /^ID +WHERE +WHAT +WHEN +CALLS +FIRED\n/);
  assert.match(list.stdout, new RegExp(`\n${id} .* first 2 +3 +2\n`));
  assert.match(list.stdout, / fails +first 3 +0 +never\n/);
  assert.equal((await run("fault", "list", "--unused")).stdout.trim().split("\n").length, 3);
  assert.match((await run("fault", "rm", id)).stdout, new RegExp(`\n${id} .* 3 +2\n$`));
  const { faults } = JSON.parse((await run("fault", "clear", "--json")).stdout) as { faults: object[] };
  assert.equal(faults.length, 2);
  assert.equal((await run("fault", "list")).stdout, "no fault\n");
});

test("a fault that cannot be ends the command with what to do", async (t) => {
  const ebb = await startEbb(t);
  const run = runner(t, ebb);
  const refused = await run("fault", "add", "--service", "fabrik", "--reset");
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(refused.stderr, /^ebb: there is no service fabrik: did you mean fabric\?: known: .*\n$/);
  const unsaid = await run("fault", "add", "--service", "fabric");
  assert.equal(unsaid.code, 2);
  assert.match(unsaid.stderr, /^ebb: say what goes wrong with one of --status, /);
  assert.equal((await run("fault", "rm", "none")).code, 1);
});

const body = (flags: object) => JSON.parse(JSON.stringify(faultBody(flags))) as unknown;

test("each option says what the fault does", () => {
  const cases: [flags: object, asked: object][] = [
    [{ slow: "1m30s" }, { on: "call", answer: { slow_ms: 90_000 } }],
    [
      { status: "429", retryAfter: "5" },
      { on: "call", answer: { status: 429, retry_after_s: 5 } },
    ],
    [
      { reset: true, every: "3" },
      { on: "call", answer: "reset", every: 3 },
    ],
    [
      { cut: true, probability: "0.25", seed: "7" },
      { on: "call", answer: "cut", probability: 0.25, seed: 7 },
    ],
    [
      { lost: true, times: "2" },
      { on: "call", answer: "lost", times: 2 },
    ],
    [{ fails: true }, { on: "step", answer: "fails" }],
    [{ fails: "3" }, { on: "step", answer: "fails", first: 3 }],
    [{ failsForGood: "why" }, { on: "step", answer: { fails_for_good: "why" } }],
    [
      { hangs: true, for: "2h" },
      { on: "step", answer: "hangs", for_ms: 7_200_000 },
    ],
    [{ lostAnswer: true }, { on: "step", answer: "lost-answer" }],
    [{ refuses: "2m" }, { on: "step", answer: "refuses", for_ms: 120_000 }],
    [{ refuses: true }, { on: "step", answer: "refuses" }],
    [{ gone: "empty-list" }, { on: "gone", answer: "empty-list" }],
  ];
  for (const [flags, asked] of cases) assert.deepEqual(body({ service: "x", ...flags }), { service: "x", ...asked });
});

test("options that contradict each other, or are no number, are a wrong use", () => {
  for (const flags of [
    { reset: true, cut: true },
    { fails: "3", first: "2" },
    { refuses: "2m", for: "1m" },
    { reset: true, retryAfter: "1" },
    { reset: true, first: "many" },
    { reset: true, first: "-1" },
    { slow: "soon" },
    {},
  ])
    assert.throws(() => faultBody(flags), UsageError, JSON.stringify(flags));
});

test("requests are shown, filtered and forgotten from the command line", async (t) => {
  const ebb = await startEbb(t);
  const run = runner(t, ebb);
  await ebb.one.ask("GET", "/v1/workspaces");
  await ebb.one.ask("GET", "/no-such-route");
  const shown = await run("requests", "--status", "404");
  assert.match(
    shown.stdout,
    /^NO +AT +METHOD +PATH +OPERATION +STATUS +TOOK +FAULT\n\d+ .* GET +\/no-such-route +- +404 .*\n$/,
  );
  const { requests } = JSON.parse((await run("requests", "--operation", "ListWorkspaces", "--json")).stdout) as {
    requests: object[];
  };
  assert.equal(requests.length, 1);
  assert.equal((await run("requests", "--clear", "--limit", "1")).code, 2);
  assert.match((await run("requests", "--clear")).stdout, /^\d+ requests are forgotten\n$/);
  assert.equal((await run("requests")).stdout, "no request\n");
  assert.equal((await run("requests", "--service", "none")).code, 1);
});
