import { tablesVersion } from "./catalog.ts";
import type { Session, Store } from "./store.ts";

/**
 * Each entry takes the tables one version further, in both stores. An entry that has landed is never edited: a change is
 * a further entry. `{serial}` is the store's own growing key.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE resources (
      seq {serial}, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, tenant TEXT NOT NULL, parent_id TEXT, incarnation TEXT NOT NULL,
      name TEXT NOT NULL, unique_name TEXT, state TEXT NOT NULL, spec TEXT NOT NULL, facts TEXT NOT NULL, error TEXT,
      created_by TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, gone_at BIGINT,
      alarm_at BIGINT, alarm_verb TEXT)`,
    "CREATE INDEX resources_of_tenant ON resources (tenant, kind, seq)",
    "CREATE INDEX resources_of_parent ON resources (parent_id) WHERE parent_id IS NOT NULL",
    "CREATE INDEX resources_gone ON resources (gone_at) WHERE gone_at IS NOT NULL",
    "CREATE INDEX resources_alarm ON resources (alarm_at) WHERE alarm_at IS NOT NULL",
    "CREATE UNIQUE INDEX resources_unique_name ON resources (tenant, kind, unique_name) WHERE unique_name IS NOT NULL",
    `CREATE TABLE links (resource_id TEXT NOT NULL, target_id TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (resource_id, target_id, role))`,
    "CREATE INDEX links_of_target ON links (target_id)",
    `CREATE TABLE operations (
      id TEXT PRIMARY KEY, job_id TEXT NOT NULL, resource_id TEXT NOT NULL, kind TEXT NOT NULL, tenant TEXT NOT NULL, verb TEXT NOT NULL,
      label TEXT NOT NULL, plan TEXT NOT NULL, step INTEGER NOT NULL, performed INTEGER NOT NULL, attempt INTEGER NOT NULL,
      state TEXT NOT NULL, owner TEXT, fence BIGINT NOT NULL, lease_until BIGINT, due_at BIGINT NOT NULL, stage_at BIGINT NOT NULL,
      answer TEXT, error TEXT, request_id TEXT NOT NULL, accepted_at BIGINT NOT NULL, finished_at BIGINT)`,
    "CREATE TABLE wakes (seq {serial}, resource_id TEXT NOT NULL)",
    "CREATE INDEX wakes_of_resource ON wakes (resource_id)",
    "CREATE UNIQUE INDEX operations_one_running ON operations (resource_id) WHERE state = 'running'",
    "CREATE INDEX operations_due ON operations (due_at) WHERE state = 'running'",
    "CREATE INDEX operations_owned ON operations (owner) WHERE owner IS NOT NULL",
    "CREATE INDEX operations_of_resource ON operations (resource_id, fence)",
    "CREATE INDEX operations_of_job ON operations (tenant, job_id)",
    `CREATE TABLE holdings (
      seq {serial}, ref TEXT NOT NULL, resource_id TEXT NOT NULL, kind TEXT NOT NULL, tenant TEXT NOT NULL, incarnation TEXT NOT NULL, type TEXT NOT NULL,
      domain TEXT NOT NULL, taken_by TEXT NOT NULL, taken_at BIGINT NOT NULL, released_by TEXT, released_at BIGINT, proof TEXT)`,
    "CREATE INDEX holdings_of_resource ON holdings (resource_id)",
    "CREATE UNIQUE INDEX holdings_open ON holdings (ref) WHERE released_at IS NULL",
    `CREATE TABLE events (
      seq {serial}, at BIGINT NOT NULL, type TEXT NOT NULL, tenant TEXT NOT NULL, resource_id TEXT NOT NULL, operation_id TEXT,
      request_id TEXT NOT NULL, data TEXT NOT NULL)`,
    "CREATE INDEX events_of_resource ON events (resource_id, seq)",
    `CREATE TABLE sim_things (
      ref TEXT PRIMARY KEY, domain TEXT NOT NULL, type TEXT NOT NULL, phase TEXT NOT NULL, until BIGINT NOT NULL, fence BIGINT NOT NULL, operation_id TEXT NOT NULL,
      spec TEXT NOT NULL, made INTEGER NOT NULL)`,
    "CREATE INDEX sim_things_over ON sim_things (domain, until) WHERE phase = 'unmaking'",
    "CREATE TABLE iam_domains (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    `CREATE TABLE iam_projects (id TEXT PRIMARY KEY, domain_id TEXT NOT NULL, name TEXT NOT NULL, parent_id TEXT NOT NULL,
      description TEXT NOT NULL, UNIQUE (domain_id, name))`,
    `CREATE TABLE iam_users (id TEXT PRIMARY KEY, domain_id TEXT NOT NULL, name TEXT NOT NULL, password_hash TEXT NOT NULL,
      policies TEXT NOT NULL, enabled INTEGER NOT NULL, UNIQUE (domain_id, name))`,
    `CREATE TABLE iam_access_keys (access TEXT PRIMARY KEY, user_id TEXT NOT NULL, origin TEXT NOT NULL, secret_sealed TEXT NOT NULL, status TEXT NOT NULL,
      description TEXT NOT NULL, created_at BIGINT NOT NULL)`,
    "CREATE INDEX iam_access_keys_of_user ON iam_access_keys (user_id)",
    `CREATE TABLE iam_tokens (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, domain_id TEXT NOT NULL, project_id TEXT, methods TEXT NOT NULL,
      issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)`,
    "CREATE INDEX iam_tokens_expiry ON iam_tokens (expires_at)",
  ],
  [
    "ALTER TABLE holdings ADD COLUMN released_step TEXT",
    "ALTER TABLE holdings ADD COLUMN skipped_by TEXT",
    "ALTER TABLE holdings ADD COLUMN skipped_step TEXT",
    "ALTER TABLE holdings ADD COLUMN skipped_at BIGINT",
    "ALTER TABLE holdings ADD COLUMN skip_reason TEXT",
    "ALTER TABLE holdings ADD COLUMN reclaim_by TEXT",
    "CREATE INDEX holdings_unreleased ON holdings (seq) WHERE released_at IS NULL",
    "CREATE TABLE watches (resource_id TEXT NOT NULL, target_id TEXT NOT NULL, PRIMARY KEY (resource_id, target_id))",
    "CREATE INDEX watches_of_target ON watches (target_id)",
    `CREATE TABLE receipts (
      seq BIGINT PRIMARY KEY, operation_id TEXT NOT NULL UNIQUE, resource_id TEXT NOT NULL, kind TEXT NOT NULL, tenant TEXT NOT NULL,
      at BIGINT NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)`,
    "CREATE INDEX receipts_of_resource ON receipts (resource_id)",
    `CREATE TABLE receipt_chain (
      id INTEGER PRIMARY KEY, first_seq BIGINT NOT NULL, first_previous TEXT NOT NULL, last_seq BIGINT NOT NULL, last_hash TEXT NOT NULL)`,
    `CREATE TABLE faults (
      seq {serial}, id TEXT NOT NULL UNIQUE, spec TEXT NOT NULL, calls BIGINT NOT NULL, hits BIGINT NOT NULL, first_hit_at BIGINT, created_at BIGINT NOT NULL)`,
    "CREATE TABLE house (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "ALTER TABLE sim_things ADD COLUMN polls INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sim_things ADD COLUMN resource_id TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX sim_things_polled ON sim_things (resource_id) WHERE polls > 0",
    "CREATE INDEX operations_by_age ON operations (accepted_at, id)",
  ],
  ["CREATE TABLE driver_fences (ref TEXT PRIMARY KEY, fence BIGINT NOT NULL, called_at BIGINT NOT NULL)"],
];

/** Any number: it keeps two processes from migrating one PostgreSQL database at the same time. */
const MIGRATION_LOCK = 7_082_607;

/** Brings the tables to this program's version, in one write. Fails on a store made by a newer program. */
export async function migrate(store: Store): Promise<void> {
  await store.write("migrate", async (session) => {
    if (store.kind === "postgres") await session.run("SELECT pg_advisory_xact_lock(?)", [MIGRATION_LOCK]);
    await session.run("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)");
    const version = await tablesVersion(session);
    if (version > MIGRATIONS.length) {
      throw new Error(
        `the store has version ${version} and this Ebb knows up to ${MIGRATIONS.length}: start the newer Ebb on it`,
      );
    }
    for (let next = version; next < MIGRATIONS.length; next++) await apply(store, session, next);
  });
}

async function apply(store: Store, session: Session, index: number): Promise<void> {
  const serial =
    store.kind === "postgres" ? "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY AUTOINCREMENT";
  for (const statement of MIGRATIONS[index] ?? []) await session.run(statement.replace("{serial}", serial));
  await session.run("INSERT INTO migrations (version) VALUES (?)", [index + 1]);
}
