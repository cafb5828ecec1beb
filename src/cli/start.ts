import { resolve } from "node:path";
import { loadSettings, type Settings } from "../settings.ts";
import { shellQuoted } from "./env.ts";
import { explain } from "./errors.ts";
import { removeRunning, writeRunning } from "./running.ts";

export interface RunningServer {
  url: string;
  close(): Promise<void>;
}
/** Brings the server's code: only a start needs it, and only with right settings. */
export type LoadServer = () => Promise<{ startServer: (settings: Settings) => Promise<RunningServer> }>;

/** npm repeats the terminal's Ctrl-C to its child: signals this close together are one. */
const SAME_SIGNAL_MS = 250;

/** `ebb start`: runs a server until a signal ends it. Returns once it answers. */
export async function start(flags: Record<string, unknown>, loadServer: LoadServer): Promise<void> {
  const settings = loadSettings(flags, process.env, process.cwd());
  const { startServer } = await loadServer();
  const server = await startServer(settings);
  try {
    writeRunning(settings.dataDir, { pid: process.pid, url: server.url, region: settings.region });
  } catch (error) {
    await server.close();
    throw error;
  }
  closeOnSignal(async () => {
    removeRunning(settings.dataDir, process.pid);
    await server.close();
  });
  process.stdout.write(welcome(server.url, locatorFlags(flags, settings)));
}

/** The ready line, then three that can be pasted into a shell in the same folder. */
function welcome(url: string, locator: string): string {
  const sdk =
    "from huaweicloudsdkclouddc.v1 import CloudDCClient as C, ListInstancesRequest as R; " +
    `print(C.new_builder().with_endpoint("${url}").build().list_instances(R()))`;
  return [
    `ebb ready on ${url}`,
    `eval "$(npx ebb env${locator})"`,
    `curl -H "X-Auth-Token: $(npx ebb token${locator})" ${url}/v3/auth/projects`,
    `python3 -c ${shellQuoted(sdk)}`,
    "",
  ].join("\n");
}

/** The flags with which the other commands find this server; none when it stands where they look anyway. */
function locatorFlags(flags: Record<string, unknown>, settings: Settings): string {
  const elsewhere = settings.dataDir === resolve(".ebb") ? "" : ` --data-dir ${shellQuoted(settings.dataDir)}`;
  return typeof flags.config === "string" ? `${elsewhere} --config ${shellQuoted(resolve(flags.config))}` : elsewhere;
}

/** The first signal closes gracefully, a later one ends the process at once. */
function closeOnSignal(close: () => Promise<void>): void {
  const numbers = { SIGINT: 2, SIGTERM: 15 };
  let closing = false;
  let impatient = false;
  const onSignal = (signal: keyof typeof numbers): void => {
    if (impatient) process.exit(128 + numbers[signal]);
    if (closing) return;
    closing = true;
    setTimeout(() => {
      impatient = true;
    }, SAME_SIGNAL_MS).unref();
    void close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`ebb: ${explain(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", () => onSignal("SIGINT"));
  process.on("SIGTERM", () => onSignal("SIGTERM"));
}
