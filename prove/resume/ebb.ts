import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StoreAddress } from "../../src/store/index.ts";

const EBB = fileURLToPath(new URL("../../bin/ebb.js", import.meta.url));
/** As `npm start` has it. */
const FLAGS = ["--max-semi-space-size=1"];

const OPERATOR = "resume-time-operator-token";

export interface Ebb {
  url: string;
  /** From the process's start to its first answer, in ms. */
  startMs: number;
  /** When it had answered its first request, in ms since the epoch. */
  answeredAt: number;
  /** Asks Ebb's own API. */
  operate(method: "POST" | "PUT", path: string, body?: object): Promise<void>;
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

export interface EbbOptions {
  pace: "instant" | "real";
  profile?: string | undefined;
}

/** Starts a real Ebb in a process of its own, and asks it for its version at once. */
export async function startEbb(dataDir: string, store: StoreAddress, { pace, profile }: EbbOptions): Promise<Ebb> {
  const flags = ["--port", "0", "--data-dir", dataDir, "--pace", pace, "--log-level", "error"];
  if (store.kind === "postgres") flags.push("--store", store.url);
  const profiling = profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [];
  const since = performance.now();
  const child = spawn(process.execPath, [...FLAGS, ...profiling, EBB, "start", ...flags], {
    cwd: dataDir,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, EBB_OPERATOR_TOKEN: OPERATOR },
  });
  let url: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    url = /^ebb ready on (\S+)$/.exec(line)?.[1];
    if (url) break;
  }
  if (!url) throw new Error(`ebb ended with ${child.exitCode} before it was ready`);
  await (await fetch(`${url}/v3`)).arrayBuffer();
  const answeredAt = Date.now();
  const startMs = performance.now() - since;
  const stop = async (signal: "SIGTERM" | "SIGKILL") => {
    const gone = once(child, "exit");
    if (child.exitCode === null && child.kill(signal)) await gone;
  };
  const operate = async (method: "POST" | "PUT", path: string, body: object = {}) => {
    const headers = { authorization: `Bearer ${OPERATOR}`, "content-type": "application/json" };
    const answer = await fetch(`${url}/ebb/v1${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  return { url, operate, startMs, answeredAt, stop };
}
