import { Value } from "typebox/value";
import type { Faults, GoneAnswer } from "../faults/index.ts";
import { findResource, NotFound } from "../lifecycle/index.ts";
import { Absent, type House } from "../wire/index.ts";
import { inDialect, type Said, sayReply, sayWire } from "./answers.ts";
import { type Asked, placeOf } from "./asked.ts";
import { sayStatus } from "./inject.ts";
import { absent, listBeside, subjectOf } from "./subject.ts";

/** How far an empty list is looked through for what counts it. */
const DEPTH = 8;

/**
 * Lets a fault change what is said of a thing that is gone or was never there. `error` is what the operation has thrown,
 * if anything; `said` is the answer as it stands.
 */
export async function strikeGone(
  asked: Asked,
  faults: Faults,
  house: House,
  said: Said,
  error: unknown,
): Promise<Said> {
  const place = placeOf(asked);
  if (!asked.call || !faults.watchesGone(place)) return said;
  const missing = error === undefined ? await shownGone(asked, house) : isMissing(error);
  if (!missing) return said;
  const hit = await faults.onGone(place);
  if (!hit) return said;
  asked.goneHit = hit;
  return sayGone(hit.answer, asked, house, error === undefined ? notFound(asked) : said);
}

const isMissing = (error: unknown): boolean => error instanceof NotFound || error instanceof Absent;

/** Some services go on showing what is gone: what the path names last is then found, and has ended. */
async function shownGone({ op, service, request }: Asked, { lifecycle }: House): Promise<boolean> {
  if (op.method !== "GET") return false;
  const { id } = subjectOf(op, service, request.params as Record<string, string>);
  if (id === "") return false;
  const found = await lifecycle.store.read((session) => findResource(session, id));
  return found !== undefined && found.goneAt !== null;
}

function notFound({ op, service, request, about }: Asked): Said {
  const subject = subjectOf(op, service, request.params as Record<string, string>);
  return sayWire(inDialect({ is: "not-accepted", error: absent(subject, true) }, service, about));
}

async function sayGone(answer: GoneAnswer, asked: Asked, house: House, missing: Said): Promise<Said> {
  switch (answer) {
    case "404":
      return { ...missing, status: 404 };
    case "coded-400":
      return { ...missing, status: 400 };
    case "403":
      return sayStatus(asked, 403);
    case "empty-list":
      return asked.op.method === "GET" ? emptyList(asked, house) : missing;
  }
}

/**
 * What the operation's list would answer if it had nothing to show: its own answer, emptied. Where that cannot be had (no
 * list stands beside the operation, or what it lists in is gone too) the object is empty.
 */
async function emptyList({ op, service, call }: Asked, house: House): Promise<Said> {
  const list = listBeside(op, service);
  try {
    if (!list || !call) return sayReply(op, { status: 200, body: {} });
    const query: unknown = list.query ? Value.Create(list.query) : {};
    const { body } = await list.handle({ ...call, query, body: undefined }, house);
    return sayReply(list, { status: 200, body: emptied(body) });
  } catch {
    return sayReply(op, { status: 200, body: {} });
  }
}

/** The same object with nothing in its lists, and no count. */
function emptied(value: unknown, depth = DEPTH): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value !== "object" || value === null || depth === 0) return value;
  const fields = Object.entries(value).map(([name, field]) =>
    typeof field === "number" && /total|count/.test(name) ? [name, 0] : [name, emptied(field, depth - 1)],
  );
  return Object.fromEntries(fields);
}
