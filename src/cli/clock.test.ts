import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { emptyFolder, runEbb } from "../../test/cli-process.ts";
import { type Ebb, startEbb } from "../../test/harness.ts";
import { startNotebooks } from "../../test/notebooks.ts";

function runner(t: TestContext, ebb: Ebb) {
  const folder = emptyFolder();
  t.after(() => folder.remove());
  return async (...args: string[]) => {
    const ended = await runEbb(folder.path, [...args, "--endpoint", ebb.url, "--operator-token", ebb.operatorToken]);
    return { ...ended, lines: ended.stdout.trimEnd().split("\n") };
  };
}

test("the clock is shown, moved, frozen and let go on from the command line", async (t) => {
  const { ebb, create, status } = await startNotebooks(t);
  const run = runner(t, ebb);
  const { id } = (await create()).body;
  await ebb.settle();
  const shown = await run("clock");
  assert.match(shown.lines[0] ?? "", /^2026-01-05T08:00:00\.000Z {2}frozen, \S+ (ahead|behind)$/);
  assert.equal(shown.lines[1], `next: in 40s, run-container of create of modelarts.notebook ${id}`);
  const passed = await run("clock", "advance", "1h30m");
  assert.equal(passed.lines[0], "1h30m passed, with 1 stop");
  assert.equal(passed.lines[2], "next: nothing falls due");
  assert.equal(await status(id), "RUNNING");
  const there = await run("clock", "advance", "--to", "2026-01-05T10:00:00Z", "--json");
  assert.equal((JSON.parse(there.stdout) as { now: string }).now, "2026-01-05T10:00:00.000Z");
  assert.match((await run("clock", "resume")).lines[0] ?? "", /running, \S+ (ahead|behind)$/);
  assert.match((await run("clock", "freeze")).lines[0] ?? "", /frozen/);
});

test("a pace is shown and set from the command line", async (t) => {
  const ebb = await startEbb(t);
  const run = runner(t, ebb);
  const all = await run("pace");
  assert.match(all.lines[0] ?? "", /^KIND +PACE$/);
  assert.ok(
    all.lines.some((line) => /^fabric\.instance +default \(real\)$/.test(line)),
    all.stdout,
  );
  const set: [string, RegExp, RegExp][] = [
    ["immediate", /^fabric\.instance: immediate, for what starts/, / immediate$/],
    ["1h20m", /^fabric\.instance: 1h20m a change, for/, / 1h20m a change$/],
    ["1poll", /^fabric\.instance: 1 poll a change, for/, / 1 poll a change$/],
    ["3polls", /^fabric\.instance: 3 polls a change, for/, / 3 polls a change$/],
    ["default", /^fabric\.instance: default, for/, / default \(real\)$/],
  ];
  for (const [pace, said, listed] of set) {
    const answer = await run("pace", "fabric.instance", pace);
    assert.match(answer.stdout, said, answer.stderr);
    assert.match((await run("pace", "fabric.instance")).lines[1] ?? "", listed);
  }
});

test("what the clock and the paces cannot do ends the command with a reason", async (t) => {
  const ebb = await startEbb(t);
  const run = runner(t, ebb);
  const wrong: [string[], number, RegExp][] = [
    [["clock", "stop"], 2, /show, advance, freeze, resume/],
    [["clock", "advance"], 2, /either how far/],
    [["clock", "advance", "1m", "--to", "next"], 2, /either how far/],
    [["clock", "advance", "90"], 2, /90 is no duration/],
    [["clock", "freeze", "1m"], 2, /only advance/],
    [["clock", "advance", "0s"], 1, /no way forward/],
    [["clock", "advance", "--to", "next"], 1, /nothing falls due/],
    [["clock", "advance", "--to", "noon"], 1, /"noon" is no time/],
    [["pace", "fabric.instance", "slow"], 2, /slow is no pace/],
    [["pace", "fabric.instance", "0polls"], 1, /from 1 to/],
    [["pace", "fabric.nothing", "20m"], 1, /there is no kind fabric\.nothing: there are .*fabric\.instance/],
    [["pace", "fabric.nothing"], 1, /there is no kind fabric\.nothing/],
  ];
  for (const [args, code, message] of wrong) {
    const ended = await run(...args);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], `${args.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, message);
  }
});
