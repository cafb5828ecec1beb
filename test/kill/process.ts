import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import {
  LOCAL_DOMAIN_NAME,
  LOCAL_PASSWORD,
  LOCAL_PROJECT_ID,
  LOCAL_USER_NAME,
} from "../../src/settings/local-account.ts";
import type { StoreAddress } from "../../src/store/index.ts";
import { type Answer, ask } from "../harness.ts";

const EBB = fileURLToPath(new URL("../../bin/ebb.js", import.meta.url));

/** A real Ebb in a process of its own, as `npm start` runs it. */
export interface EbbProcess {
  url: string;
  /** `kill -9`, and waits until the process is gone. */
  kill(): Promise<void>;
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
}

export async function startProcess(dataDir: string, store: StoreAddress): Promise<EbbProcess> {
  const args = ["start", "--port", "0", "--data-dir", dataDir, "--pace", "fast", "--log-level", "error"];
  if (store.kind === "postgres") args.push("--store", store.url);
  const child = spawn(process.execPath, [EBB, ...args], { cwd: dataDir, stdio: ["ignore", "pipe", "inherit"] });
  const url = await readyUrl(child);
  const identity = {
    methods: ["password"],
    password: { user: { name: LOCAL_USER_NAME, password: LOCAL_PASSWORD, domain: { name: LOCAL_DOMAIN_NAME } } },
  };
  const answer = await ask(url, "POST", "/v3/auth/tokens?nocatalog=true", {
    auth: { identity, scope: { project: { id: LOCAL_PROJECT_ID } } },
  });
  const token = answer.headers.get("x-subject-token") ?? "";
  return {
    url,
    ask: (method, path, body) => ask(url, method, path, body, { "x-auth-token": token }),
    async kill() {
      const gone = once(child, "exit");
      if (child.exitCode === null && child.kill("SIGKILL")) await gone;
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the process has no output to read");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ebb ready on (\S+)$/.exec(line)?.[1];
    if (url) return url;
  }
  throw new Error(`ebb ended with ${child.exitCode} before it was ready`);
}

/** Looks into the store past Ebb, while it runs or after it was killed. */
export async function peek<Row>(store: StoreAddress, sql: string): Promise<Row[]> {
  if (store.kind === "sqlite") {
    const db = new DatabaseSync(store.file, { readOnly: true });
    try {
      return db.prepare(sql).all() as Row[];
    } finally {
      db.close();
    }
  }
  const client = new Client({ connectionString: store.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}
