import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export interface Spawned {
  url: string;
  /** From the start of the process to the line that says it is ready, in ms. */
  startMs: number;
  residentMb(): number;
  stop(): Promise<void>;
}

/** Starts a server in a process of its own and waits for its `... ready on URL` line. */
export async function spawnServer(args: string[]): Promise<Spawned> {
  const since = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const url = await readyUrl(child);
  const startMs = performance.now() - since;
  return {
    url,
    startMs,
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1024,
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the process has no output to read");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready on (\S+)$/.exec(line)?.[1];
    if (url) return url;
  }
  throw new Error("the process ended before it was ready");
}
