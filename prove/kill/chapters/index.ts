import type { Script } from "../script.ts";
import * as clouddc from "./clouddc.ts";
import * as fabric from "./fabric.ts";
import * as modelarts from "./modelarts.ts";
import type { ChapterName } from "./names.ts";
import * as taurusdb from "./taurusdb.ts";

/** What a client does to things of some kinds, from their creation to their end. `tag` keeps its names apart. */
export type Chapter = (script: Script, tag: string) => Promise<void>;

export const CHAPTERS: Readonly<Record<ChapterName, Chapter>> = {
  "fabric-endpoints": fabric.endpoints,
  "fabric-instances": fabric.instances,
  "fabric-jobs": fabric.jobs,
  "clouddc-instances": clouddc.instances,
  "modelarts-notebooks": modelarts.notebooks,
  "taurusdb-databases": taurusdb.databases,
};
