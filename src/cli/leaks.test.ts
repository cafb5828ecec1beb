import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Ended, emptyFolder, runEbb } from "../../test/cli-process.ts";
import { startEbb } from "../../test/harness.ts";
import { A_WHILE, EVS, notebooksOf } from "../../test/notebooks.ts";

/** An Ebb, and its command line. */
async function atHand(t: TestContext) {
  const ebb = await startEbb(t);
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const run = (...args: string[]): Promise<Ended> =>
    runEbb(folder.path, [...args, "--endpoint", ebb.url, "--operator-token", ebb.operatorToken]);
  return { ebb, run };
}

test("the commands lead from a stuck delete to an empty list and a proof of it", async (t) => {
  const { ebb, run } = await atHand(t);
  const notebooks = notebooksOf(ebb, ebb.one);
  const id = await notebooks.stopped({ spec: { storage: EVS } });
  await notebooks.remove(id);
  await ebb.settle();
  const operation = (await ebb.house.lifecycle.operations(id)).at(-1)?.id ?? "";

  const none = await run("leaks");
  assert.deepEqual([none.code, none.stdout], [0, "no leaks\n"]);
  const early = await run("receipts", operation);
  assert.deepEqual([early.code, early.stdout], [1, ""]);
  assert.match(early.stderr, /^ebb: operation .* has not finished: it is at step remove-volume: wait for its end/);
  const wrong = await run("skip", operation, "--step", "remove-container", "--reason", "bad disk");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /is at step remove-volume, not remove-container: only remove-volume can be skipped/);
  assert.equal((await run("skip", operation, "--step", "remove-volume")).code, 2);

  const skipped = await run("skip", operation, "--step", "remove-volume", "--reason", "bad disk");
  assert.deepEqual(
    [skipped.code, skipped.stdout],
    [0, `skipped remove-volume: operation ${operation} is done; see ebb leaks\n`],
  );
  const some = await run("leaks");
  assert.equal(some.code, 3);
  assert.match(some.stdout, /^WHY .*\nskipped +notebooks +volume-\S+ .* bad disk +ebb leaks reclaim volume-\S+\n$/);
  assert.equal((await run("leaks", "--tenant", ebb.two.projectId)).code, 0);
  const json = await run("leaks", "--json");
  assert.equal(json.code, 3);
  const { ref } = JSON.parse(json.stdout).leaks[0];

  const no = await run("leaks", "reclaim", "no-such");
  assert.deepEqual([no.code, no.stdout], [1, ""]);
  const reclaiming = await run("leaks", "reclaim", ref);
  assert.equal(reclaiming.code, 0);
  assert.match(reclaiming.stdout, new RegExp(`^reclaiming ${ref}: operation \\S+\n$`));
  await ebb.pass(A_WHILE);
  assert.equal((await run("leaks")).code, 0);
  assert.equal((await run("leaks", "reclaim")).stdout, "no leaks\n");

  const receipt = await run("receipts", operation);
  assert.equal(receipt.code, 0);
  assert.match(receipt.stdout, /receipt 1 of operation .* \(deleted\)/);
  assert.match(receipt.stdout, /NOT RELEASED: step remove-volume was skipped: bad disk/);
  assert.match(receipt.stdout, /receipt 2 of operation .* \(reclaimed\)/);
  assert.match(receipt.stdout, /released \S+ by step reclaim: notebooks answered absent for volume-/);
});

test("the list of receipts, and the check of their chain", async (t) => {
  const { ebb, run } = await atHand(t);
  for (const name of ["one", "two", "three"]) {
    const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: `ws-${name}` });
    await ebb.one.ask("DELETE", `/v1/workspaces/${body.id}`);
  }
  const list = await run("receipts", "list", "--limit", "2");
  assert.equal(list.code, 0);
  assert.match(list.stdout, /^SEQ .*\n1 .*\n2 .*\nmore: --after 2\n$/);
  assert.equal((await run("receipts", "list", "--limit", "x")).code, 1);
  const whole = await run("receipts", "verify");
  assert.equal(whole.code, 0);
  assert.match(whole.stdout, /^whole: 3 receipts, 1 to 3, head [0-9a-f]{64}\n$/);
  await ebb.store.write("test", (tx) => tx.run("UPDATE receipts SET body = replace(body, 'deleted', 'Deleted')"));
  const broken = await run("receipts", "verify");
  assert.deepEqual(
    [broken.code, broken.stdout],
    [3, "BROKEN at receipt 1: receipt 1 is not what its hash was made of\n"],
  );
  assert.equal((await run("receipts")).code, 2);
});
