import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Bare commits a second of the embedded store: one row each, synchronous = FULL, one after the other. */
export function bareCommits(forMs: number): number {
  const folder = mkdtempSync(join(tmpdir(), "ebb-bench-"));
  const db = new DatabaseSync(join(folder, "bare.db"));
  try {
    db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)",
    );
    const insert = db.prepare("INSERT INTO rows (text) VALUES (?)");
    const since = performance.now();
    let commits = 0;
    while (performance.now() - since < forMs) {
      insert.run("a row");
      commits++;
    }
    return (commits * 1000) / (performance.now() - since);
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
