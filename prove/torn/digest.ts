import { createHash } from "node:crypto";

/** One text for the whole state: every row of every table. */
export function digest(all: (sql: string) => readonly object[]): string {
  const hash = createHash("sha256");
  const tables = all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");
  for (const { name } of tables as readonly { name: string }[])
    hash.update(JSON.stringify([name, all(`SELECT * FROM ${name} ORDER BY rowid`)]));
  return hash.digest("hex").slice(0, 24);
}
