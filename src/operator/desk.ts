import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { Service } from "../wire/index.ts";

/** What the operator's routes work with. */
export interface Desk {
  lifecycle: Lifecycle;
  store: Store;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** The cloud's services, IAM among them. */
  services: readonly Service[];
}
