import type { Clock } from "../../clock.ts";
import type { Session, SimThingRow, Store, WORLD_POINTS } from "../../store/index.ts";
import { type Domain, type Host, type Look, type Marked, Refusal, type Stamp } from "../port.ts";
import { readPace } from "./paces.ts";
import type { Behaviour } from "./things.ts";

/** How long an unmade thing's fence is remembered, so that a late call of its maker is turned away (virtual ms). */
const REMEMBERED_MS = 10 * 60_000;
/** When a phase ends that time does not end: the last time that a date can have. */
const NEVER = 8.64e15;
/** A look at what waits for polls is worth little: whoever counts them says when they are over. */
const POLLED_LOOK_MS = 10 * 60_000;

type Phase = "making" | "ready" | "changing" | "unmaking";
/** How long a phase lasts: until a time, or until clients have asked so many times. */
type Span = Pick<SimThingRow, "until" | "polls">;
/** What a thing becomes. */
type Next = Span & { type: string; phase: Phase; spec: object; made: number };
type AnyBehaviour = Behaviour<Record<string, unknown>, object>;

export interface WorldSettings {
  /** Multiplies every duration: 0 for instant. */
  factor: number;
  /** Sizes of the bounded pools (flavors), by name; a pool that is not named has no bound. */
  capacity: Readonly<Record<string, number>>;
}

export interface WorldHouse {
  store: Store;
  clock: Clock;
  settings: WorldSettings;
}

const tooLate = (ref: string, { fence }: Stamp): Refusal =>
  new Refusal(`${ref} was touched under a higher fence than this call's ${fence}`, {
    owner: "Ebb",
    hint: "another process has taken over: nothing to do",
  });

/** One domain of the simulated world. It keeps its own table, and knows nothing of what the kernel believes. */
export class SimulatedHost implements Host<Record<string, { spec: object; facts: object }>> {
  readonly #domain: Domain;
  readonly #house: WorldHouse;
  readonly #behaviours: Readonly<Record<string, AnyBehaviour>>;

  constructor(domain: Domain, house: WorldHouse, behaviours: Readonly<Record<string, AnyBehaviour>>) {
    this.#domain = domain;
    this.#house = house;
    this.#behaviours = behaviours;
  }

