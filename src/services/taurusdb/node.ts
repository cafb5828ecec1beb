import {
  findResource,
  type Kind,
  makes,
  type Resource,
  type ResourceError,
  type Step,
  unmakes,
} from "../../lifecycle/index.ts";
import { DATABASE_PORT, DELETE_FAILED, STAGE_DEADLINE_MS } from "./choices.ts";
import { NODE } from "./kinds.ts";

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
