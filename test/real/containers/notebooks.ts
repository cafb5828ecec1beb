import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Asker } from "../../harness.ts";
import { bodyOf, EVS } from "../../notebooks.ts";
import { startReal, waitFor } from "./rig.ts";

type Caller = Pick<Asker, "ask"> & { projectId: string };

const urlOf = (body: { spec: { annotations: { url: string } } }) => body.spec.annotations.url;

/** What a client does with notebooks over the wire. */
export const notebooksOf = (who: Caller) => {
  const path = (id = "", tail = "") => `/v1/${who.projectId}/demanager/instances${id && `/${id}`}${tail}`;
  const it = {
    path,
    async create(storage: object, auto_stop: object = {}): Promise<string> {
      const made = await who.ask("POST", path(), bodyOf({ spec: { storage, auto_stop } }));
      assert.equal(made.status, 200, made.text);
      return made.body.id;
    },
    async act(id: string, action: "start" | "stop"): Promise<void> {
      const asked = await who.ask("POST", path(id, "/action"), { action });
      assert.equal(asked.status, 200, asked.text);
    },
    async remove(id: string): Promise<void> {
      const asked = await who.ask("DELETE", path(id));
      assert.equal(asked.status, 200, asked.text);
    },
    /** Waits until it runs, and answers its URL. */
    running: async (id: string): Promise<string> => urlOf(await waitFor(who, path(id), "RUNNING")),
    stopped: (id: string) => waitFor(who, path(id), "STOPPED"),
    async stop(id: string): Promise<void> {
      await it.act(id, "stop");
      await it.stopped(id);
    },
    async end(id: string): Promise<void> {
      await it.remove(id);
      await it.gone(id);
    },
    async gone(id: string): Promise<void> {
      await waitFor(who, path(id), "gone", (body) => (body?.error_code === "ModelArts.6309" ? "gone" : "there"));
    },
  };
  return it;
};

/** An Ebb over the engine, with a notebook that runs. */
export async function startNotebook(t: TestContext, storage: object = EVS) {
  const real = await startReal(t);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(storage);
  return { real, notebooks, id, url: await notebooks.running(id) };
}

/** An address of the server behind a notebook's URL, with the URL's token. */
export function inside(url: string, tail: string): URL {
  const at = new URL(url);
  at.pathname += tail;
  return at;
}

export async function writeFile(url: string, name: string, content: string): Promise<void> {
  const answer = await fetch(inside(url, `api/contents/${name}`), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ type: "file", format: "text", content }),
  });
  assert.equal(answer.status, 201, await answer.text());
}

export async function readFile(url: string, name: string): Promise<string> {
  const answer = await fetch(inside(url, `api/contents/${name}`));
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { content: string }).content;
}
