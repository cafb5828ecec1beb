/** What ModelArts DevEnviron does where no evidence says it: each a line to change. Listed in docs/fidelity.md. */

/** Status of ModelArts.6309 (no such instance): 400 as the table of codes has it; 404 helps clients that know only that. */
export const NOT_FOUND_STATUS: 400 | 404 = 400;

/** Instances that one project may have; a failed one counts until it is deleted. */
export const INSTANCES_MOST = 10;

/** Virtual ms that a stage of a create, start, restart or stop may take, because a delete is refused meanwhile. */
export const STAGE_DEADLINE_MS = 30 * 60_000;

/** Limits of an EVS volume, in GB. */
export const VOLUME_GB = { least: 5, most: 4096, fallback: 5 };

/** Limits of the auto-stop duration, in seconds. */
export const DURATION_S = { least: 3600, most: 86_400 };

/** Where an EVS volume is seen inside a notebook. */
export const WORK_FOLDER = "/home/ma-user/work";

/** `annotations.target_domain` of every instance. */
export const TARGET_DOMAIN = "https://notebook.ebb.test";

/** The only AI project; one that a request names is not kept. */
export const AI_PROJECT = "default-ai-project";

/** The workspace that every project has; others come from the inventory. */
export const DEFAULT_WORKSPACE = "0";

/** Type of a dedicated pool whose request does not say it. */
export const POOL_TYPE = "USER_DEFINED";

/** Code of a request whose body is not JSON. */
export const NOT_JSON_CODE = "0101";

/** Code of a workspace that does not exist. */
export const NO_WORKSPACE_CODE = "0102";

/** Code of a profile that is not in the catalogue; no code is its own. */
export const NO_PROFILE_CODE = "6336";

/** Code of `queue` and `dequeue`: they are for free flavors, and Ebb has none. */
export const NO_QUEUE_CODE = "6336";

/** Code of a change to an instance that is being deleted. */
export const CHANGE_WHILE_DELETING_CODE = "6347";

/** `failed_reasons.code`: the world has no room for the container, none for the volume, or failed for another reason. */
export const FAILED_CODES = { noContainer: "6329", noVolume: "6528", other: "6361" } as const;

/** The documented top-level `error_code` of an instance is sent while it stands in a failed state. */
export const ERROR_CODE_OF_FAILED = true;

const BARE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** The id that a path means: the documents' requests leave out the prefix that the answers have. */
export const idOf = (inPath: string): string => (BARE.test(inPath) ? `DE-${inPath}` : inPath);
