import { join } from "node:path";
import type { StoreAddress } from "../../src/store/index.ts";
import type { ChapterName } from "./chapters/names.ts";
import type { Schedule } from "./killer.ts";

/** What one process does, from its start to its kill or to the end of the run. */
export interface Life {
  folder: string;
  store: StoreAddress;
  /** Names of chapters, which are told at the same time. */
  chapters: readonly ChapterName[];
  schedule: Schedule;
  seed: number;
  /** Multiplies the world's durations. */
  factor: number;
}

export const journalFile = (folder: string): string => join(folder, "journal");
