import { isIPv6 } from "node:net";
import type { Command } from "commander";
import { fields, flagOf } from "../settings/fields.ts";
import { loadSettings, type Settings } from "../settings.ts";
import { CommandError, UsageError } from "./errors.ts";
import { readRunning } from "./running.ts";

/** The options that every command takes which talks to a running Ebb. */
export interface EndpointFlags {
  endpoint?: string;
  port?: string;
  dataDir?: string;
  config?: string;
}

export function addEndpointOptions(command: Command): Command {
  return command
    .option("--endpoint <url>", "where Ebb answers, such as http://127.0.0.1:7080")
    .option("--port <port>", "port where Ebb listens")
    .option(`${flagOf("data_dir")} <path>`, `${fields.data_dir.help} (default: "${fields.data_dir.fallback}")`)
    .option("--config <file>", 'settings file (default: "ebb.yaml")');
}

export interface FoundEbb {
  settings: Settings;
  /** Without a slash at its end. */
  url: string;
  region: string;
}

/**
 * Finds the Ebb that a command talks to: `--endpoint`, then `--port`, then `EBB_ENDPOINT`, then the note that a running
 * one keeps in the data folder, then the configured address.
 */
export function findEbb(flags: EndpointFlags, env: NodeJS.ProcessEnv, cwd: string): FoundEbb {
  const settings = loadSettings({ ...flags }, env, cwd);
  const running = readRunning(settings.dataDir);
  const found = (url: string): FoundEbb => {
    return { settings, url, region: running?.url === url ? running.region : settings.region };
  };

  if (flags.endpoint !== undefined) return found(checkedUrl(flags.endpoint, "--endpoint"));
  if (flags.port !== undefined) return found(configuredUrl(settings));
  if (env.EBB_ENDPOINT !== undefined) return found(checkedUrl(env.EBB_ENDPOINT, "EBB_ENDPOINT"));
  return found(running?.url ?? configuredUrl(settings));
}

function checkedUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === "" && url.search === "" && url.hash === "";
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
  throw new UsageError(`${from} is ${JSON.stringify(text)}; allowed: a URL such as http://127.0.0.1:7080`);
}

/** The address that the settings name, as one can call it: a server on all addresses is reached over loopback. */
function configuredUrl({ host, port }: Settings): string {
  if (port === 0) throw new CommandError("no running Ebb was found, and port 0 names none: give --port or --endpoint");
  const callable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${isIPv6(callable) ? `[${callable}]` : callable}:${port}`;
}
