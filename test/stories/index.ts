import * as ofClouddc from "./clouddc.ts";
import * as ofFabric from "./fabric.ts";
import * as ofModelarts from "./modelarts.ts";
import * as ofTaurusdb from "./taurusdb.ts";

export type { Made, Story, Teller } from "./teller.ts";

/** The stories of each service: together they come to every step of its kinds. */
export const clouddc = { "clouddc-instances": ofClouddc.instances };
export const fabric = {
  "fabric-jobs": ofFabric.jobs,
  "fabric-instances": ofFabric.instances,
  "fabric-endpoints": ofFabric.endpoints,
};
export const modelarts = { "modelarts-notebooks": ofModelarts.notebooks };
export const taurusdb = { "taurusdb-databases": ofTaurusdb.databases };

export const STORIES = { ...fabric, ...taurusdb, ...modelarts, ...clouddc };

/** One of everything, by service: made, and settled. */
export const FURNISH = {
  clouddc: ofClouddc.furnish,
  fabric: ofFabric.furnish,
  modelarts: ofModelarts.furnish,
  taurusdb: ofTaurusdb.furnish,
};
