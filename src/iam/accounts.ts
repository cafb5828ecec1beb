import type { AccountSetting, UserSetting } from "../settings.ts";
import type { AccessKeyRow, Session } from "../store/index.ts";
import { deleteKey, openSecret, putKey, sealSecret } from "./access-keys.ts";
import type { IamHouse } from "./house.ts";
import { policiesText } from "./principals.ts";
import { deleteTokensOf } from "./tokens.ts";

/** Any number: it keeps two processes from settling the accounts of one PostgreSQL store at the same time. */
const ACCOUNTS_LOCK = 7_082_608;

type House = Pick<IamHouse, "store" | "vault" | "clock" | "passwords">;

/** A user as it goes into the tables. */
interface Settled extends UserSetting {
  domainId: string;
  policiesText: string;
  passwordHash: string;
  /** The password differs from the one that was there. */
  changed: boolean;
}

/**
 * Makes the tables say what the settings say, in one write. What the API made (projects, access keys) stays; a user
 * that the settings no longer name is disabled. Tokens end with the password or the key that they were got by.
 * @throws when a policy is not enforced, or a project's name is taken
 */
export async function putAccounts(house: House, accounts: readonly AccountSetting[]): Promise<void> {
  const users = await settleUsers(house, accounts);
  await house.store.write("iam accounts", async (session) => {
    if (house.store.kind === "postgres") await session.run("SELECT pg_advisory_xact_lock(?)", [ACCOUNTS_LOCK]);
    await putDomains(session, accounts);
    await putProjects(session, accounts);
    await putUsers(session, users);
    await putKeys(session, house, users);
  });
}

async function settleUsers({ store, passwords }: House, accounts: readonly AccountSetting[]): Promise<Settled[]> {
  const all = accounts.flatMap((account) =>
    account.users.map((user) => ({ ...user, domainId: account.id, policiesText: policiesOf(user, account) })),
  );
  const rows = await store.read((session) =>
    session.all<{ id: string; password_hash: string }>("SELECT id, password_hash FROM iam_users"),
  );
  const hashes = new Map(rows.map((row) => [row.id, row.password_hash]));
  return Promise.all(
    all.map(async (user) => {
      const before = hashes.get(user.id);
      const same = before !== undefined && (await passwords.match(user.password, before));
      const kept = same && passwords.isCurrent(before);
      return { ...user, passwordHash: kept ? before : await passwords.hash(user.password), changed: !same };
    }),
  );
}

function policiesOf(user: UserSetting, account: AccountSetting): string {
  try {
    return policiesText(user.policies);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`a policy of user ${user.name} in account ${account.name} is refused: ${why}`, { cause: error });
  }
}

/** A name that no setting can have: names are freed first, so that two things can swap theirs. */
const FREED = "'#' || id";

async function putDomains(session: Session, accounts: readonly AccountSetting[]): Promise<void> {
  await session.run(`UPDATE iam_domains SET name = ${FREED}`);
  for (const { id, name } of accounts) {
    await session.run(
      "INSERT INTO iam_domains (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
      [id, name],
    );
  }
}

async function putProjects(session: Session, accounts: readonly AccountSetting[]): Promise<void> {
  const all = accounts.flatMap((account) => account.projects.map((project) => ({ ...project, account })));
  for (const { id } of all) await session.run(`UPDATE iam_projects SET name = ${FREED} WHERE id = ?`, [id]);
  for (const { id, name, account } of all) {
    const taken = await session.get<{ id: string }>("SELECT id FROM iam_projects WHERE domain_id = ? AND name = ?", [
      account.id,
      name,
    ]);
    if (taken) {
      throw new Error(
        `account ${account.name} has a project ${name} of id ${taken.id}, made through the API: give it that id in the settings, or another name`,
      );
    }
    await session.run(
      `INSERT INTO iam_projects (id, domain_id, name, parent_id, description) VALUES (?, ?, ?, ?, '')
       ON CONFLICT (id) DO UPDATE SET domain_id = excluded.domain_id, name = excluded.name, parent_id = excluded.parent_id`,
      [id, account.id, name, parentOf(name, account)],
    );
  }
}

/** A project named `<region>_...` is inside the region's, which is inside the account. */
function parentOf(name: string, { id, projects }: AccountSetting): string {
  return projects.find((other) => name.startsWith(`${other.name}_`))?.id ?? id;
}

async function putUsers(session: Session, users: readonly Settled[]): Promise<void> {
  await session.run(`UPDATE iam_users SET name = ${FREED}, enabled = 0`);
  for (const user of users) {
    await session.run(
      `INSERT INTO iam_users (id, domain_id, name, password_hash, policies, enabled) VALUES (?, ?, ?, ?, ?, 1)
       ON CONFLICT (id) DO UPDATE SET domain_id = excluded.domain_id, name = excluded.name,
         password_hash = excluded.password_hash, policies = excluded.policies, enabled = 1`,
      [user.id, user.domainId, user.name, user.passwordHash, user.policiesText],
    );
    if (user.changed) await deleteTokensOf(session, user.id);
  }
  await session.run("DELETE FROM iam_tokens WHERE user_id IN (SELECT id FROM iam_users WHERE enabled = 0)");
}

async function putKeys(session: Session, { vault, clock }: House, users: readonly Settled[]): Promise<void> {
  const rows = await session.all<AccessKeyRow>("SELECT * FROM iam_access_keys");
  const there = new Map(rows.map((row) => [row.access, { row, secret: openSecret(vault, row) }]));
  const wanted = new Set(users.map((user) => user.access_key));
  for (const [access, { row }] of there) {
    if (row.origin !== "settings" || wanted.has(access)) continue;
    await deleteKey(session, access);
    await deleteTokensOf(session, row.user_id, "hw_ak_sk");
  }
  for (const { id, access_key: access, secret_key: secret } of users) {
    const before = there.get(access);
    if (before?.row.origin === "settings" && before.secret === secret && before.row.user_id === id) continue;
    const sealed = sealSecret(vault, access, secret);
    const row = { access, user_id: id, secret_sealed: sealed, status: "active", description: "" };
    await putKey(session, { ...row, origin: "settings", created_at: clock.now() });
    if (before) await deleteTokensOf(session, before.row.user_id, "hw_ak_sk");
  }
}
