import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { LoginGuard } from "./login-guard.ts";
import type { Passwords } from "./passwords.ts";
import type { Principals } from "./principals.ts";
import type { Vault } from "./vault.ts";

/** What the parts of IAM work with. */
export interface IamHouse {
  store: Store;
  clock: Clock;
  /** The clock by which clients date their signatures: nobody moves it. */
  waits: Clock;
  ids: Ids;
  log: Log;
  region: string;
  vault: Vault;
  passwords: Passwords;
  guard: LoginGuard;
  principals: Principals;
  /** The services that the catalog lists. */
  services(): readonly { name: string; title: string }[];
}
