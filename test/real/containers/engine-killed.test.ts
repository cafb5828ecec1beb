import assert from "node:assert/strict";
import { test } from "node:test";
import { EVS } from "../../notebooks.ts";
import { ENGINE_FOLDER, endEngine, startEngine } from "../engine.ts";
import { until } from "../until.ts";
import { notebooksOf, readFile, startNotebook, writeFile } from "./notebooks.ts";
import { assertNothingLeft, docker, names, startReal, whySays } from "./rig.ts";

test("a killed engine takes a running notebook down and brings it back; killed again in a delete, the delete goes on", async (t) => {
  const { real, notebooks, id, url } = await startNotebook(t);
  await writeFile(url, "kept.txt", "still here");

  const [name = ""] = await names();
  const startedAt = async () => (await docker.getContainer(name).inspect()).State.StartedAt;
  const before = await startedAt();
  await endEngine(ENGINE_FOLDER, "SIGKILL");
  await startEngine(ENGINE_FOLDER);
  await until("its address answers", async () => ((await fetch(url).catch(() => undefined))?.ok ? true : undefined));
  assert.notEqual(await startedAt(), before, "it was down");
  assert.equal(await readFile(await notebooks.running(id), "kept.txt"), "still here");
  await whySays(real, id, /"is":"well"/);

  await notebooks.stop(id);
  await endEngine(ENGINE_FOLDER, "SIGKILL");
  await notebooks.remove(id);
  await whySays(real, id, /container engine does not answer/);
  await startEngine(ENGINE_FOLDER);
  await notebooks.gone(id);
  await assertNothingLeft(real);
});

/** Asks again and again, each time on a connection of its own, until `end` is called: how often there was no answer. */
function watch(url: string): { end(): Promise<{ answers: number; misses: number }> } {
  const seen = { answers: 0, misses: 0 };
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) {
      const answer = await fetch(url, { headers: { connection: "close" } }).catch(() => undefined);
      await answer?.body?.cancel();
      seen[answer?.status === 200 ? "answers" : "misses"]++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async end() {
      over.abort();
      await asking;
      return seen;
    },
  };
}

test("with live-restore a notebook answers while its engine is killed, away and back; then a stop and a delete end it", async (t) => {
  await endEngine(ENGINE_FOLDER);
  await startEngine(ENGINE_FOLDER, ["--live-restore"]);
  const real = await startReal(t);
  t.after(async () => {
    await endEngine(ENGINE_FOLDER);
    await startEngine(ENGINE_FOLDER);
  });
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(EVS);
  const url = await notebooks.running(id);
  const watched = watch(url);
  await endEngine(ENGINE_FOLDER, "SIGKILL");
  await startEngine(ENGINE_FOLDER, ["--live-restore"]);
  await notebooks.act(id, "stop");
  const { answers, misses } = await watched.end();
  assert.ok(answers > 10, `${answers} answers`);
  // The last request may have met the stop.
  assert.ok(misses <= 1, `${misses} requests had no answer`);
  await notebooks.stopped(id);
  await notebooks.end(id);
  await assertNothingLeft(real);
});
