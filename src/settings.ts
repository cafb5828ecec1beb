import { join, resolve } from "node:path";
import { type AccountSetting, readAccounts } from "./settings/accounts.ts";
import { fields, type LogLevel, type Pace, type Throttle } from "./settings/fields.ts";
import { localAccount, usesLocalCredentials } from "./settings/local-account.ts";
import { isLoopback } from "./settings/loopback.ts";
import { SettingError } from "./settings/setting-error.ts";
import { find, gather, readField, readMapping, type Sources } from "./settings/sources.ts";

export type { AccountSetting, ProjectSetting, UserSetting } from "./settings/accounts.ts";
export type { LogLevel, Pace, Throttle } from "./settings/fields.ts";
export { SettingError } from "./settings/setting-error.ts";

export type StoreSetting = { kind: "sqlite"; file: string } | { kind: "postgres"; url: string };

/** Everything that can be set, checked; paths are absolute. */
export interface Settings {
  host: string;
  /** 0 means any free port. */
  port: number;
  dataDir: string;
  store: StoreSetting;
  pace: Pace;
  region: string;
  requestTimeoutMs: number;
  bodyLimitBytes: number;
  /** Null: nobody is throttled. */
  throttle: Throttle | null;
  /** How long the record of a gone thing stays readable. */
  retentionHours: number;
  accounts: AccountSetting[];
  /** Null: the one that follows from the data folder's key. */
  operatorToken: string | null;
  /** As it stands in the file; the services check their own parts. */
  inventory: Record<string, unknown>;
  /** As it stands in the file; the drivers check their own parts. */
  drivers: Record<string, unknown>;
  logLevel: LogLevel;
}

/**
 * The settings from flags (named as commander names them: `dataDir`), then `EBB_*` variables, then the file (`--config`,
 * `EBB_CONFIG` or `ebb.yaml` in `cwd`), then defaults.
 * @throws {SettingError} for the first wrong or unknown one
 */
export function loadSettings(flags: Record<string, unknown>, env: NodeJS.ProcessEnv, cwd: string): Settings {
  const sources = gather(flags, env, cwd);
  const region = readField(sources, "region", fields.region);
  const dataDir = resolve(cwd, readField(sources, "data_dir", fields.data_dir));
  const store = readField(sources, "store", fields.store);
  const settings: Settings = {
    host: readField(sources, "host", fields.host),
    port: readField(sources, "port", fields.port),
    dataDir,
    store: store === "sqlite" ? { kind: "sqlite", file: join(dataDir, "ebb.db") } : { kind: "postgres", url: store },
    pace: readField(sources, "pace", fields.pace),
    region,
    requestTimeoutMs: readField(sources, "request_timeout_ms", fields.request_timeout_ms),
    bodyLimitBytes: readField(sources, "body_limit_bytes", fields.body_limit_bytes),
    throttle: readField(sources, "throttle", fields.throttle),
    retentionHours: readField(sources, "retention_hours", fields.retention_hours),
    operatorToken: readField(sources, "operator_token", fields.operator_token),
    accounts:
      sources.file.accounts === undefined
        ? [localAccount(region)]
        : readAccounts(sources.file.accounts, sources.path, region),
    inventory: readMapping(sources, "inventory"),
    drivers: readMapping(sources, "drivers"),
    logLevel: readField(sources, "log_level", fields.log_level),
  };
  refuseOpenDoor(settings, sources);
  return settings;
}

function refuseOpenDoor(settings: Settings, sources: Sources): void {
  if (isLoopback(settings.host) || !usesLocalCredentials(settings.accounts)) return;
  const from = find(sources, "host")?.from ?? "default";
  const allowed =
    "127.0.0.0/8, ::1 or localhost while the known local credentials are in use (set accounts in ebb.yaml)";
  throw new SettingError("host", from, settings.host, allowed);
}
