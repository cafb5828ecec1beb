import { Blocked, type Blocker, Busy, type NotAccepted, NotFound, WrongState } from "../../lifecycle/index.ts";
import { type About, Absent, type Dialect, Fault, type Problem, type WireError } from "../../wire/index.ts";
import {
  BUSY_CODE,
  NODE_KEPT_CODE,
  UNKNOWN_INSTANCE_ON_PROXY_ROUTES_CODE,
  UNKNOWN_PROXY_CODE,
  WRONG_PROJECT_CODE,
} from "./choices.ts";
import { type Code, ERRORS } from "./errors.ts";
import { INSTANCE, NODE } from "./kinds.ts";

/** `about` picks the language; `detail` follows the documented text, in English. */
function error(code: Code, { language }: About, detail?: string): WireError {
  const [status, en, zh] = ERRORS[code];
  const message = language === "zh-cn" ? zh : en;
  return { status, body: { error_code: `DBS.${code}`, error_msg: detail ? `${message} (${detail})` : message } };
}

/** A refusal that only a handler can see. */
export const refused = (code: Code): Fault => new Fault(ERRORS[code][1], (about) => error(code, about));

/** A refusal that only a handler can see, of what is not there. */
export const absent = (code: Code): Absent => new Absent(ERRORS[code][1], (about) => error(code, about));

/** Fields with a code of their own; every other problem is a parameter error. */
const FIELD_CODES: Readonly<Record<string, Code>> = {
  "path.instance_id": "280404",
  "path.node_id": "280404",
  "query.limit": "280439",
  "body.availability_zone_mode": "280260",
  "body.availability_zones": "280285",
  "body.backup_strategy.keep_days": "280250",
  "body.backup_strategy.start_time": "280216",
  "body.datastore.kernel_version": "200041",
  "body.datastore.type": "280235",
  "body.datastore.version": "200041",
  "body.flavor_ref": "280288",
  "body.master_availability_zone": "280285",
  "body.mode": "280342",
  "body.name": "280234",
  "body.new_node_weight": "270025",
  "body.nodes_read_weight.weight": "270025",
  "body.proxy_mode": "270026",
  "body.proxy_name": "280277",
  "body.subnet_id": "200049",
  "body.volume.size": "280242",
  "body.volume.type": "280241",
  "body.vpc_id": "200048",
};

function codeOf({ in: where, field, rule }: Problem): Code {
  if (where === "body" && field === "") return "200006";
  if (rule === "required") return field === "datastore" ? "280237" : "280001";
  const name = field.replaceAll(/\.\d+(?=\.|$)/g, "");
  return FIELD_CODES[`${where}.${name}`] ?? "280001";
}

const named = (blockers: readonly Blocker[]) =>
  blockers.map(({ kind, id, state }) => `${nounOf(kind)} ${id} is ${state}`).join(", ");

const nounOf = (kind: string) => kind.replace(/^taurusdb\./, "");

function notFound({ kind }: NotFound, about: About): WireError {
  if (kind === "taurusdb.node") return error("290013", about);
  if (kind === "taurusdb.proxy") return error(UNKNOWN_PROXY_CODE, about);
  const ofProxies = about.operationId?.includes("Proxy") ?? false;
  return error(ofProxies ? UNKNOWN_INSTANCE_ON_PROXY_ROUTES_CODE : "200002", about);
}

function notAccepted(refusal: NotAccepted, about: About): WireError {
  if (refusal instanceof NotFound) return notFound(refusal, about);
  if (refusal instanceof Blocked)
    return isKept(refusal) ? error(NODE_KEPT_CODE, about) : error(BUSY_CODE, about, named(refusal.blockers));
  if (refusal instanceof Busy)
    return error(BUSY_CODE, about, `${nounOf(refusal.kind)} ${refusal.id}: ${refusal.running}`);
  if (refusal instanceof WrongState) {
    return error(BUSY_CODE, about, `${nounOf(refusal.kind)} ${refusal.id} is ${refusal.state}`);
  }
  return error("280001", about);
}

/** A database that is up and idle needs the node that was to go. */
const isKept = ({ kind, blockers }: Blocked) =>
  kind === NODE && blockers.some((one) => one.kind === INSTANCE && one.state === "ACTIVE");

export const taurusdbDialect: Dialect = (trouble, about) => {
  switch (trouble.is) {
    case "wrong-project":
      return error(/^[A-Za-z0-9]{32}$/.test(trouble.projectId) ? WRONG_PROJECT_CODE : "280001", about);
    case "not-json":
      return error("280001", about);
    case "invalid": {
      const [first] = trouble.problems;
      return error(first ? codeOf(first) : "280001", about);
    }
    case "not-accepted":
      return notAccepted(trouble.error, about);
    case "timeout":
      return error("213002", about);
    case "internal":
      return error("200005", about);
    default:
      return undefined;
  }
};
