/** What DataArtsFabric does where no evidence says it: each a line to change. Listed in docs/fidelity.md. */

/** An unknown workspace: as the operation pages have it (404), or as the table of codes has it (400, dataartsfabric.00010003). */
export const UNKNOWN_WORKSPACE: "page" | "table" = "page";

/** The code of a refusal that no table names: a workspace with things inside, an endpoint or model in use, a wrong state. */
export const REFUSED_CODE = "common.01000001";

/** A name that is taken, likewise. */
export const NAME_TAKEN_CODE = "common.01000001";

/** The code that a failed endpoint, instance or run shows beside its reason. */
export const FAILED_CODE = "common.00000500";

/** Success of operations whose pages do not show it. */
export const CREATE_ENDPOINT_STATUS = 202;

/** Longest error_msg on the admin pages; what does not fit goes on in solution_msg. */
export const ERROR_MSG_MOST = 512;
export const SOLUTION_MSG_MOST = 4096;

/** Workspaces that one project may have. */
export const WORKSPACES_MOST = 100;

/** Tags that one workspace may have. */
export const TAGS_MOST = 20;

/** Longest name of a job and of a run, for which no page gives a length. */
export const JOB_NAME_MOST = 128;

/** Types of endpoint on which jobs run. */
export const RUN_ENDPOINTS: readonly string[] = ["ray", "job", "container_job"];

/** Runs of one job at a time, where its version does not say. A further one waits in PENDING, unless `queue` is false. */
export const RUNS_AT_ONCE = 1;

/** How often a waiting run looks whether its turn has come (virtual ms). */
export const TURN_LOOK_MS = 1_000;

/** The IAM action of an invocation, which stands in no table. */
export const INVOKE_ACTION = "DataArtsFabric:service:invoke";

/** What an invocation without messages is, when it has an `input`: no page says that a model can be asked for embeddings. */
export const EMBEDS = true;

/** Tokens that a `max_tokens` of 0 stands for. */
export const MAX_TOKENS_OF_ZERO = 4096;
