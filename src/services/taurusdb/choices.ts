/** What TaurusDB does where no evidence says it: each a line to change. Listed in docs/fidelity.md. */

/**
 * Which proxies count for "there is only one, so `proxy_ids` may be left out": every one that is still listed, whatever
 * its status. So a repeated delete of the only proxy finds it while it is `DISABLING PROXY` and answers the same job,
 * and a repeat without ids never takes a proxy that was created in the meantime.
 */
export const COUNTED_FOR_ONLY_ONE = ["ENABLING PROXY", "ACTIVE", "FAILED", "ABNORMAL", "DISABLING PROXY"] as const;

/** Several proxies and none named. */
export const NOT_CHOSEN_CODE = "270027";

/** A proxy id that is unknown, malformed, of another instance, or already gone. */
export const UNKNOWN_PROXY_CODE = "270024";

/** Something else runs where a request wants to. 409, which is what makes clients wait and try again. */
export const BUSY_CODE = "200047";

/** Too many proxies, or no read replica to balance over. */
export const PROXY_NOT_POSSIBLE_CODE = "280001";

/** The primary node, the last replica, or one that the primary's AZ needs beside it: none of them can be removed. */
export const NODE_KEPT_CODE = "280406";

/** A project that is not the caller's. A malformed project id is a parameter error. */
export const WRONG_PROJECT_CODE = "200044";

/** A creation from a backup: Ebb has none. */
export const NO_BACKUP_CODE = "280214";

/** An unknown instance on the routes of its proxies: the table's 404, where one client expects 400 and takes both. */
export const UNKNOWN_INSTANCE_ON_PROXY_ROUTES_CODE = "201028";

/** Status of a proxy after its deletion has failed for good. `FAILED` is a creation that failed. */
export const PROXY_DELETE_FAILED = "ABNORMAL";

/** Status of a database or node after its deletion has failed for good: no other documented word fits. */
export const DELETE_FAILED = "FAILED";

/** `pool_status` and node status of a proxy that is being created: the historical word. */
export const POOL_BEING_MADE = "BUILD";

/** Databases that one project may have. */
export const INSTANCES_MOST = 50;

/** Proxies on one database, by the limits of its kernel version. */
export const PROXIES_MOST = 4;

/** Nodes of a proxy: the newest pages' range. */
export const PROXY_NODES = { least: 2, most: 16 } as const;

/** The primary and its replicas together. */
export const NODES_MOST = 16;

/** Weights where a proxy's creation names none. */
export const DEFAULT_READ_WEIGHT = 100;

/** Ports, where a creation cannot ask for one. */
export const DATABASE_PORT = 3306;
export const PROXY_PORT = 3306;

/** Default limit of the list of proxies: the newest pages' (older texts have 10). */
export const PROXIES_LIMIT = 100;

/** What a database has where its creation says nothing. */
export const DEFAULT_BACKUP = { start_time: "22:00-23:00", keep_days: "7" } as const;
export const DEFAULT_TIME_ZONE = "UTC";
export const MAINTENANCE_WINDOW = "18:00-22:00";
export const NODE_PRIORITY = 1;
export const MASTER_PRIORITY = -1;
export const MAX_CONNECTIONS = "10000";
/** Of the shared storage, in GB; what is used of it is not modelled. */
export const STORAGE_GB = 128_000;

/** Kernel version of a database whose creation names none; high enough for several proxies. */
export const KERNEL_VERSION = "2.0.63.250300";

/** How long a finished job stays readable: the documented month. */
export const JOB_READABLE_MS = 30 * 24 * 3_600_000;

/** Virtual ms that one stage of a creation may take: a delete is refused meanwhile, so it has to end. */
export const STAGE_DEADLINE_MS = 2 * 60 * 60_000;