  async make(type: string, ref: string, spec: object, stamp: Stamp): Promise<void> {
    const behaviour = this.#behaviour(type);
    await this.#change("world-make", ref, stamp, async (tx, thing, now) => {
      if (thing && !this.#isOver(thing, now)) return undefined;
      await this.#reserve(tx, behaviour, ref, { ...spec }, now);
      const span = await this.#span(tx, stamp, behaviour.make, now);
      return { type, phase: "making", ...span, spec, made: (thing?.made ?? 0) + 1 };
    });
  }

  async change(type: string, ref: string, spec: object, stamp: Stamp): Promise<void> {
    const behaviour = this.#behaviour(type);
    await this.#change("world-change", ref, stamp, async (tx, thing, now) => {
      const from = thing && !this.#isOver(thing, now) ? (JSON.parse(thing.spec) as object) : behaviour.from;
      if (!from)
        throw new Refusal(`${ref} does not exist`, {
          owner: "an operator",
          hint: "it was removed behind Ebb's back: delete what stands for it",
        });
      if (thing?.phase === "unmaking")
        throw new Refusal(`${ref} is being unmade`, { owner: "Ebb", hint: "nothing to do" });
      const next = { ...from, ...spec };
      // The same call again; it may have been a make, of what was not there the first time.
      const begun = thing?.phase === "changing" || thing?.phase === "making";
      const asked = begun && thing.operation_id === stamp.operationId && thing.spec === JSON.stringify(next);
      if (asked) return undefined;
      await this.#reserve(tx, behaviour, ref, { ...next }, now);
      const span = await this.#span(tx, stamp, behaviour.change, now);
      return { type, phase: "changing", ...span, spec: next, made: thing?.made ?? 0 };
    });
  }

  async unmake(type: string, ref: string, stamp: Stamp): Promise<void> {
    const behaviour = this.#behaviour(type);
    await this.#change("world-unmake", ref, stamp, async (tx, thing, now) => {
      const there = thing !== undefined && !this.#isOver(thing, now);
      if (there && thing.phase === "unmaking") return undefined;
      // What is not there is remembered from now on: a call that comes late has to find the fence.
      const span = there ? await this.#span(tx, stamp, behaviour.unmake, now) : { until: now, polls: 0 };
      const spec = thing ? (JSON.parse(thing.spec) as object) : {};
      return { type, phase: "unmaking", ...span, spec, made: thing?.made ?? 0 };
    });
  }

  async look(type: string, ref: string): Promise<Look<object>> {
    const behaviour = this.#behaviour(type);
    const now = this.#house.clock.now();
    const thing = await this.#house.store.read((session) => this.#find(session, ref));
    if (!thing || this.#isOver(thing, now)) {
      return behaviour.from ? { is: "ready", facts: behaviour.facts({ ...behaviour.from }, ref) } : { is: "absent" };
    }
    if (thing.until > now && thing.phase !== "ready") {
      const is = thing.phase as Exclude<Phase, "ready">;
      if (thing.polls === 0) return { is, again: thing.until - now };
      return { is, again: POLLED_LOOK_MS, endsBy: "clients have asked after it often enough" };
    }
    return {
      is: "ready",
      facts: behaviour.facts(JSON.parse(thing.spec) as Record<string, unknown>, ref),
    };
  }

  async marked(): Promise<Marked[]> {
    const now = this.#house.clock.now();
    const things = await this.#house.store.read((session) =>
      session.all<SimThingRow>("SELECT * FROM sim_things WHERE domain = ? ORDER BY ref", [this.#domain]),
    );
    return things
      .filter((thing) => !this.#isOver(thing, now) && !this.#behaviour(thing.type).from)
      .map(({ ref, type }) => ({ ref, type }));
  }

  /** One write to the world, turned away when a younger owner has touched the thing. `to` answers what the thing becomes. */
  async #change(
    point: (typeof WORLD_POINTS)[number],
    ref: string,
    stamp: Stamp,
    to: (tx: Session, thing: SimThingRow | undefined, now: number) => Promise<Next | undefined>,
  ): Promise<void> {
    await this.#house.store.write(point, async (tx) => {
      const now = this.#house.clock.now();
      const thing = await this.#find(tx, ref, true);
      if (thing && thing.fence > stamp.fence) throw tooLate(ref, stamp);
      const same = thing && { ...thing, spec: JSON.parse(thing.spec) as object };
      const next = (await to(tx, thing, now)) ?? same;
      if (!next) return;
      // The condition is for a younger owner's row that came between the look above and this.
      const written = await tx.run(
        `INSERT INTO sim_things (ref, domain, type, phase, until, polls, resource_id, fence, operation_id, spec, made)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (ref) DO UPDATE SET phase = excluded.phase, until = excluded.until, polls = excluded.polls,
           resource_id = excluded.resource_id, fence = excluded.fence,
           operation_id = excluded.operation_id, spec = excluded.spec, made = excluded.made WHERE sim_things.fence <= excluded.fence`,
        [
          ref,
          this.#domain,
          next.type,
          next.phase,
          next.until,
          next.polls,
          stamp.resourceId,
          stamp.fence,
          stamp.operationId,
          JSON.stringify(next.spec),
          next.made,
        ],
      );
      if (written === 0) throw tooLate(ref, stamp);
      await tx.run("DELETE FROM sim_things WHERE domain = ? AND phase = 'unmaking' AND until < ?", [
        this.#domain,
        now - REMEMBERED_MS,
      ]);
    });
  }

  /** Refuses what a bounded pool has no room for beside everything but the thing itself. */
  async #reserve(tx: Session, behaviour: AnyBehaviour, ref: string, spec: Record<string, unknown>, now: number) {
    const wanted = behaviour.takes?.(spec);
    const size = wanted && this.#house.settings.capacity[wanted.pool];
    if (!wanted || size === undefined) return;
    await tx.lock(`world/${wanted.pool}`);
    const things = await tx.all<SimThingRow>("SELECT * FROM sim_things WHERE domain = ? AND ref <> ?", [
      this.#domain,
      ref,
    ]);
    let used = 0;
    for (const thing of things) {
      const taken = this.#isOver(thing, now)
        ? undefined
        : this.#behaviour(thing.type).takes?.(JSON.parse(thing.spec) as Record<string, unknown>);
      if (taken?.pool === wanted.pool) used += taken.units;
    }
    if (used + wanted.units > size) {
      throw new Refusal(`${wanted.pool} has ${size - used} of ${size} left and ${wanted.units} were asked for`, {
        owner: "the caller",
        hint: `delete something that uses ${wanted.pool}, or raise its capacity in ebb.yaml`,
        forGood: true,
      });
    }
  }

  #find(session: Session, ref: string, lock = false): Promise<SimThingRow | undefined> {
    return session.get<SimThingRow>(`SELECT * FROM sim_things WHERE ref = ?${lock ? session.forUpdate : ""}`, [ref]);
  }

  /** Unmade, and only its fence is remembered. */
  #isOver(thing: SimThingRow, now: number): boolean {
    return thing.phase === "unmaking" && thing.until <= now;
  }

  /** How long a change lasts that begins now: as the kind's pace says, or else `ms` at the world's own. */
  async #span(tx: Session, { kind }: Stamp, ms: number, now: number): Promise<Span> {
    // What takes no time anywhere is no change that a client could see: no pace makes one of it.
    const pace = ms === 0 ? undefined : await readPace(tx, kind);
    switch (pace?.mode) {
      case "immediate":
        return { until: now, polls: 0 };
      case "duration":
        return { until: now + pace.ms, polls: 0 };
      case "polls":
        return { until: NEVER, polls: pace.polls };
      default:
        return { until: now + Math.round(ms * this.#house.settings.factor), polls: 0 };
    }
  }

  #behaviour(type: string): AnyBehaviour {
    const behaviour = this.#behaviours[type];
    if (!behaviour) throw new Error(`the simulated ${this.#domain} know no ${type}`);
    return behaviour;
  }
}
