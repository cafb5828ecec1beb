/** One rule of a policy. It applies to every resource, unconditionally: nothing else is evaluated. */
export interface Statement {
  Effect: "Allow" | "Deny";
  /** Patterns: `service:type:operation`, `service:*` or `*`, with `*` for any run of characters. */
  Action: string[];
}

/** An IAM policy: 1.1 is the role/policy model, 5.0 the identity-policy model. */
export interface Policy {
  Version: "1.1" | "5.0";
  Statement: Statement[];
}

/** A policy that Ebb does not take; the message says which member, and why. */
export class PolicyError extends Error {
  override name = "PolicyError";
}

/** Documented for 1.1; held for 5.0 too. */
const MOST_CHARACTERS = 6144;
const MOST_STATEMENTS = 8;
const MOST_ACTIONS = 100;
const LONGEST_ACTION = 128;

const ACTION = /^[A-Za-z0-9-]+:[A-Za-z0-9_-]*:[A-Za-z0-9_-]+$/;
const PATTERN = /^(\*|[A-Za-z0-9*-]+:(\*|[A-Za-z0-9_*-]*:[A-Za-z0-9_*-]+))$/;

/**
 * Whether `action` (`service:type:operation`, no wildcard) is granted: any Deny that matches wins, else any Allow, else no.
 * The policies are those of one caller, as `parsePolicy` returned them.
 */
export function allows(policies: readonly Policy[], action: string): boolean {
  if (action.length > LONGEST_ACTION || !ACTION.test(action)) return false;
  let allowed = false;
  for (const { Effect, Action } of policies.flatMap((policy) => policy.Statement)) {
    if (!Action.some((pattern) => matches(pattern, action, Effect))) continue;
    if (Effect !== "Allow") return false;
    allowed = true;
  }
  return allowed;
}

/**
 * Checks a policy document and returns a clean copy. Refuses, with a PolicyError, whatever would not be enforced
 * (a Resource but `["*"]`, any Condition, unknown members) and whatever is over the documented sizes.
 */
export function parsePolicy(input: unknown): Policy {
  const document = parseObject(input, "the policy", ["Version", "Statement"]);
  const { Version, Statement } = document;
  if (Version !== "1.1" && Version !== "5.0") throw new PolicyError('Version must be "1.1" or "5.0"');
  const statements = parseArray(Statement, "Statement", MOST_STATEMENTS);
  const policy: Policy = {
    Version,
    Statement: statements.map((it, at) => parseStatement(it, `Statement[${at}]`, Version)),
  };
  if (JSON.stringify(input).length > MOST_CHARACTERS) {
    throw new PolicyError(`the policy must not be longer than ${MOST_CHARACTERS} characters`);
  }
  return policy;
}

function parseStatement(input: unknown, where: string, version: Policy["Version"]): Statement {
  // A Sid is a label of the identity-policy model; it decides nothing.
  const labels = version === "5.0" ? ["Sid"] : [];
  const statement = parseObject(input, where, ["Effect", "Action", "Resource", "Condition", ...labels]);
  if (Object.hasOwn(statement, "Condition")) throw new PolicyError(`${where}.Condition is not evaluated: leave it out`);
  if (Object.hasOwn(statement, "Resource") && !isEverything(statement["Resource"])) {
    throw new PolicyError(`${where}.Resource is not evaluated: leave it out, or give ["*"]`);
  }
  if (Object.hasOwn(statement, "Sid") && typeof statement["Sid"] !== "string") {
    throw new PolicyError(`${where}.Sid must be a string`);
  }
  const Action = parseArray(statement["Action"], `${where}.Action`, MOST_ACTIONS);
  return {
    Effect: parseEffect(statement["Effect"], where),
    Action: Action.map((it, at) => parsePattern(it, `${where}.Action[${at}]`, version)),
  };
}

function parseEffect(value: unknown, where: string): Statement["Effect"] {
  if (value === "Allow" || value === "allow") return "Allow";
  if (value === "Deny" || value === "deny") return "Deny";
  throw new PolicyError(`${where}.Effect must be Allow or Deny`);
}

function parsePattern(value: unknown, where: string, version: Policy["Version"]): string {
  if (typeof value !== "string") throw new PolicyError(`${where} must be a string`);
  if (value.length > LONGEST_ACTION) {
    throw new PolicyError(`${where} must not be longer than ${LONGEST_ACTION} characters`);
  }
  if (!PATTERN.test(value)) throw new PolicyError(`${where} must have the form service:type:operation`);
  const [service = ""] = value.split(":", 1);
  // Services of the identity-policy model have names with capitals, too.
  if (version === "1.1" && service !== service.toLowerCase()) {
    throw new PolicyError(`${where} must have its service in lower case`);
  }
  return value;
}

function parseObject(input: unknown, where: string, members: readonly string[]): Record<string, unknown> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new PolicyError(`${where} must be an object`);
  }
  const unknown = Object.keys(input).find((key) => !members.includes(key));
  if (unknown !== undefined) {
    throw new PolicyError(`${where} has a member that is not evaluated: ${JSON.stringify(unknown.slice(0, 64))}`);
  }
  return input as Record<string, unknown>;
}

function parseArray(value: unknown, where: string, most: number): unknown[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > most) {
    throw new PolicyError(`${where} must be an array of 1 to ${most}`);
  }
  return value;
}

function isEverything(resource: unknown): boolean {
  return Array.isArray(resource) && resource.length === 1 && resource[0] === "*";
}

/** The service is compared as written, the rest without regard to case; a Deny disregards case throughout, to fail closed. */
function matches(pattern: string, action: string, effect: Statement["Effect"]): boolean {
  if (pattern === "*") return true;
  const [service, rest] = halves(pattern);
  const [actionService, actionRest] = halves(action);
  const fold = (text: string) => (effect === "Allow" ? text : text.toLowerCase());
  return glob(fold(service), fold(actionService)) && glob(rest.toLowerCase(), actionRest.toLowerCase());
}

function halves(text: string): [string, string] {
  const cut = text.indexOf(":");
  return [text.slice(0, cut), text.slice(cut + 1)];
}

/** Whether `text` matches `pattern`. Goes back to the latest `*` only, so that no pattern can make it slow. */
function glob(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      resume = i;
    } else if (pattern[at] === text[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
