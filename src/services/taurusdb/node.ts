import {
  asBlocker,
  findResource,
  type Guard,
  type Kind,
  listDescendants,
  makes,
  type Resource,
  type ResourceError,
  type Step,
  unmakes,
} from "../../lifecycle/index.ts";
import { DATABASE_PORT, DELETE_FAILED, STAGE_DEADLINE_MS } from "./choices.ts";
import { specOf as instanceSpecOf } from "./instance.ts";
import { isLeaving, NODE, WORKING } from "./kinds.ts";

/** How long to wait when nothing wakes the node before (virtual ms). */
const LOOK_AGAIN_MS = 60_000;

export interface NodeSpec {
  role: "master" | "slave";
  /** What the cluster's storage is called in the world. */
  cluster: string;
  flavor: string;
  az: string;
  priority: number;
  /** Counts from 1 within the database; the end of the node's name. */
  ordinal: number;
}

export const specOf = (node: Resource): NodeSpec => node.spec as unknown as NodeSpec;

/** `orders_node01` */
export const nodeName = (instanceName: string, ordinal: number): string =>
  `${instanceName}_node${String(ordinal).padStart(2, "0")}`;

/** Waits until the world has the storage that the database's own operation makes; that one's progress wakes it. */
const storageThere: Step = {
  deadlineMs: STAGE_DEADLINE_MS,
  perform: async () => {},
  async probe({ drivers, resource, read }) {
    const { cluster } = specOf(resource);
    const look = await drivers.databases.look("storage", cluster);
    if (look.is === "ready") return { is: "done" };
    const database = await read((session) => findResource(session, String(resource.parentId)));
    if (database?.error) return { is: "refused", ...storageRefused(database.error), forGood: true, on: [database.id] };
    return {
      is: "not-yet",
      again: LOOK_AGAIN_MS,
      waitingFor: `${cluster} is ${look.is}`,
      on: [String(resource.parentId)],
    };
  },
};

const storageRefused = ({ reason, owner, hint }: ResourceError) => ({
  reason: `the database has no storage: ${reason}`,
  owner,
  hint,
});

/**
 * Refuses what would leave a database without what it needs, and what would come between anything at work in it. A
 * database that is being deleted lets its nodes go.
 */
const isSpare: Guard = async (tx, node) => {
  const database = await findResource(tx, String(node.parentId), true);
  if (!database || isLeaving(database)) return [];
  if (database.state !== "ACTIVE") return [asBlocker(database)];
  const children = await listDescendants(tx, database.id);
  const working = children.filter((one) => WORKING.has(one.state));
  if (working.length > 0) return working.map(asBlocker);
  const left = children.filter((one) => one.kind === NODE && one.id !== node.id && one.state === "ACTIVE");
  const kept = specOf(node).role === "master" || (node.state !== "FAILED" && !canGoOnWith(left, database));
  return kept ? [asBlocker(database)] : [];
};

/** A replica must stay, and in `multi` mode the nodes that stay must stand in more than one zone. */
function canGoOnWith(left: readonly Resource[], instance: Resource): boolean {
  const replicas = left.filter((one) => specOf(one).role === "slave");
  const zones = new Set(left.map((one) => specOf(one).az));
  const apart = instanceSpecOf(instance).availability_zone_mode !== "multi" || zones.size > 1;
  return replicas.length > 0 && apart;
}

/** One server of a database, its parent: the primary or a read replica. */
export const nodeKind: Kind = {
  name: NODE,
  gone: "DELETED",
  verbs: {
    create: {
      from: [],
      during: "BUILD",
      then: "ACTIVE",
      failed: "FAILED",
      version: 1,
      plan: () => ["storage-there", "launch"],
    },
    delete: {
      from: ["ACTIVE", "FAILED"],
      during: "DELETING",
      then: "DELETED",
      failed: DELETE_FAILED,
      version: 1,
      aborts: ["create"],
      guards: [isSpare],
      plan: () => ["shut-down"],
    },
  },
  steps: {
    "storage-there": storageThere,
    launch: makes({
      domain: "databases",
      type: "node",
      spec: (node) => {
        const { role, cluster, flavor } = specOf(node);
        return { cluster, role, flavor, port: DATABASE_PORT };
      },
      facts: ({ address }) => ({ address }),
      deadlineMs: STAGE_DEADLINE_MS,
    }),
    "shut-down": unmakes("databases", "node"),
  },
};
