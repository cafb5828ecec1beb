import type { Clock } from "../../clock.ts";
import { dropHouse, listHouse, readHouse, type Store, writeHouse } from "../../store/index.ts";

const PREFIX = "redfish/";
/** How long what is gone is remembered (virtual ms): its server is where a last look goes. */
const REMEMBERED_MS = 24 * 3_600_000;

export type Way = "install" | "uninstall" | "image-wipe" | "erase" | "on" | "off" | "reboot";

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

  async list(): Promise<{ ref: string; note: Note }[]> {
    const rows = await this.#store.read((session) => listHouse(session, PREFIX));
    return rows.map(({ name, value }) => ({ ref: name.slice(PREFIX.length), note: JSON.parse(value) as Note }));
  }

  /** Writes one, and forgets what has been gone for long. */
  async write(ref: string, note: Note): Promise<void> {
    const long = this.#clock.now() - REMEMBERED_MS;
    await this.#store.write("driver-note", async (tx) => {
      await writeHouse(tx, PREFIX + ref, JSON.stringify(note));
      for (const { name, value } of await listHouse(tx, PREFIX)) {
        const { phase, since } = JSON.parse(value) as Note;
        if (phase === "gone" && since < long) await dropHouse(tx, name);
      }
    });
  }
}
