import type { Store } from "../../src/store/index.ts";

export interface SeenResource {
  id: string;
  kind: string;
  tenant: string;
  state: string;
  parent_id: string | null;
  gone_at: number | null;
}

export interface SeenOperation {
  id: string;
  job_id: string;
  resource_id: string;
  kind: string;
  verb: string;
  plan: string;
  state: string;
  owner: string | null;
  fence: number;
  step: number;
  answer: string | null;
}

export interface SeenHolding {
  ref: string;
  resource_id: string;
  skipped_at: number | null;
}

export interface SeenThing {
  ref: string;
  domain: string;
  type: string;
  phase: string;
  until: number;
  fence: number;
  made: number;
}

export interface SeenEvent {
  seq: number;
  type: string;
  resource_id: string;
  data: string;
}

/** What the store says at one moment: enough to judge every promise by. */
export interface Picture {
  resources: SeenResource[];
  operations: SeenOperation[];
  /** Open ones. */
  holdings: SeenHolding[];
  things: SeenThing[];
  /** Those that were not in the picture before. */
  events: SeenEvent[];
}

type Table = "resources" | "operations" | "holdings" | "sim_things" | "events";

const ASK: Record<Table, string> = {
  resources: "SELECT id, kind, tenant, state, parent_id, gone_at FROM resources ORDER BY seq",
  operations:
    "SELECT id, job_id, resource_id, kind, verb, plan, state, owner, fence, step, answer FROM operations ORDER BY accepted_at, id",
  holdings: "SELECT ref, resource_id, skipped_at FROM holdings WHERE released_at IS NULL ORDER BY seq",
  sim_things:
    "SELECT ref, domain, type, phase, until, fence, made FROM sim_things WHERE type <> 'machine' ORDER BY ref",
  events: "SELECT seq, type, resource_id, data FROM events WHERE seq > ? ORDER BY seq",
};

/**
 * What the store says. Of a table that has not been written since `before` was taken, it says what it said then.
 * @param after the last event of the picture before, by `seq`
 */
export function takePicture(
  store: Store,
  after: number,
  since?: { before: Picture; written: ReadonlySet<string> },
): Promise<Picture> {
  return store.read(async (session) => {
    const look = async <Row>(table: Table, before: Row[] | undefined): Promise<Row[]> => {
      if (before && !since?.written.has(table)) return before;
      return session.all<Row>(ASK[table], table === "events" ? [after] : []);
    };
    const [resources, operations, holdings, things, events] = await Promise.all([
      look("resources", since?.before.resources),
      look("operations", since?.before.operations),
      look("holdings", since?.before.holdings),
      look("sim_things", since?.before.things),
      look("events", since && []),
    ]);
    return { resources, operations, holdings, things, events };
  });
}

/** True while the thing is there, and not only its fence remembered. Machines were there before, and stay. */
export const isThere = (thing: SeenThing, now: number): boolean => thing.phase !== "unmaking" || thing.until > now;
