import type { TestContext } from "node:test";
import { BOX, type Kernel, type KernelOptions, startKernel, THING } from "../../test/kernel.ts";
import { Refusal } from "../drivers/port.ts";
import { type Asked, childrenGone, type Kind, nothingInside, type Rehearsal } from "./index.ts";

export const LONG = 60_000;

/** A room with boxes, things and crates inside. */
export const ROOM: Kind = {
  ...BOX,
  name: "toy.room",
  verbs: { ...BOX.verbs, delete: { ...BOX.verbs.delete!, guards: [nothingInside(BOX.name, THING.name, "toy.crate")] } },
};

/** A box that takes its things with it, once none of them is at work. */
export const CRATE: Kind = {
  ...BOX,
  name: "toy.crate",
  verbs: {
    ...BOX.verbs,
    delete: {
      ...BOX.verbs.delete!,
      cascade: [THING.name],
      guards: [
        async (tx, crate) => (await nothingInside(THING.name)(tx, crate)).filter((one) => one.state === "MAKING"),
      ],
      plan: () => ["emptied"],
    },
  },
  steps: { emptied: childrenGone(THING.name) },
};

/** Put in place by other means than a request: nothing named delete ends it. */
export const FIXTURE: Kind = {
  ...BOX,
  name: "toy.fixture",
  verbs: { create: BOX.verbs.create!, retire: { ...BOX.verbs.delete!, guards: [] } },
};

/** Must be stopped before it is deleted. */
export const ENGINE: Kind = {
  ...BOX,
  name: "toy.engine",
  verbs: {
    create: BOX.verbs.create!,
    stop: { from: ["READY"], during: "STOPPING", then: "STILL", failed: "READY", version: 1, plan: () => [] },
    delete: { ...BOX.verbs.delete!, from: ["STILL"], guards: [] },
  },
};

export const KINDS = [THING, BOX, ROOM, CRATE, FIXTURE, ENGINE];

export const startToys = (t: TestContext, options: KernelOptions = {}): Promise<Kernel> =>
  startKernel(t, { kinds: KINDS, ...options });

export const all = (...ids: string[]): Asked => ({ ids, inside: true });

/** Ids by stage. */
export function stagesIn({ items }: Rehearsal): string[][] {
  const stages: string[][] = [];
  for (const { stage, thing } of items) (stages[stage] ??= []).push(thing.id);
  return stages;
}

/** Every row of every table of the store, for comparing. */
export async function dumpOf({ store }: Kernel): Promise<Record<string, unknown[]>> {
  const names =
    store.kind === "sqlite"
      ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
      : "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY name";
  return store.read(async (session) => {
    const tables: Record<string, unknown[]> = {};
    for (const { name } of await session.all<{ name: string }>(names))
      tables[name] = await session.all(`SELECT * FROM ${name} ORDER BY 1`);
    return tables;
  });
}

/** From here on, the world refuses for good to unmake what these resources hold. Answers how to end that. */
export function refuseToUnmake(t: TestContext, { drivers }: Kernel, ...ids: string[]): () => void {
  const unmake = drivers.notebooks.unmake.bind(drivers.notebooks);
  const mock = t.mock.method(drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) => {
    if (ids.includes(args[2].resourceId))
      throw new Refusal("the disk is bad", { owner: "an operator", hint: "replace the disk", forGood: true });
    return unmake(...args);
  });
  return () => mock.mock.restore();
}
