import { createHash } from "node:crypto";
import type { ResourceRow, Session } from "../store/index.ts";
import { Accepting } from "./accept.ts";
import { NoSuch, Refused } from "./errors.ts";
import type { Asked } from "./plan-scope.ts";
import { type Rehearsal, type RehearsalHouse, rehearse } from "./rehearsal.ts";
import { findResource, type Resource, toResource } from "./resources.ts";
import {
  HOUSE_TENANT,
  lookAt,
  newestFence,
  type StandingItem,
  TEARDOWN,
  type TeardownItem,
  teardownSpec,
} from "./teardown-look.ts";
import { watch } from "./wakes.ts";

/** One id, or what stands for them all: the same for everyone who asks for the same. */
function nameOf(asked: Asked): string {
  const alone = asked.inside ? "" : " alone";
  if (asked.project !== undefined) return `project ${asked.project}${alone}`;
  const ids = [...new Set(asked.ids)].toSorted();
  const hash = createHash("sha256").update(ids.join(" ")).digest("hex").slice(0, 32);
  return (ids.length === 1 ? String(ids[0]) : `${ids.length} things ${hash}`) + alone;
}

/**
 * Starts a teardown, or asks again for the one that runs: that takes in what is there by now, and submits anew what has
 * failed. Runs inside an accepting write.
 * @throws Refused with all `refusals` when any of its deletes would not be accepted; NoSuch for unknown ids
 */
export async function askTeardown(
  tx: Session,
  house: RehearsalHouse,
  asked: Asked,
  requestId: string,
): Promise<{ teardown: Resource; again: boolean }> {
  const name = nameOf(asked);
  await tx.lock(`${TEARDOWN}/${name}`);
  const running = await findRunning(tx, name);
  const plan = await rehearse(tx, house, asked, requestId);
  if (!running && plan.refusals.length > 0)
    throw new Refused(
      `${plan.refusals.length} of ${plan.items.length} deletes would be refused: nothing was started`,
      "see what each of them needs, put that right, and ask again",
      { refusals: plan.refusals },
    );
  const accepting = new Accepting(tx, house, { tenant: HOUSE_TENANT, userId: "operator", requestId });
  const items = [...(running ? endedOf(running, plan) : []), ...itemsOf(plan)];
  const spec = { asked, items, anew: await failedOf(tx, plan) };
  const teardown = running
    ? await goOn(accepting, running, spec)
    : (await accepting.create({ kind: TEARDOWN, id: house.ids.uuid(), name, unique: true, spec })).resource;
  await watch(
    tx,
    teardown.id,
    items.map((item) => item.id),
  );
  await tx.notify();
  return { teardown, again: running !== undefined };
}

async function findRunning(tx: Session, name: string): Promise<Resource | undefined> {
  const row = await tx.get<ResourceRow>(
    `SELECT * FROM resources WHERE tenant = ? AND kind = ? AND unique_name = ?${tx.forUpdate}`,
    [HOUSE_TENANT, TEARDOWN, name],
  );
  return row && toResource(row);
}

const itemsOf = ({ items }: Rehearsal): TeardownItem[] =>
  items.map(({ thing: { id, kind, tenant, name, createdBy }, stage, after, takesAlong }) => {
    const along = takesAlong.map((one) => ({ id: one.id, kind: one.kind }));
    return { id, kind, tenant, name, createdBy, stage, after, takesAlong: along };
  });

/** What the teardown has brought to its end already: kept, to be shown. */
function endedOf(running: Resource, plan: Rehearsal): TeardownItem[] {
  const going = new Set(plan.items.flatMap(({ thing, takesAlong }) => [thing, ...takesAlong]).map((one) => one.id));
  return teardownSpec(running).items.filter((item) => !going.has(item.id));
}

async function failedOf(tx: Session, plan: Rehearsal): Promise<Record<string, number>> {
  const anew: Record<string, number> = {};
  for (const one of plan.items.flatMap(({ thing, takesAlong }) => [thing, ...takesAlong])) {
    if (one.error?.verb === "delete") anew[one.id] = await newestFence(tx, one.id);
  }
  return anew;
}

/** Whoever is walking it has looked at the old plan: the claim is taken away, and the next walk starts with the new one. */
async function goOn(accepting: Accepting, running: Resource, spec: object): Promise<Resource> {
  const changed = await accepting.change(running, { spec });
  if (running.state === "STOPPED") return (await accepting.submit("resume", changed)).resource;
  await accepting.tx.run(
    `UPDATE operations SET fence = fence + 1, owner = NULL, lease_until = NULL, performed = 0, attempt = 0, answer = NULL, due_at = ?
     WHERE resource_id = ? AND state = 'running'`,
    [accepting.now, running.id],
  );
  return changed;
}

/** Newest first; `before` is the `seq` of the last one seen. */
export async function listTeardowns(session: Session, limit: number, before?: number): Promise<Resource[]> {
  const rows = await session.all<ResourceRow>(
    `SELECT * FROM resources WHERE tenant = ? AND kind = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    [HOUSE_TENANT, TEARDOWN, before ?? Number.MAX_SAFE_INTEGER, limit],
  );
  return rows.map(toResource);
}

/** A teardown, and where each of its items stands. @throws NoSuch */
export async function readTeardown(
  session: Session,
  id: string,
): Promise<{ teardown: Resource; items: StandingItem[] }> {
  const teardown = await findResource(session, id);
  if (teardown?.kind !== TEARDOWN) throw new NoSuch("teardown", id);
  return { teardown, items: await lookAt(session, teardown) };
}
