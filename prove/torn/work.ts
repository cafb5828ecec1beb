import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MovableClock } from "../../src/clock.ts";
import { createIds, seededRandom } from "../../src/ids.ts";
import { silentLog } from "../../src/log.ts";
import { type Server, startServer } from "../../src/server.ts";
import { loadSettings } from "../../src/settings.ts";
import type { StoreAddress, WriteHooks } from "../../src/store/index.ts";
import { ACCOUNTS, ask } from "../../test/harness.ts";
import { letPass, START } from "../../test/store.ts";
import { digest } from "./digest.ts";
import { chanceOf, pick } from "./random.ts";

/** How the process ends: killed before or after a commit, or at a stage of a checkpoint; or in order. */
export type End =
  | { at: "before" | "after"; commit: number }
  | { at: "noted" | "moved" | "begun" | "settled"; round: number }
  | { at: "closed" };

/** Small, so that a short life has many rounds of the log. */
const LOG_PAGES = 120;
const MINUTE = 60_000;
const A_WHILE = 40 * MINUTE;

const die = () => process.kill(process.pid, "SIGKILL");

/** The state after each commit, one a line; written before anything else can happen. */
function witness(folder: string, end: End): WriteHooks {
  const states = openSync(join(folder, "states"), "a");
  let reader: DatabaseSync | undefined;
  let commit = 0;
  const rounds: Record<string, number> = {};
  return {
    beforeCommit() {
      if (end.at === "before" && end.commit === commit + 1) die();
    },
    afterCommit() {
      commit++;
      // Kept open: a file that is closed in a process takes that process's locks on it along.
      reader ??= new DatabaseSync(join(folder, "ebb.db"), { readOnly: true });
      const all = (sql: string) => reader?.prepare(sql).all() ?? [];
      writeSync(states, `${digest(all)}\n`);
      if (end.at === "after" && end.commit === commit) die();
    },
    atCheckpoint(stage) {
      rounds[stage] = (rounds[stage] ?? 0) + 1;
      if (end.at === stage && end.round === rounds[stage]) die();
    },
  };
}

async function start(folder: string, seed: number, end: End): Promise<Server> {
  const clock = new MovableClock({ frozenAt: START });
  const store: StoreAddress = { kind: "sqlite", file: join(folder, "ebb.db"), logPages: LOG_PAGES };
  const settings = { ...loadSettings({}, {}, folder), dataDir: folder, store, port: 0, accounts: ACCOUNTS };
  const ids = createIds(seededRandom(seed));
  const hooks = witness(folder, end);
  const ports = { clock, ids, hooks, log: silentLog, passwordCost: 1024, waits: new MovableClock() };
  return startServer(settings, ports);
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Record<string, string>>;

async function login(url: string): Promise<Ask> {
  const [account] = ACCOUNTS;
  const [user] = account?.users ?? [];
  const scope = { project: { id: account?.projects[0]?.id } };
  const identity = {
    methods: ["password"],
    password: { user: { name: user?.name, password: user?.password, domain: { name: account?.name } } },
  };
  const answer = await ask(url, "POST", "/v3/auth/tokens?nocatalog=true", { auth: { identity, scope } });
  const token = answer.headers.get("x-subject-token") ?? "";
  return async (method, path, body) => {
    const { status, body: said, text } = await ask(url, method, path, body, { "x-auth-token": token });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return (said ?? {}) as Record<string, string>;
  };
}

/** The lives that the work is made of: each makes something of another service, and answers how it is deleted. */
function lives(
  call: Ask,
  project: string,
  pass: (ms: number) => Promise<void>,
): ((name: string) => Promise<() => Promise<unknown>>)[] {
  const uuid = "0a1b2c3d-1111-4222-8333-444455556666";
  const vpc = { vpc_id: uuid, subnet_id: uuid, security_group_id: uuid };
  return [
    async (name) => {
      const { id: workspace } = await call("POST", "/v1/workspaces", { name });
      const { id } = await call("POST", `/v1/workspaces/${workspace}/endpoints`, { name, type: "inference" });
      return () => call("DELETE", `/v1/workspaces/${workspace}/endpoints/${id}`);
    },
    async (name) => {
      const path = `/v1/${project}/demanager/instances`;
      const storage = { type: "evs", location: { volume_size: 20 } };
      const { id } = await call("POST", path, {
        name,
        profile_id: "Multi-Engine 1.0 (python3)-cpu",
        description: "",
        flavor: "modelarts.vm.cpu.2u",
        spec: { storage },
      });
      return async () => {
        await call("POST", `${path}/${id}/action`, { action: "stop" });
        await pass(5 * MINUTE);
        await call("DELETE", `${path}/${id}`);
      };
    },
    async (name) => {
      const path = `/v1/${project}/instances`;
      const asked = { name, image_id: uuid, vpc_id: uuid, network_interfaces: [{ subnet_id: uuid }] };
      const { instance_id: id } = await call("POST", path, { ...asked, password: "Str0ng-Pass" });
      return () => call("DELETE", `${path}/${id}`);
    },
    async (name) => {
      const path = `/v3/${project}/instances`;
      const made: unknown = await call("POST", path, {
        region: "eu-local-1",
        name,
        datastore: { type: "gaussdb-mysql", version: "8.0.22" },
        mode: "Cluster",
        flavor_ref: "gaussdb.mysql.xlarge.x86.4",
        ...vpc,
        password: "Orders-db-9",
        availability_zone_mode: "single",
        slave_count: 1,
      });
      return () => call("DELETE", `${path}/${(made as { instance: { id: string } }).instance.id}`);
    },
  ];
}

/** Real work of every service, in an order that follows from the seed. */
async function work(server: Server, seed: number): Promise<void> {
  const call = await login(server.url);
  const pass = (ms: number) => letPass(server.house.lifecycle, ms);
  const all = [...lives(call, ACCOUNTS[0]?.projects[0]?.id ?? "", pass).entries()];
  for (let round = 0; round < 3; round++) {
    const order = all.toSorted(([a], [b]) => chanceOf(`${seed} ${round} ${a}`) - chanceOf(`${seed} ${round} ${b}`));
    const ends: (() => Promise<unknown>)[] = [];
    for (const [index, life] of order) {
      ends.push(await life(`torn-${round}-${index}`));
      await pass(pick(`${seed} ${round} ${index} pause`, 1, 5) * MINUTE);
    }
    await pass(A_WHILE);
    for (const end of ends) await end();
    await pass(A_WHILE);
  }
}

const [folder = "", seed = "1", end = "{}"] = process.argv.slice(2);
const server = await start(folder, Number(seed), JSON.parse(end) as End);
await work(server, Number(seed));
await server.close();
