import type { DatabaseThings } from "../port.ts";
import type { Things, Yard } from "./host.ts";
import { nodeThing } from "./node.ts";
import { proxyThing } from "./proxy.ts";
import { storageThing } from "./storage.ts";

/** MariaDB servers that copy from each other, and HAProxy in front of them. */
export const databaseThings = (yard: Yard): Things<DatabaseThings> => ({
  storage: storageThing(yard),
  node: nodeThing(yard),
  proxy: proxyThing(yard),
});
