import type { Session } from "./store.ts";

/** The few things that Ebb keeps about itself, by name: text, or undefined where nothing is kept. */
export async function readHouse(session: Session, name: string): Promise<string | undefined> {
  return (await session.get<{ value: string }>("SELECT value FROM house WHERE name = ?", [name]))?.value;
}

/** All that is kept under names that begin so, in order of their names. */
export function listHouse(session: Session, prefix: string): Promise<{ name: string; value: string }[]> {
  return session.all("SELECT name, value FROM house WHERE substr(name, 1, ?) = ? ORDER BY name", [
    prefix.length,
    prefix,
  ]);
}

export async function writeHouse(tx: Session, name: string, value: string): Promise<void> {
  await tx.run(
    "INSERT INTO house (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [name, value],
  );
}

/** Answers whether there was something. */
export async function dropHouse(tx: Session, name: string): Promise<boolean> {
  return (await tx.run("DELETE FROM house WHERE name = ?", [name])) > 0;
}
