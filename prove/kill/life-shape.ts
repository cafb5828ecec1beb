import { join } from "node:path";
import type { StoreAddress } from "../../src/store/index.ts";
import type { Schedule } from "./killer.ts";

/** What one process does, from its start to its kill or to the end of the run. */
export interface Life {
  folder: string;
  store: StoreAddress;
  /** Names of tales, which are told at the same time. */
  tales: readonly string[];
  schedule: Schedule;
  seed: number;
  /** Multiplies the world's durations. */
  factor: number;
}

export const journalFile = (folder: string): string => join(folder, "journal");
