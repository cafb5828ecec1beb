import type { OperationRow, ResourceRow, Session } from "../store/index.ts";
import { toOperation } from "./operations.ts";

const AT_MOST = 200;

/** Something that falls due: an operation's step, or an alarm, which has no operation yet. */
export interface DueThing {
  dueAt: number;
  resourceId: string;
  kind: string;
  verb: string;
  operationId: string | null;
  jobId: string | null;
  /** The step that is next; null for an alarm. */
  step: string | null;
  /** Differs once anything of it has moved. */
  mark: string;
}

function ofOperation(row: OperationRow): DueThing {
  const op = toOperation(row);
  return {
    dueAt: op.dueAt,
    resourceId: op.resourceId,
    kind: op.kind,
    verb: op.verb,
    operationId: op.id,
    jobId: op.jobId,
    step: op.plan.steps[op.step] ?? null,
    mark: `${op.id} ${op.fence} ${op.step} ${row.performed} ${op.attempt}`,
  };
}

const ofAlarm = (row: Pick<ResourceRow, "id" | "kind" | "alarm_at" | "alarm_verb">): DueThing => ({
  dueAt: row.alarm_at ?? 0,
  resourceId: row.id,
  kind: row.kind,
  verb: row.alarm_verb ?? "",
  operationId: null,
  jobId: null,
  step: null,
  mark: `alarm of ${row.id} ${row.alarm_at}`,
});

/**
 * What is due by `now` and has not come to rest, whoever is at it: operations whose time has come or that were noted to
 * look again, and alarms. The earliest first, no more than 200.
 */
export async function listUnderWay(session: Session, now: number): Promise<DueThing[]> {
  const operations = await session.all<OperationRow>(
    `SELECT * FROM operations WHERE state = 'running' AND due_at <= ? ORDER BY due_at LIMIT ${AT_MOST}`,
    [now],
  );
  const noted = await session.all<OperationRow>(
    `SELECT o.* FROM wakes w CROSS JOIN operations o
       WHERE o.resource_id = w.resource_id AND o.state = 'running' AND o.due_at > ? ORDER BY w.seq LIMIT ${AT_MOST}`,
    [now],
  );
  const alarms = await session.all<ResourceRow>(
    `SELECT * FROM resources WHERE alarm_at <= ? ORDER BY alarm_at LIMIT ${AT_MOST}`,
    [now],
  );
  const each = new Map([...operations, ...noted].map((row) => [row.id, ofOperation(row)]));
  return [...each.values(), ...alarms.map(ofAlarm)].slice(0, AT_MOST);
}

/** What falls due first after `now`. */
export async function findNext(session: Session, now: number): Promise<DueThing | undefined> {
  const operation = await session.get<OperationRow>(
    "SELECT * FROM operations WHERE state = 'running' AND due_at > ? ORDER BY due_at LIMIT 1",
    [now],
  );
  const alarm = await session.get<ResourceRow>("SELECT * FROM resources WHERE alarm_at > ? ORDER BY alarm_at LIMIT 1", [
    now,
  ]);
  const things = [...(operation ? [ofOperation(operation)] : []), ...(alarm ? [ofAlarm(alarm)] : [])];
  return things.toSorted((a, b) => a.dueAt - b.dueAt)[0];
}
