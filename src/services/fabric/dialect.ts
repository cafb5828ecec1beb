import {
  Blocked,
  type Blocker,
  Busy,
  NameTaken,
  type NotAccepted,
  NotFound,
  WrongState,
} from "../../lifecycle/index.ts";
import { type About, type Dialect, Fault, type Problem, type WireError } from "../../wire/index.ts";
import { ERROR_MSG_MOST, NAME_TAKEN_CODE, REFUSED_CODE, SOLUTION_MSG_MOST, UNKNOWN_WORKSPACE } from "./choices.ts";

function error(status: number, code: string, message: string, solution?: string): WireError {
  const told = { error_code: code, error_msg: message.slice(0, ERROR_MSG_MOST) };
  return { status, body: solution ? { ...told, solution_msg: solution.slice(0, SOLUTION_MSG_MOST) } : told };
}

const TYPE_MISMATCH = "reason: Type mismatch., cause: TypeMismatchException";

/** The documented words for whatever is wrong with a path or a type; which field it is stands in solution_msg. */
function invalid(problems: readonly Problem[]): WireError {
  const said = problems.map((one) => `${one.field || one.in} ${one.message}`).join("; ");
  const mismatch = problems.every((one) => one.in === "path" || one.rule === "type");
  return badRequest(mismatch ? TYPE_MISMATCH : `reason: ${said}., cause: ConstraintViolationException`, said);
}

function badRequest(reason: string, solution?: string): WireError {
  const read = `failed to read http request, please check your input, code: 400, ${reason}`;
  return error(400, "common.01000001", read, solution);
}

/** The token is real but not good for this: the sources show it as a body in three layers with a number for a code. */
function forbidden(): WireError {
  const message = "X-Auth-Token is invalid in the request";
  const title = "Forbidden";
  return { status: 403, body: { error: { code: "403", message, title }, error_code: 403, error_msg: message, title } };
}

function notFound({ kind, id }: NotFound, { coded = false }: About): WireError {
  if (kind === "fabric.workspace" && (coded || UNKNOWN_WORKSPACE === "table")) {
    return error(400, "dataartsfabric.00010003", "Workspace not exist.");
  }
  if (coded) return error(400, "dataartsfabric.00010009", "No resources found.");
  const hint = `there is no ${nounOf(kind)} ${id} here: check the id, and that the credentials are for its project`;
  return error(404, "common.01000001", "response status exception, code: 404", hint);
}

/** Names every blocker: at length if error_msg holds that, else by its id, else as far as it goes and on in solution_msg. */
function blocked({ kind, blockers }: Blocked): WireError {
  const intro = `the ${nounOf(kind)} cannot be deleted: it is in use by `;
  const names = blockers.map(named);
  const first = "delete these first, then try again";
  for (const list of [names, blockers.map(({ kind: other, id }) => `${nounOf(other)} ${id}`)]) {
    const whole = intro + list.join(", ");
    if (whole.length <= ERROR_MSG_MOST) return error(400, REFUSED_CODE, whole, first);
  }
  const ids = blockers.map(({ id }) => id);
  const short = joined(intro, ids, ERROR_MSG_MOST, "all named in solution_msg");
  return error(
    400,
    REFUSED_CODE,
    short,
    joined("delete first: ", names, SOLUTION_MSG_MOST, "named once these are gone"),
  );
}

const named = ({ kind, id, name, state }: Blocker) => `${nounOf(kind)} ${id} (${name}, ${state})`;

/** As many of the names as fit, and how many are left out. */
function joined(intro: string, names: readonly string[], most: number, rest: string): string {
  for (let count = names.length; count > 0; count--) {
    const left = names.length - count;
    const text = intro + names.slice(0, count).join(", ") + (left > 0 ? ` and ${left} more, ${rest}` : "");
    if (text.length <= most) return text;
  }
  return `${intro}${names.length} things, ${rest}`;
}

const nounOf = (kind: string) => kind.replace(/^fabric\./, "").replaceAll("-", " ");

function notAccepted(refusal: NotAccepted, about: About): WireError {
  if (refusal instanceof NotFound) return notFound(refusal, about);
  if (refusal instanceof Blocked) return blocked(refusal);
  if (refusal instanceof NameTaken) return nameTaken(refusal.kind, refusal.taken);
  if (refusal instanceof WrongState) {
    const { kind, id, state, verb } = refusal;
    return error(400, REFUSED_CODE, `the ${nounOf(kind)} ${id} is ${state}: ${verb} is not possible`);
  }
  if (refusal instanceof Busy) {
    const { kind, id, running } = refusal;
    return error(400, REFUSED_CODE, `the ${nounOf(kind)} ${id} is busy: ${running} is running`);
  }
  return badRequest(refusal.message);
}

const nameTaken = (kind: string, name: string) =>
  error(400, NAME_TAKEN_CODE, `the name ${name} is used by another ${nounOf(kind)}`);

export const fabricDialect: Dialect = (trouble, about) => {
  switch (trouble.is) {
    case "stranger":
      return error(401, "APIG.1002", "Incorrect token or token resolution failed");
    case "wrong-project":
    case "forbidden":
      return forbidden();
    case "not-json":
      return badRequest(TYPE_MISMATCH);
    case "invalid":
      return invalid(trouble.problems);
    case "not-accepted":
      return notAccepted(trouble.error, about);
    case "timeout":
      return error(408, "common.00000408", "timeout exception occurred");
    case "internal":
      return error(500, "common.00000500", "internal error");
    default:
      return undefined;
  }
};

/** A refusal that only a handler can see. */
export const refused = (message: string, code: string = REFUSED_CODE): Fault =>
  new Fault(message, (_about: About) => error(400, code, message));

/** Nothing real serves models behind this Ebb. */
export const notEnabled = (hint: string): Fault =>
  new Fault(hint, () => error(400, "dataartsfabric.00010195", "Inference features are not enabled.", hint));

/** The model, and not Ebb, has failed. */
export const modelFailed = (what: string): Fault =>
  new Fault(what, () => error(500, "common.00000500", "internal error", what));
