import { type Static, Type } from "typebox";
import {
  findOperation,
  lastAnswer,
  NoSuch,
  type Operation as Op,
  type OperationSearch,
  placeOf,
  type StepAnswer,
  type StepTrail,
  searchOperations,
  trailOf,
  triesOf,
} from "../../lifecycle/index.ts";
import { DURATION_FORM, isoMillis, type Operation, operation, spanMs } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { Id, Limit, MANY, Word } from "../schemas.ts";

const Age = (description: string) =>
  Type.Optional(Type.String({ maxLength: 64, description: `${description}: ${DURATION_FORM}, or ms` }));

const Search = Type.Object(
  {
    tenant: Type.Optional(Id),
    kind: Type.Optional(Word),
    state: Type.Optional(Type.Union(["running", "done", "failed", "aborted"].map((state) => Type.Literal(state)))),
    verb: Type.Optional(Word),
    resource_id: Type.Optional(Id),
    older_than: Age("Accepted at least so long ago"),
    younger_than: Age("Accepted at most so long ago"),
    limit: Limit,
    cursor: Type.Optional(
      Type.String({ pattern: "^[0-9]{1,15}~[A-Za-z0-9._:-]{1,128}$", description: "`next` of the page before" }),
    ),
  },
  { additionalProperties: false },
);

const time = (ms: number | null) => (ms === null ? null : isoMillis(ms));

/** An operation as the operator sees it. */
export function operationView(op: Op): object {
  const running = op.state === "running";
  return {
    id: op.id,
    job_id: op.jobId,
    resource_id: op.resourceId,
    kind: op.kind,
    tenant: op.tenant,
    verb: op.verb,
    state: op.state,
    step: op.plan.steps[op.step] ?? null,
    steps_done: Math.min(op.step, op.plan.steps.length),
    steps_total: op.plan.steps.length,
    tries: running ? triesOf(op) : null,
    answer: running ? answerView(lastAnswer(op)) : null,
    error: op.error,
    accepted_at: isoMillis(op.acceptedAt),
    next_try_at: running ? isoMillis(op.dueAt) : null,
    finished_at: time(op.finishedAt),
    request_id: op.requestId,
  };
}

function answerView(answer: StepAnswer | null): object | null {
  if (answer === null) return null;
  if (answer.is === "not-yet") return { is: answer.is, waiting_for: answer.waitingFor };
  if (answer.is !== "refused") return answer;
  const { is, reason, owner, hint } = answer;
  return { is, reason, owner, hint };
}

const stepView = ({ name, state, attempts, startedAt, durationMs: duration, answer }: StepTrail): object => ({
  name,
  state,
  attempts,
  started_at: time(startedAt),
  duration_ms: duration,
  answer: answerView(answer),
});

/** The time that lies so far back. */
function before(now: number, name: string, text: string | undefined): number | undefined {
  const ms = text === undefined ? undefined : spanMs(text);
  if (text !== undefined && ms === undefined)
    throw refuse.invalid(`query ${name}: ${JSON.stringify(text)} is no duration`, `such as ${DURATION_FORM}, or ms`);
  return ms === undefined ? undefined : now - ms;
}

function toSearch(query: Static<typeof Search>, now: number): OperationSearch {
  const { tenant, kind, state, verb, resource_id: resourceId, older_than, younger_than, cursor } = query;
  const [rank = "", id = ""] = cursor?.split("~") ?? [];
  return {
    tenant,
    kind,
    state,
    verb,
    resourceId,
    acceptedBefore: before(now, "older_than", older_than),
    acceptedAfter: before(now, "younger_than", younger_than),
    below: cursor === undefined ? undefined : { rank: Number(rank), id },
  };
}

export const operationRoutes = ({ store, clock }: Desk): Operation[] => [
  operation({
    id: "ListOperations",
    method: "GET",
    path: "/ebb/v1/operations",
    summary: "Operations, newest first",
    action: null,
    access: "operator",
    success: 200,
    query: Search,
    handle: async ({ query }) => {
      const { limit = MANY } = query;
      const search = toSearch(query, clock.now());
      const found = await store.read((session) => searchOperations(session, search, limit + 1));
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const { rank, id } = last ? placeOf(search, last) : { rank: 0, id: "" };
      return { body: { operations: page.map(operationView), next: last ? `${rank}~${id}` : null } };
    },
  }),
  operation({
    id: "ShowOperation",
    method: "GET",
    path: "/ebb/v1/operations/{id}",
    summary: "An operation, with each step of its plan",
    action: null,
    access: "operator",
    success: 200,
    params: Type.Object({ id: Id }),
    handle: async ({ params }) =>
      store.read(async (session) => {
        const found = await findOperation(session, params.id);
        if (!found) throw new NoSuch("operation", params.id);
        const steps = await trailOf(session, found, clock.now());
        return { body: { ...operationView(found), steps: steps.map(stepView) } };
      }),
  }),
];
