import type { FaultSpec } from "../faults/index.ts";
import type { OperatorClient } from "./operator-client.ts";

type Timed<T> = T extends { until?: number } ? Omit<T, "until"> & { until?: string } : T;

/** What shall go wrong, where, and when: as `POST /ebb/v1/faults` takes it. */
export type FaultAsked = Timed<FaultSpec>;

/** The same, with what has come of it. */
export type Fault = FaultAsked & {
  id: string;
  /** Calls that it could have hit. */
  calls: number;
  hits: number;
  /** ISO, in virtual time; null for one that has never fired. */
  first_hit_at: string | null;
  created_at: string;
};

/** What goes wrong on purpose. */
export interface TestFaults {
  /** @throws OperatorError for a fault that cannot match */
  add(fault: FaultAsked): Promise<Fault>;
  list(): Promise<Fault[]>;
  /** Those that have never fired: a test that means to see one has not reached it. */
  unused(): Promise<Fault[]>;
  /** Ends a fault, and answers it with its last counts. */
  remove(id: string): Promise<Fault>;
  clear(): Promise<Fault[]>;
}

export function faultsOf(operator: OperatorClient): TestFaults {
  const list = async (method: string, path: string) => (await operator.ask<{ faults: Fault[] }>(method, path)).faults;
  return {
    add: (fault) => operator.ask("POST", "/faults", fault),
    list: () => list("GET", "/faults"),
    unused: () => list("GET", "/faults?unused=true"),
    remove: (id) => operator.ask("DELETE", `/faults/${encodeURIComponent(id)}`),
    clear: () => list("DELETE", "/faults"),
  };
}
