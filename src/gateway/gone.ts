import { Value } from "typebox/value";
import type { Faults, GoneAnswer } from "../faults/index.ts";
import { findResource, type Lifecycle, NotAccepted, NotFound, type Resource } from "../lifecycle/index.ts";
import { Absent, type Call, type House } from "../wire/index.ts";
import { inDialect, type Said, sayReply, sayWire } from "./answers.ts";
import { type Asked, placeOf } from "./asked.ts";
import { sayStatus } from "./inject.ts";
import { absent, listBeside, type Subject, subjectOf } from "./subject.ts";

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
  return sayGone(hit.answer, asked, house, error ?? absent(subjectIn(asked), true));
}

const isMissing = (error: unknown): boolean => error instanceof NotFound || error instanceof Absent;

/** Some services go on showing what is gone: what the path names last is then found, and has ended. */
async function shownGone(asked: Asked, { lifecycle }: House): Promise<boolean> {
  if (asked.op.method !== "GET") return false;
  const { id } = subjectIn(asked);
  const found = await lifecycle.store.read((session) => findResource(session, id));
  return found !== undefined && found.goneAt !== null;
}

const subjectIn = ({ op, service, request }: Asked): Subject =>
  subjectOf(op, service, request.params as Record<string, string>);

/** In the service's words for what is not there, under the status that is asked for. */
function sayMissing(status: 404 | 400, error: unknown, { service, about }: Asked): Said {
  const wanted = { ...about, coded: status === 400 };
  const words =
    error instanceof NotAccepted
      ? inDialect({ is: "not-accepted", error }, service, wanted)
      : error instanceof Absent && error.say(wanted);
  return sayWire({ ...(words || { body: null }), status });
}

async function sayGone(answer: GoneAnswer, asked: Asked, house: House, error: unknown): Promise<Said> {
  switch (answer) {
    case "404":
      return sayMissing(404, error, asked);
    case "coded-400":
      return sayMissing(400, error, asked);
    case "403":
      return sayStatus(asked, 403);
    case "empty-list":
      return emptyList(asked, house);
  }
}

/**
 * What the operation's list answers in a cloud with nothing in it. Where that cannot be had (no list stands beside the
 * operation) the object is empty.
 */
async function emptyList({ op, service, call }: Asked, house: House): Promise<Said> {
  const list = listBeside(op, service);
  const nothing = { status: 200, body: {} };
  if (!list || !call) return sayReply(op, nothing);
  try {
    const query: unknown = list.query ? Value.Create(list.query) : {};
    const { body } = await list.handle(
      { ...call, query, body: undefined },
      { ...house, lifecycle: emptied(house, call) },
    );
    return sayReply(list, { status: 200, body: withoutItems(body) });
  } catch {
    return sayReply(op, nothing);
  }
}

const NOTHING = {
  incarnation: "",
  seq: 0,
  name: "",
  state: "",
  spec: {},
  facts: {},
  error: null,
  createdBy: "",
  createdAt: 0,
  updatedAt: 0,
  goneAt: null,
};
const none = async (): Promise<never[]> => [];

/** The kernel as it looks where nothing is: every list is empty, and what a path names for its parent is there. */
function emptied({ lifecycle }: House, { params }: Call): Lifecycle {
  const path = Object.values(params as Record<string, string>);
  const get = async (tenant: string, kind: string, id: string): Promise<Resource> => {
    const parentId = path[path.indexOf(id) - 1] ?? null;
    return { ...NOTHING, id, kind, tenant, parentId };
  };
  const empty: Lifecycle = Object.create(lifecycle, {
    get: { value: get },
    list: { value: none },
    job: { value: none },
    operations: { value: none },
  });
  return empty;
}

/** The same object with nothing in its lists, and no count: what the kernel does not keep is listed all the same. */
function withoutItems(value: unknown, depth = DEPTH): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value !== "object" || value === null || depth === 0) return value;
  const fields = Object.entries(value).map(([name, field]: [string, unknown]) =>
    typeof field === "number" && /total|count/.test(name) ? [name, 0] : [name, withoutItems(field, depth - 1)],
  );
  return Object.fromEntries(fields);
}
