import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import type { AccountSetting } from "../settings.ts";
import type { Store } from "../store/index.ts";
import type { Service } from "../wire/index.ts";
import { putAccounts } from "./accounts.ts";
import { authenticate, type Known, type Presented } from "./authenticate.ts";
import { iamDialect } from "./dialect.ts";
import { framedDialect, framedOperation } from "./frame.ts";
import type { IamHouse } from "./house.ts";
import { LoginGuard } from "./login-guard.ts";
import { PASSWORD_COST, Passwords } from "./passwords.ts";
import { Principals } from "./principals.ts";
import { routes } from "./routes/index.ts";
import { loadSecretKey } from "./secret-key.ts";
import { deleteExpired } from "./tokens.ts";
import { Vault } from "./vault.ts";

export { loadSecretKey } from "./secret-key.ts";

export interface IamOptions {
  store: Store;
  clock: Clock;
  /** The clock by which clients date their signatures, which nobody moves. Defaults to `clock`. */
  waits?: Clock;
  ids: Ids;
  accounts: readonly AccountSetting[];
  /** Where the key is kept that seals the secrets of access keys. */
  dataDir: string;
  region: string;
  /** The services that the catalog lists. */
  services(): readonly { name: string; title: string }[];
  log: Log;
  /** scrypt's N for passwords. */
  passwordCost?: number;
}

/** Who may do what, and the API to it. */
export interface Iam {
  /** Tells who sent a request, or why nobody can be told. */
  authenticate(presented: Presented): Promise<Known>;
  service: Service;
  /** Puts the accounts of the settings into the store again. */
  settle(): Promise<void>;
  /** True for the id of a project of any account. */
  knowsProject(id: string): Promise<boolean>;
  /** Forgets tokens that ended a day ago or earlier, and answers how many. */
  purge(): Promise<number>;
}

/**
 * Opens IAM on the store, and puts the accounts of the settings into it.
 * @throws when a policy is not enforced, a project's name is taken, or the store was sealed with another key
 */
export async function openIam(options: IamOptions): Promise<Iam> {
  const { accounts, dataDir, passwordCost = PASSWORD_COST, waits = options.clock, ...rest } = options;
  const { store, clock, region } = rest;
  const iam: IamHouse = {
    ...rest,
    waits,
    vault: new Vault(await loadSecretKey(dataDir)),
    passwords: new Passwords(passwordCost),
    guard: new LoginGuard(clock),
    principals: new Principals(),
  };
  await putAccounts(iam, accounts);
  const operations = routes(iam).map((op) => framedOperation(op, region));
  return {
    authenticate: (presented) => authenticate(iam, presented),
    service: {
      name: "iam",
      title: "Identity and Access Management",
      kinds: [],
      operations,
      dialect: framedDialect(iamDialect(operations), region),
    },
    settle: () => putAccounts(iam, accounts),
    knowsProject: async (id) =>
      (await store.read((session) => session.get("SELECT id FROM iam_projects WHERE id = ?", [id]))) !== undefined,
    purge: () => store.write("iam purge", (session) => deleteExpired(session, clock.now())),
  };
}
