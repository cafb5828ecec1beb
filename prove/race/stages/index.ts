import type { Stage } from "../stage.ts";
import { deployed, deployedDeleting } from "./clouddc.ts";
import { running, serving, servingDeleting } from "./fabric.ts";
import { started, stopped, stoppedDeleting } from "./modelarts.ts";
import { database, databaseDeleting } from "./taurusdb.ts";
import { toy, toyDeleting, toyLeft, toyMaking } from "./toy.ts";

/** The toys, then every service: with things that are there, and with a delete of one under way. */
export const STAGES: readonly Stage[] = [
  toy,
  toyMaking,
  toyDeleting,
  toyLeft,
  serving,
  servingDeleting,
  running,
  stopped,
  stoppedDeleting,
  started,
  deployed,
  deployedDeleting,
  database,
  databaseDeleting,
];
