import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A test that a mutation keeps from ever ending is red too; on a busy machine a test has its time. */
const MOST_MS = 180_000;

export interface Verdicts {
  /** By the names of the tests that ran: whether each was green. */
  green: ReadonlyMap<string, boolean>;
  /** The end of what was printed, for whoever looks into it. */
  said: string;
  timedOut: boolean;
  /** The mutation names something that is not there: its test is red for no reason of its rule. */
  unfit: boolean;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Runs tests of one file by their names, in a copy of the project. */
export async function runTests(
  folder: string,
  file: string,
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Verdicts> {
  // A test inside of a suite is known by both names.
  const pattern = `(^| )(${names.map(escaped).join("|")})$`;
  const flags = ["--test-reporter=tap", `--test-name-pattern=${pattern}`, `--test-timeout=${MOST_MS}`];
  const child = spawn(process.execPath, [...flags, file], {
    cwd: folder,
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, ".cache"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own group: what a test has started ends with it.
    detached: true,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (some: string) => (text += some));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  }, 2 * MOST_MS);
  await once(child, "close");
  clearTimeout(timer);
  const lines = text.matchAll(/^ *(not )?ok \d+ - (.*?)(?: # .*)?$/gm);
  const green = new Map([...lines].map(([, not, name = ""]) => [name.replaceAll("\\#", "#"), not === undefined]));
  return { green, said: text.slice(-2_000), timedOut, unfit: /ReferenceError: .* is not defined/.test(text) };
}
