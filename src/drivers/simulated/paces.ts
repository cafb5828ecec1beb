import { dropHouse, listHouse, readHouse, type Session, writeHouse } from "../../store/index.ts";

/** How long each change of the world takes that is made for the resources of one kind. */
export type Pace =
  | { mode: "immediate" }
  /** Virtual ms, whatever the change. */
  | { mode: "duration"; ms: number }
  /** Until a client has asked so many times. */
  | { mode: "polls"; polls: number };

const PREFIX = "pace/";

/** The kind's pace; undefined where the world's own durations hold. */
export async function readPace(session: Session, kind: string): Promise<Pace | undefined> {
  const text = await readHouse(session, PREFIX + kind);
  return text === undefined ? undefined : (JSON.parse(text) as Pace);
}

/** The paces that are set, by kind. */
export async function listPaces(session: Session): Promise<Map<string, Pace>> {
  const rows = await listHouse(session, PREFIX);
  return new Map(rows.map(({ name, value }) => [name.slice(PREFIX.length), JSON.parse(value) as Pace]));
}

export async function writePace(tx: Session, kind: string, pace: Pace): Promise<void> {
  await writeHouse(tx, PREFIX + kind, JSON.stringify(pace));
  await tx.notify();
}

export async function dropPace(tx: Session, kind: string): Promise<void> {
  await dropHouse(tx, PREFIX + kind);
  await tx.notify();
}
