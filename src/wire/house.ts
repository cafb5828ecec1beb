import type { Clock } from "../clock.ts";
import type { Drivers } from "../drivers/port.ts";
import type { Ids } from "../ids.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import type { Log } from "../log.ts";

/** What a service's handlers work with. */
export interface House {
  lifecycle: Lifecycle;
  drivers: Drivers;
  clock: Clock;
  ids: Ids;
  log: Log;
  region: string;
  /** `inventory` of ebb.yaml, as it is written there; each service checks its own part. */
  inventory: Readonly<Record<string, unknown>>;
  /** The projects that exist, for a service that gives each some things of its own. */
  projects: readonly { id: string; name: string; domainId: string; domainName: string }[];
}
