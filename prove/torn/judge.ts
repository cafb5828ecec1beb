import { DatabaseSync } from "node:sqlite";
import type { Log } from "../../src/log.ts";
import { openStore } from "../../src/store/index.ts";
import { digest } from "./digest.ts";

/** `short`: an earlier state than the last, and said so. `silent`: the promise is broken. */
export type Verdict = "refused" | "recovered" | "short" | "silent";

export interface Judged {
  verdict: Verdict;
  /** What Ebb said, or what was wrong. */
  said: string;
}

/** Opens a store as a start of Ebb would, and holds what it says and shows against the states that were committed. */
export async function judge(file: string, states: readonly string[]): Promise<Judged> {
  const warnings: string[] = [];
  const log: Log = {
    info: () => {},
    warn: (_fields, message) => warnings.push(message),
    error: (_fields, message) => warnings.push(message),
  };
  try {
    const store = await openStore({ kind: "sqlite", file }, {}, log);
    await store.close();
    return verdictOf(states.lastIndexOf(stateIn(file)), states.length - 1, warnings);
  } catch (error) {
    const refused = (error as { code?: string }).code === "EBB_DAMAGED";
    return { verdict: refused ? "refused" : "silent", said: String(error) };
  }
}

function stateIn(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return digest((sql) => db.prepare(sql).all());
  } finally {
    db.close();
  }
}

function verdictOf(index: number, last: number, warnings: readonly string[]): Judged {
  if (index < 0) return { verdict: "silent", said: "a state that was never committed" };
  if (index === last) return { verdict: "recovered", said: warnings.join("; ") };
  const behind = `${last - index} commits behind`;
  if (warnings.length === 0) return { verdict: "silent", said: `${behind}, and not said` };
  return { verdict: "short", said: `${behind}: ${warnings.join("; ")}` };
}
