import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../settings/file.ts";

/** What a running Ebb says of itself to the commands that look for it. */
export interface Running {
  pid: number;
  url: string;
  region: string;
}

const fileIn = (dataDir: string): string => join(dataDir, "running.json");

/** Writes the note in one step, readable by its owner only. */
export function writeRunning(dataDir: string, running: Running): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${fileIn(dataDir)}.${running.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  renameSync(draft, fileIn(dataDir));
}

/** Removes the note of process `pid`, and no other's. */
export function removeRunning(dataDir: string, pid: number): void {
  if (parse(dataDir)?.pid === pid) rmSync(fileIn(dataDir), { force: true });
}

/** The note of the Ebb that runs on this data folder; undefined when there is none or its process is gone. */
export function readRunning(dataDir: string): Running | undefined {
  const running = parse(dataDir);
  return running !== undefined && isAlive(running.pid) ? running : undefined;
}

function parse(dataDir: string): Running | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(fileIn(dataDir), "utf8"));
    if (!isRecord(note)) return undefined;
    const { pid, url, region } = note;
    const whole = typeof pid === "number" && Number.isSafeInteger(pid) && pid > 0;
    return whole && typeof url === "string" && typeof region === "string" ? { pid, url, region } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
