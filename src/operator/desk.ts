import type { Clock } from "../clock.ts";
import type { Domain, Drivers } from "../drivers/port.ts";
import type { PollWatch } from "../drivers/simulated/polls.ts";
import type { Faults } from "../faults/index.ts";
import type { Ids } from "../ids.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { Service } from "../wire/index.ts";
import type { EventStreams } from "./event-streams.ts";
import type { RequestLog } from "./requests/log.ts";

/** What the operator's routes work with. */
export interface Desk {
  lifecycle: Lifecycle;
  store: Store;
  clock: Clock;
  drivers: Drivers;
  /** Domains whose things are real. */
  real: readonly Domain[];
  ids: Ids;
  log: Log;
  events: EventStreams;
  polls: PollWatch;
  /** How long simulated things take where a kind has no pace of its own: the setting's word. */
  pace: string;
  /** The cloud's services, IAM among them. */
  services: readonly Service[];
  faults: Faults;
  /** The last requests of the cloud's wire. */
  requests: RequestLog;
  /** The folder that holds Ebb's data. */
  dataDir: string;
  /** For when the store's rows have been replaced under the house. */
  refresh: {
    /** Puts the accounts of the settings back in place. */
    accounts(): Promise<void>;
    /** Takes on the time that the store has, even an earlier one. */
    clock(): Promise<void>;
    /** Reads anew what is kept in memory of the store, and puts the inventory back in place. */
    state(): Promise<void>;
  };
  /** True for the id of a project of any account. */
  knowsProject(id: string): Promise<boolean>;
}
