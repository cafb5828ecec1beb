import * as clouddc from "./clouddc.ts";
import * as fabric from "./fabric.ts";
import * as modelarts from "./modelarts.ts";
import * as taurusdb from "./taurusdb.ts";

export type { Made, Story, Teller } from "./teller.ts";

/** The stories of every service; the longest first. */
export const STORIES = {
  "fabric-jobs": fabric.jobs,
  "taurusdb-databases": taurusdb.databases,
  "modelarts-notebooks": modelarts.notebooks,
  "fabric-instances": fabric.instances,
  "clouddc-instances": clouddc.instances,
  "fabric-endpoints": fabric.endpoints,
};

export type StoryName = keyof typeof STORIES;
export const STORY_NAMES = Object.keys(STORIES) as StoryName[];
