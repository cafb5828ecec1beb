import {
  asBlocker,
  childrenAre,
  childrenGone,
  type Guard,
  type Kind,
  listDescendants,
  makes,
  type Resource,
  unmakes,
} from "../../lifecycle/index.ts";
import { DELETE_FAILED, STAGE_DEADLINE_MS, STORAGE_GB } from "./choices.ts";
import { INSTANCE, MAKING, NODE, PROXY } from "./kinds.ts";

export interface InstanceSpec {
  region: string;
  datastore: { type: string; version: string; kernel_version: string };
  mode: string;
  flavor_ref: string;
  vpc_id: string;
  subnet_id: string;
  security_group_id: string;
  configuration_id: string;
  availability_zone_mode: string;
  master_availability_zone: string;
  backup_strategy: { start_time: string; keep_days: string };
  charge_info: { charge_mode: string };
  /** Set where the database is paid for beforehand: the request is then known by its order, not by its job. */
  order_id: string | null;
  time_zone: string;
  volume: { type: string; size: number };
  tags: { key: string; value: string }[];
  enterprise_project_id: string;
  dedicated_resource_id: string;
  /** The status that is shown while the database is being deleted: the API has no word for that. */
  shown_status?: string;
}

export const specOf = (resource: Resource): InstanceSpec => resource.spec as unknown as InstanceSpec;

/**
 * Refuses while anything inside is being made; what is being deleted is only waited for. A failed database goes with
 * whatever is left in it.
 */
const nothingIsMadeInside: Guard = async (tx, resource) => {
  if (resource.state === DELETE_FAILED) return [];
  return (await listDescendants(tx, resource.id)).filter((one) => MAKING.has(one.state)).map(asBlocker);
};

/** A database: shared storage, with its nodes and proxies as children. */
export const instanceKind: Kind = {
  name: INSTANCE,
  gone: "DELETED",
  verbs: {
    create: {
      from: [],
      during: "BUILD",
      then: "ACTIVE",
      failed: "FAILED",
      version: 1,
      plan: () => ["provision-storage", "nodes-up"],
    },
    delete: {
      from: ["ACTIVE", "FAILED"],
      during: "DELETING",
      then: "DELETED",
      failed: DELETE_FAILED,
      version: 1,
      guards: [nothingIsMadeInside],
      writes: async (_tx, { state }) => ({ shown_status: state }),
      cascade: [PROXY, NODE],
      plan: () => ["proxies-and-nodes-gone", "free-storage"],
    },
  },
  steps: {
    "provision-storage": makes({
      domain: "databases",
      type: "storage",
      spec: () => ({ sizeGb: STORAGE_GB }),
      deadlineMs: STAGE_DEADLINE_MS,
    }),
    "nodes-up": childrenAre("ACTIVE", NODE),
    "proxies-and-nodes-gone": childrenGone(PROXY, NODE),
    "free-storage": unmakes("databases", "storage"),
  },
};
