import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { MovableClock } from "../../../src/clock.ts";
import { type Answer, type Asker, type Ebb, startEbb } from "../../harness.ts";
import { dockerOf, ENGINE_FOLDER, IMAGE, NETWORK, socketOf } from "../engine.ts";
import { until } from "../until.ts";

export const docker = dockerOf(ENGINE_FOLDER);

/** Where the image has a notebook's files. */
const FOLDER = "/srv/work";

/** What `drivers` of ebb.yaml says in these tests: every domain that can be is in containers. */
export const driversIn = (buckets: string, more: object = {}) => ({
  notebooks: "containers",
  databases: "containers",
  inference: "containers",
  containers: {
    socket: socketOf(ENGINE_FOLDER),
    network: NETWORK,
    start_seconds: 60,
    stop_seconds: 5,
    drain_seconds: 5,
    buckets,
    models: join(buckets, "models"),
    limits: { default: { cpus: 1, memory_mb: 512 } },
    images: { notebook: IMAGE, database: IMAGE, proxy: IMAGE, inference: IMAGE, run: IMAGE },
    database: { password: "Ebb-real-1" },
    notebook: { command: ["jupyter-server"], folder: FOLDER },
    ...more,
  },
});

export interface Real {
  ebb: Ebb;
  buckets: string;
}

export function folderOf(t: TestContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `ebb-${name}-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An Ebb on the machine's clock, over the engine. What a failed test has left in that is taken away after it. */
export async function startReal(t: TestContext, more: object = {}): Promise<Real> {
  const buckets = folderOf(t, "buckets");
  const ports = { clock: new MovableClock(), waits: new MovableClock() };
  const ebb = await startEbb(t, { settings: { drivers: driversIn(buckets, more) }, ports });
  clearAfter(t);
  return { ebb, buckets };
}

/** So that one failed test does not turn the others red. */
export function clearAfter(t: TestContext): void {
  t.after(async () => {
    for (const one of await docker.listContainers({ all: true }))
      await docker.getContainer(one.Id).remove({ force: true, v: true });
    for (const one of (await docker.listVolumes()).Volumes) await docker.getVolume(one.Name).remove();
  });
}

export const names = async (): Promise<string[]> =>
  (await docker.listContainers({ all: true })).map((one) => one.Names[0]?.slice(1) ?? "");
export const volumes = async (): Promise<string[]> => (await docker.listVolumes()).Volumes.map((one) => one.Name);

/** The world itself, past Ebb: nothing of any kind is left in it. */
export async function assertWorldEmpty(): Promise<void> {
  const networks = (await docker.listNetworks()).map((one) => one.Name).filter((name) => name.includes("ebb"));
  assert.deepEqual(
    { containers: await names(), volumes: await volumes(), networks },
    {
      containers: [],
      volumes: [],
      networks: [],
    },
  );
}

/** Nothing is held, nothing is marked, and the world is empty. */
export async function assertNothingLeft({ ebb }: Real): Promise<void> {
  const held = await ebb.store.read((session) => session.all("SELECT ref FROM holdings WHERE released_at IS NULL"));
  assert.deepEqual(held, []);
  for (const domain of ["notebooks", "databases", "inference"] as const)
    assert.deepEqual(await ebb.house.drivers[domain].marked(), []);
  await assertWorldEmpty();
}

/** Waits until `ebb why` of a resource has these words, and answers all that it says. */
export const whySays = ({ ebb }: Real, id: string, words: RegExp): Promise<string> =>
  until(`why says ${words}`, async () => {
    const { text } = await ebb.operator("GET", `/resources/${id}/why`);
    return words.test(text) ? text : undefined;
  });

type Caller = Pick<Asker, "ask">;

/** The answer's body as JSON. */
type Body = Answer["body"];
const byStatus = (body: Body): string => body?.status ?? "";

/** Waits for one of the states, and fails at once in one that no way leads out of. */
export async function waitFor(who: Caller, path: string, wanted: string, statusOf = byStatus): Promise<Body> {
  return until(`${path} is ${wanted}`, async () => {
    const { body, text } = await who.ask("GET", path);
    const status = statusOf(body);
    if (status !== wanted && /FAILED|UNAVAILABLE/.test(status)) throw new Error(`${path} is ${status}: ${text}`);
    return status === wanted ? { body } : undefined;
  }).then(({ body }) => body);
}
