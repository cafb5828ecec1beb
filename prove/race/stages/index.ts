import type { Stage } from "../stage.ts";
import { deployed } from "./clouddc.ts";
import { running, serving } from "./fabric.ts";
import { started, stopped } from "./modelarts.ts";
import { database } from "./taurusdb.ts";
import { toy, toyMaking } from "./toy.ts";

export const STAGES: readonly Stage[] = [toy, toyMaking, serving, running, stopped, started, deployed, database];
