import { HIDDEN, isHarmlessBeside, isSecret, mayShowSecret } from "./secret-names.ts";

/** What is nested deeper is not shown. */
const DEPTH = 64;

/** A name and a value in a query or a text: `name=value`. */
const PAIR = /([?&;\s]|^)([\w.-]+)=([^&#;\s"]*)/g;

/** A path and query, with the values of secret parameters hidden. */
export const redactPairs = (text: string): string =>
  text.replaceAll(PAIR, (whole, before: string, name: string) =>
    isSecret(name) ? `${before}${name}=${HIDDEN}` : whole,
  );

export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isSecret(name) ? HIDDEN : redactValue(value, false, DEPTH)]),
  );
}

/**
 * The same value without secrets: every field of a secret's name is hidden; where that holds an object, the object is
 * shown, and of its own fields only those that are known to be no secret.
 * @param beside the value stands in an object that bears a secret's name
 */
function redactValue(value: unknown, beside: boolean, depth: number): unknown {
  if (depth === 0) return HIDDEN;
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.map((one: unknown) => (beside && isLeaf(one) ? HIDDEN : redactValue(one, beside, depth - 1)));
  const fields = Object.entries(value).map(([name, field]: [string, unknown]) => {
    const secret = isSecret(name);
    const hidden = secret || (beside && !isHarmlessBeside(name));
    if (!isLeaf(field)) return [name, redactValue(field, secret, depth - 1)];
    return [name, hidden && field !== null ? HIDDEN : redactValue(field, false, depth - 1)];
  });
  return Object.fromEntries(fields);
}

const isLeaf = (value: unknown): boolean => typeof value !== "object" || value === null;

/** Text inside a field: an address with a token in its query, or JSON in a string. */
function redactText(text: string): string {
  if (!mayShowSecret(text)) return text;
  const json = /^\s*[[{]/.test(text) ? parsed(text) : undefined;
  if (json !== undefined) return JSON.stringify(redactValue(json, false, DEPTH));
  return redactPairs(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A body as it is shown: JSON without its secrets, or text that names none. Text that may name one is not shown. */
export function redactBody(text: string): { json: unknown } | { text: string } {
  const json = parsed(text);
  if (json !== undefined) return { json: redactValue(json, false, DEPTH) };
  return { text: mayShowSecret(text) ? `${HIDDEN} (${text.length} characters that may name a secret)` : text };
}
