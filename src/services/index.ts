import type { Service } from "../wire/index.ts";
import { clouddc } from "./clouddc/index.ts";
import { fabric } from "./fabric/index.ts";
import { modelarts } from "./modelarts/index.ts";
import { taurusdb } from "./taurusdb/index.ts";

/** Every cloud service of Ebb. Adding one is a folder and a line here. */
export const services: readonly Service[] = [clouddc, fabric, modelarts, taurusdb];
