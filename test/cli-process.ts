import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const EBB = fileURLToPath(new URL("../bin/ebb.js", import.meta.url));
const MAIN = new URL("../src/cli/main.ts", import.meta.url).href;

export interface Ended {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** An empty folder to run commands in; `remove` it after the test. */
export interface Folder {
  path: string;
  remove(): void;
}

export function emptyFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "ebb-cli-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs the real binary in `cwd` to its end, with no variables but `env`. */
export function runEbb(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new CliProcess([EBB, ...args], cwd, env).ended;
}

/** Starts the command line with `server` (JavaScript of a function that stands in for `startServer`). */
export function startEbbWith(server: string, cwd: string, args: string[]): CliProcess {
  const code = `import { main } from ${JSON.stringify(MAIN)};
    await main(["node", "ebb", ...process.argv.slice(1)], async () => ({ startServer: ${server} }));`;
  return new CliProcess(["--input-type=module", "--eval", code, "--", ...args], cwd, {});
}

export class CliProcess {
  readonly ended: Promise<Ended>;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(args: string[], cwd: string, env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const stdout = collected(child.stdout);
    const stderr = collected(child.stderr);
    this.ended = once(child, "close").then(() => {
      return { code: child.exitCode, signal: child.signalCode, stdout: stdout(), stderr: stderr() };
    });
  }

  /** The next line of its output; undefined when it has ended. */
  async nextLine(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
