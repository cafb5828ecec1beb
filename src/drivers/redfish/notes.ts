import type { Clock } from "../../clock.ts";
import { dropHouse, listHouse, readHouse, type Session, type Store, writeHouse } from "../../store/index.ts";

const PREFIX = "redfish/";
/** How long what is gone is remembered (virtual ms): its server is where a last look goes. */
const REMEMBERED_MS = 24 * 3_600_000;

export type Way = "install" | "uninstall" | "withdraw" | "image-wipe" | "erase" | "on" | "off" | "reboot";

/** What a BMC cannot remember: what was begun for a thing, and how far that has come. */
export interface Note {
  type: "machine" | "os" | "disks";
  server: string;
  /** `working`: on its way; `there`: made, or as asked; `gone`: unmade. */
  phase: "working" | "there" | "gone";
  /** What is being done, and its stage; of the last one while nothing is. */
  way: Way;
  stage: number;
  /** When the stage began, virtual ms. */
  since: number;
  /** The operation for which it is done: another one begins anew. */
  operationId: string;
  /** Counts the things of this type that its server has had. */
  turn?: number;
  /** When the stage's request was last sent; when the forceful one was. */
  sent?: number;
  forced?: number;
  /** The task that the request became. */
  task?: string;
  /** Tasks that erase, by the drive's address; null for one that has ended well. */
  erasing?: Record<string, string | null>;
  /** What the power is meant to be, on a machine's note. */
  meant?: "on" | "off";
  image?: string;
  addresses?: string[];
  hostname?: string;
}

/** The notes, in the store: whoever takes over goes on with them. */
export class Notes {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async read(ref: string): Promise<Note | undefined> {
    const text = await this.#store.read((session) => readHouse(session, PREFIX + ref));
    return text === undefined ? undefined : (JSON.parse(text) as Note);
  }

  list(): Promise<Noted[]> {
    return this.#store.read(listNotes);
  }

  /** Writes one, and forgets what has been gone for long. A wipe takes along what earlier systems left on the disks. */
  async write(ref: string, note: Note): Promise<void> {
    const now = this.#clock.now();
    await this.#store.write("driver-note", async (tx) => {
      const all = await listNotes(tx);
      const others = all.filter((one) => one.ref !== ref && isAlike(one.note, note));
      const known = all.find((one) => one.ref === ref)?.note.turn;
      const turn = note.turn ?? known ?? 1 + Math.max(0, ...others.map((one) => turnOf(one.note)));
      await keep(tx, ref, { ...note, turn });
      const wiped = note.type === "disks" && note.phase === "gone";
      for (const one of others)
        if (wiped && turnOf(one.note) < turn && one.note.phase !== "gone")
          await keep(tx, one.ref, { ...one.note, phase: "gone", since: now });
      for (const one of all)
        if (one.ref !== ref && one.note.phase === "gone" && one.note.since < now - REMEMBERED_MS)
          await dropHouse(tx, PREFIX + one.ref);
    });
  }

  /** The thing that has come to the server in the place of this one, while it is there; undefined for none. */
  async successor(ref: string): Promise<string | undefined> {
    const all = await this.list();
    const own = all.find((one) => one.ref === ref)?.note;
    const after = (note: Note) => own && isAlike(note, own) && turnOf(note) > turnOf(own) && note.phase !== "gone";
    return all.find((one) => after(one.note))?.ref;
  }
}

interface Noted {
  ref: string;
  note: Note;
}

const isAlike = (one: Note, other: Note) => one.type === other.type && one.server === other.server;
const turnOf = ({ turn = 0 }: Note) => turn;
const keep = (tx: Session, ref: string, note: Note) => writeHouse(tx, PREFIX + ref, JSON.stringify(note));

async function listNotes(session: Session): Promise<Noted[]> {
  const rows = await listHouse(session, PREFIX);
  return rows.map(({ name, value }) => ({ ref: name.slice(PREFIX.length), note: JSON.parse(value) as Note }));
}
