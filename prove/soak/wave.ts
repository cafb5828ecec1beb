import type { Resource } from "../../src/lifecycle/index.ts";
import { NotAccepted } from "../../src/lifecycle/index.ts";
import { chanceOf } from "../torn/random.ts";
import { createBundle } from "./bundle.ts";
import { HOUR, letPass, MINUTE, type SoakHouse, TENANTS } from "./house.ts";
import { arrange, clear } from "./mishaps.ts";

export interface WaveFigures {
  deletes: number;
  failedForGood: number;
  aborted: number;
  skipped: number;
  reclaimed: number;
  faultHits: number;
}

/** Which round a kind's delete is asked for in: what is inside goes first. What goes with its parent is not here. */
const ROUNDS: Readonly<Record<string, number>> = {
  "fabric.instance": 0,
  "modelarts.notebook": 0,
  "taurusdb.instance": 0,
  "clouddc.instance": 0,
  "fabric.endpoint": 1,
  "fabric.model": 1,
  "fabric.job": 1,
  "fabric.workspace": 2,
};
/** Kinds whose delete may come in the middle of their creation. */
const MIDLIFE = ["fabric.instance", "fabric.job-run", "clouddc.instance"];
const MIDLIFE_SHARE = 0.2;
const SKIPPED_SHARE = 0.02;
const TWICE_SHARE = 0.05;
const ROUNDS_MOST = 60;
const AT_ONCE = 256;

async function inChunks<T>(all: readonly T[], each: (one: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) await Promise.all(all.slice(from, from + AT_ONCE).map(each));
}

const SERVER = "clouddc.server";

async function living(house: SoakHouse): Promise<Resource[]> {
  const kinds = house.lifecycle.kinds.map((kind) => kind.name).filter((name) => name !== SERVER);
  return house.lifecycle.list({ kind: kinds });
}

/** One crowd of things that are made, live, and are deleted with everything going wrong that may. */
export class Wave {
  readonly #house: SoakHouse;
  readonly #name: string;
  #skipped = 0;
  #reclaimed = 0;

  constructor(house: SoakHouse, name: string) {
    this.#house = house;
    this.#name = name;
  }

  async run(bundles: number): Promise<WaveFigures> {
    const since = this.#house.clock.now();
    await arrange(this.#house, this.#name);
    await this.#create(bundles);
    await letPass(this.#house, 3 * MINUTE);
    const early = (await living(this.#house)).filter((one) => MIDLIFE.includes(one.kind));
    await inChunks(
      early.filter(({ id }) => this.#chance(id, "midlife") < MIDLIFE_SHARE),
      (one) => this.#end(one),
    );
    await letPass(this.#house, HOUR);
    await this.#endAll();
    const faultHits = await clear(this.#house);
    await this.#reclaimAll();
    return { ...(await this.#count(since)), skipped: this.#skipped, reclaimed: this.#reclaimed, faultHits };
  }

  #chance(id: string, what: string): number {
    return chanceOf(`${this.#name} ${id} ${what}`);
  }

  async #create(bundles: number): Promise<void> {
    const { lifecycle } = this.#house;
    const births: { tenant: string; name: string; serverId: string }[] = [];
    for (const [turn, tenant] of TENANTS.entries()) {
      const servers = await lifecycle.list({ kind: SERVER, tenant, states: ["ready"] });
      const mine = Math.floor((bundles + turn) / TENANTS.length);
      if (servers.length < mine) throw new Error(`${tenant} has ${servers.length} free servers and needs ${mine}`);
      for (const { id } of servers.slice(0, mine))
        births.push({ tenant, name: `${this.#name}-${births.length}`, serverId: id });
    }
    await inChunks(births, ({ tenant, name, serverId }) => createBundle(this.#house, tenant, name, serverId));
  }

  /** Asks for everything's end, round after round, until nothing is left: what has failed for good is deleted again. */
  async #endAll(): Promise<void> {
    for (let round = 0; ; round++) {
      const left = await living(this.#house);
      if (left.length === 0) return;
      if (round === ROUNDS_MOST)
        throw new Error(`never ended: ${left.map(({ kind, id, state }) => `${kind} ${id} ${state}`).join(", ")}`);
      const due = left.filter((one) => (ROUNDS[one.kind] ?? Infinity) <= round || one.error?.verb === "delete");
      await inChunks(due, (one) => this.#end(one));
      await letPass(this.#house, 30 * MINUTE);
    }
  }

  async #end(one: Resource): Promise<void> {
    const running = one.kind === "modelarts.notebook" && one.state === "RUNNING";
    if (!(await this.#submit(running ? "stop" : "delete", one)) || running) return;
    if (this.#chance(one.id, "twice") < TWICE_SHARE) await this.#submit("delete", one);
    if (this.#chance(one.id, "skipped") < SKIPPED_SHARE) await this.#skip(one);
  }

  /** False when it is not accepted at this time: it is asked for again. */
  async #submit(verb: string, { id, kind, tenant }: Resource): Promise<boolean> {
    const caller = { tenant, userId: "soak", requestId: this.#name };
    try {
      await this.#house.lifecycle.accept(caller, async (accepting) =>
        accepting.submit(verb, await accepting.get(kind, id)),
      );
      return true;
    } catch (error) {
      if (error instanceof NotAccepted) return false;
      throw error;
    }
  }

  async #skip({ id }: Resource): Promise<void> {
    const operation = (await this.#house.lifecycle.operations(id)).at(-1);
    const step = operation?.plan.steps[operation.step];
    if (operation?.state !== "running" || step === undefined) return;
    try {
      const asked = { operationId: operation.id, step, reason: "the soak skips", requestId: this.#name };
      await this.#house.lifecycle.skip(asked);
      this.#skipped++;
    } catch (error) {
      // It has gone on to its next step meanwhile.
      if (!(error instanceof NotAccepted)) throw error;
    }
  }

  async #reclaimAll(): Promise<void> {
    for (let round = 0; ; round++) {
      const { leaks } = await this.#house.lifecycle.leaks({ limit: 1_000 });
      if (leaks.length === 0) return;
      if (round === ROUNDS_MOST) throw new Error(`never reclaimed: ${leaks.map(({ ref }) => ref).join(", ")}`);
      if (round === 0) this.#reclaimed += leaks.length;
      await this.#house.lifecycle.reclaim({ requestId: this.#name });
      await letPass(this.#house, HOUR);
    }
  }

  async #count(since: number): Promise<Pick<WaveFigures, "deletes" | "failedForGood" | "aborted">> {
    const rows = await this.#house.store.read((session) =>
      session.all<{ state: string; verb: string; n: number }>(
        "SELECT state, verb, count(*) AS n FROM operations WHERE accepted_at >= ? GROUP BY state, verb",
        [since],
      ),
    );
    const sum = (state: string, verb?: string) =>
      rows
        .filter((row) => row.state === state && (verb === undefined || row.verb === verb))
        .reduce((all, { n }) => all + n, 0);
    return { deletes: sum("done", "delete"), failedForGood: sum("failed"), aborted: sum("aborted") };
  }
}
