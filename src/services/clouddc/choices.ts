/** What CloudDC does where no evidence says it: each a line to change. Listed in docs/fidelity.md. */

/** Success of the two creates, whose pages do not show it: as the other asynchronous operations have it. */
export const CREATE_STATUS = 202;

/** Success of ChangeInstancePassword. */
export const PASSWORD_STATUS = 200;

/** Code of every 401: the service's own. The body of the API gateway's APIGW.0301 has a field that the pages have not. */
export const UNAUTHORIZED_CODE = "iMetal.0003";

/** Seconds to wait, sent as Retry-After with 429; the pages show no header. */
export const SEND_RETRY_AFTER = true;

/** An id that is no UUID: refused as a wrong parameter (400). An unknown UUID is not found (404). */
export const ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/** An unknown instance, and any change of a terminated one (a delete too): the operation pages list neither. */
export const INSTANCE_NOT_FOUND = { status: 404, code: "iMetal.0200" };

/** Code and text of an instance in the wrong state; of the text only its first two letters are known. */
export const INSTANCE_STATE_CODE = "iMetal.0201";
export const INSTANCE_STATE_TEXT = "Instances state is not ready";

/** No idle server for a create that names none: the code of a server that is not ready, with an empty list. */
export const NO_IDLE_SERVER_CODE = "iMetal.0101";

/** Code inside the `error` of a failed instance. */
export const FAILED_CODE = "iMetal.0099";

/** Terminated instances stand in an unfiltered list for as long as they are kept. */
export const LIST_TERMINATED = true;

/** Servers that RunInstances takes when it says neither number. */
export const DEFAULT_COUNT = 1;

/** Most ids in one batch where the page gives no number, or two. */
export const BATCH_MOST = 50;

/** States in which ReinstallOS is accepted: running by its text, the others by the diagram. */
export const REINSTALL_FROM = ["running", "stopped", "error"] as const;

/** States in which ChangeInstancePassword is accepted: running by its text, stopped by the diagram. */
export const PASSWORD_FROM = ["running", "stopped"] as const;

/** States in which ModifyInstanceIp is accepted. */
export const MODIFY_IP_FROM = ["running", "stopped"] as const;

/** States of an instance whose server's power is left alone: the request is refused. */
export const NO_POWER_DURING = ["pending", "shutting-down"] as const;

/** How long an installation waits for its server's power before it fails (virtual ms). */
export const POWER_DEADLINE_MS = 15 * 60_000;

/** Names of the instances of one RunInstances: the second of `web` is `web-0002`; a long name is cut to make room. */
export const batchName = (name: string, index: number): string =>
  `${name.slice(0, 58)}-${String(index + 1).padStart(4, "0")}`;

/** Images are kept by a service that is not here: any id names one, of this kind. */
export const imageView = (id: string): object => ({ id, name: `image-${id.slice(0, 8)}`, os_type: "Linux" });

/** The first three numbers of the addresses in a subnet, from two bytes that follow from its id: subnets are not here. */
export const networkOf = (a: number, b: number): string => `10.${a}.${b}`;
