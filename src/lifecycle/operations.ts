import type { OperationRow, Session } from "../store/index.ts";
import { LeaseLost } from "./errors.ts";
import type { Answer } from "./kinds.ts";
import type { Resource } from "./resources.ts";

/** `running`: has steps left. `failed`: stopped for good. `aborted`: replaced by another operation. */
export type OperationState = "running" | "done" | "failed" | "aborted";

/** The steps of an operation, stored by value: a later program finishes the plan that was accepted. */
export interface Plan {
  version: number;
  steps: readonly string[];
}

export interface OperationError {
  step: string;
  reason: string;
  owner: string;
  hint: string;
  /** Ids of the resources in which the reason lies. */
  on?: readonly string[];
}

/** One verb on its way through its plan. The services' jobs are these rows: `jobId` is shared by what one request started. */
export interface Operation {
  id: string;
  jobId: string;
  resourceId: string;
  kind: string;
  tenant: string;
  verb: string;
  /** The service's own name for the job. */
  label: string;
  plan: Plan;
  /** Index of the current step. */
  step: number;
  /** The current step's `perform` has returned. */
  performed: boolean;
  attempt: number;
  state: OperationState;
  /** Grows with each claim; the world and the store refuse an older one. */
  fence: number;
  dueAt: number;
  /** When the current step began. */
  stageAt: number;
  /** What the last probe answered. */
  answer: Answer | null;
  error: OperationError | null;
  requestId: string;
  acceptedAt: number;
  finishedAt: number | null;
}

const json = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

export const toOperation = (row: OperationRow): Operation => ({
  id: row.id,
  jobId: row.job_id,
  resourceId: row.resource_id,
  kind: row.kind,
  tenant: row.tenant,
  verb: row.verb,
  label: row.label,
  plan: JSON.parse(row.plan) as Plan,
  step: row.step,
  performed: row.performed === 1,
  attempt: row.attempt,
  state: row.state as OperationState,
  fence: row.fence,
  dueAt: row.due_at,
  stageAt: row.stage_at,
  answer: json(row.answer),
  error: json(row.error),
  requestId: row.request_id,
  acceptedAt: row.accepted_at,
  finishedAt: row.finished_at,
});

/** A new operation, running, at the first step of its plan unless it is told another. */
export function newOperation(
  id: string,
  resource: Resource,
  what: Pick<Operation, "verb" | "plan" | "fence" | "requestId"> & Partial<Pick<Operation, "jobId" | "label" | "step">>,
  now: number,
): Operation {
  return {
    id,
    jobId: id,
    resourceId: resource.id,
    kind: resource.kind,
    tenant: resource.tenant,
    label: what.verb,
    step: 0,
    ...what,
    performed: false,
    attempt: 0,
    state: "running",
    dueAt: now,
    stageAt: now,
    answer: null,
    error: null,
    acceptedAt: now,
    finishedAt: null,
  };
}

export async function insertOperation(tx: Session, op: Operation): Promise<void> {
  await tx.run(
    `INSERT INTO operations (id, job_id, resource_id, kind, tenant, verb, label, plan, step, performed, attempt, state, fence, due_at, stage_at,
       request_id, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 'running', ?, ?, ?, ?, ?)`,
    [
      op.id,
      op.jobId,
      op.resourceId,
      op.kind,
      op.tenant,
      op.verb,
      op.label,
      JSON.stringify(op.plan),
      op.step,
      op.fence,
      op.dueAt,
      op.stageAt,
      op.requestId,
      op.acceptedAt,
    ],
  );
}

export async function findOperation(session: Session, id: string): Promise<Operation | undefined> {
  const row = await session.get<OperationRow>("SELECT * FROM operations WHERE id = ?", [id]);
  return row && toOperation(row);
}

/** The resource's newest operation, locked until the write ends: the only one that can be running, with the highest fence. */
export async function findNewest(tx: Session, resourceId: string): Promise<Operation | undefined> {
  const row = await tx.get<OperationRow>(
    `SELECT * FROM operations WHERE resource_id = ? ORDER BY fence DESC LIMIT 1${tx.forUpdate}`,
    [resourceId],
  );
  return row && toOperation(row);
}

/** All operations of a resource, oldest first. */
export async function listOperations(session: Session, resourceId: string): Promise<Operation[]> {
  const rows = await session.all<OperationRow>("SELECT * FROM operations WHERE resource_id = ? ORDER BY fence", [
    resourceId,
  ]);
  return rows.map(toOperation);
}

const AT_ONCE = 500;

/** What runs on these resources. */
export async function listRunning(session: Session, resourceIds: readonly string[]): Promise<Operation[]> {
  const running: Operation[] = [];
  for (let from = 0; from < resourceIds.length; from += AT_ONCE) {
    const ids = resourceIds.slice(from, from + AT_ONCE);
    const rows = await session.all<OperationRow>(
      `SELECT * FROM operations WHERE state = 'running' AND resource_id IN (${ids.map(() => "?").join(", ")})`,
      ids,
    );
    running.push(...rows.map(toOperation));
  }
  return running;
}

/** The operations of one job of a tenant, or of all its jobs, oldest first. */
export async function listJob(session: Session, tenant: string, jobId: string): Promise<Operation[]> {
  const rows = await session.all<OperationRow>(
    "SELECT * FROM operations WHERE tenant = ? AND job_id = ? ORDER BY accepted_at, id",
    [tenant, jobId],
  );
  return rows.map(toOperation);
}

/** Stops an operation that another one replaces. Its lease stays until its owner lets go, so that the next waits for it. */
export async function abort(tx: Session, op: Operation, now: number): Promise<void> {
  await tx.run("UPDATE operations SET state = 'aborted', finished_at = ? WHERE id = ? AND state = 'running'", [
    now,
    op.id,
  ]);
}

/** What a checkpoint writes; only the holder of the lease and fence may. */
export type Progress = Pick<Operation, "step" | "performed" | "attempt" | "dueAt" | "stageAt" | "answer"> &
  Partial<Pick<Operation, "state" | "error" | "finishedAt">> & { keepLease: boolean };

/** Writes an operation's progress in one statement guarded by its fence. Throws LeaseLost when another holds it. */
export async function checkpoint(tx: Session, op: Operation, owner: string, to: Progress): Promise<Operation> {
  const next = { ...op, ...to };
  const changed = await tx.run(
    `UPDATE operations SET step = ?, performed = ?, attempt = ?, due_at = ?, stage_at = ?, answer = ?, state = ?, error = ?, finished_at = ?
       ${to.keepLease ? "" : ", owner = NULL, lease_until = NULL"} WHERE id = ? AND fence = ? AND owner = ? AND state = 'running'`,
    [
      next.step,
      next.performed ? 1 : 0,
      next.attempt,
      next.dueAt,
      next.stageAt,
      next.answer && JSON.stringify(next.answer),
      next.state,
      next.error && JSON.stringify(next.error),
      next.finishedAt,
      op.id,
      op.fence,
      owner,
    ],
  );
  if (changed === 0) throw new LeaseLost(op.id);
  return next;
}
