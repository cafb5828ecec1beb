import type { Look } from "../drivers/port.ts";
import type { Session } from "../store/index.ts";
import type { Accepting, AcceptingHouse, Caller } from "./accept.ts";
import { Busy, NoSuch, NotAccepted, Refused } from "./errors.ts";
import { record } from "./events.ts";
import { type Holding, take } from "./holdings.ts";
import type { Answer, Kind, Seen, Step, Work } from "./kinds.ts";
import { type Leak, type LeakHouse, type LeakPage, listLeaks } from "./leaks.ts";
import { insertResource } from "./names.ts";
import { findNewest, insertOperation, newOperation, type Operation } from "./operations.ts";
import { findResource, type Resource } from "./resources.ts";
import { hostOf, stampOf } from "./steps.ts";

/** The verb, and its one step, that every kind has: it takes away what a resource has left behind. */
export const RECLAIM = "reclaim";

/** Stands for the resource of things whose own is not known. It is gone from its first moment. */
export const LEFTOVER: Kind = { name: "ebb.leftover", gone: "GONE", verbs: {}, steps: {} };

const asked = ({ held, operation }: Work): Holding[] => held.filter((one) => one.reclaimBy === operation.id);

/**
 * Unmakes what the operation was asked to reclaim. One thing that stands fast keeps none of the others: they are released
 * as they go, and once it is alone its own refusal is told.
 */
const reclaimStep: Step = {
  async perform(work) {
    const things = asked(work);
    const failed: unknown[] = [];
    for (const { domain, type, ref } of things) {
      await hostOf(work.drivers, domain)
        .unmake(type, ref, stampOf(work))
        .catch((error: unknown) => failed.push(error));
    }
    if (failed.length > 0 && failed.length === things.length) throw failed[0];
  },
  async probe(work) {
    const looks: { ref: string; domain: string; look: Look<object> }[] = [];
    for (const { domain, type, ref } of asked(work))
      looks.push({ ref, domain, look: await hostOf(work.drivers, domain).look(type, ref) });
    const absent = looks.filter((one) => one.look.is === "absent");
    const seen: Seen = {
      refs: absent.map((one) => one.ref),
      proof:
        absent.map(({ domain, ref }) => `${domain} answered absent for ${ref}`).join(", ") ||
        "nothing was held any more",
    };
    if (absent.length === looks.length) return { is: "gone", ...seen };
    return standing(looks, seen);
  },
};

/** What is worth waiting for comes first; what stands fast is unmade again. */
function standing(looks: readonly { ref: string; look: Look<object> }[], proved: Seen): Answer {
  const waits = looks.flatMap(({ ref, look }) => ("again" in look ? [{ ref, ...look }] : []));
  if (waits.length > 0)
    return {
      is: "not-yet",
      again: Math.min(...waits.map((one) => one.again)),
      waitingFor: waits.map((one) => `${one.ref} is ${one.is}`).join(", "),
      proved,
    };
  for (const { look } of looks) if (look.is === "broken") return { ...look, is: "refused", proved };
  const there = looks.filter((one) => one.look.is === "ready").map((one) => one.ref);
  return {
    is: "refused",
    reason: `${there.join(", ")} is still there`,
    owner: "the driver's machine",
    hint: "it is unmade again by itself; look at the driver if it goes on",
    proved,
  };
}

/** A kind with the verb that reclaims what its resources have left. */
export function reclaimable(kind: Kind): Kind {
  if (RECLAIM in kind.verbs || RECLAIM in kind.steps) throw new Error(`${kind.name} has a ${RECLAIM} of its own`);
  return {
    ...kind,
    verbs: { ...kind.verbs, [RECLAIM]: { from: [], aside: true, version: 1, plan: () => [RECLAIM] } },
    steps: { ...kind.steps, [RECLAIM]: reclaimStep },
  };
}

export interface ReclaimHouse extends LeakHouse, AcceptingHouse {
  accept<T>(caller: Caller, change: (accepting: Accepting) => Promise<T>): Promise<T>;
}

export interface ReclaimAsked {
  /** Only these; all leaks where left out. */
  refs?: readonly string[] | undefined;
  tenant?: string | undefined;
  requestId: string;
}

/** What one resource's leaks are being taken away by, or why they are not. */
export type Reclaimed = { refs: string[]; resourceId: string | null } & (
  | { operation: Operation; again: boolean }
  | { refused: NotAccepted }
);

/** Leaks that one request takes on. */
const MOST = 10_000;

/** What one operation takes away. */
const together = ({ resourceId, again, ref }: Leak): string =>
  resourceId === null ? ref : `${resourceId} ${again ?? ""}`;

/**
 * Starts an operation for every resource with leaks: an abandoned delete is asked for again, everything else is unmade
 * and released once a probe says that it is gone. Each is a write of its own, and all can be asked for again.
 * @throws NoSuch for a ref that is no leak, before anything is changed
 */
export async function reclaim(
  house: ReclaimHouse,
  { requestId, ...wanted }: ReclaimAsked,
): Promise<{ reclaimed: Reclaimed[]; more: boolean }> {
  const page = await listLeaks(house, { ...wanted, limit: MOST });
  mustAllLeak(wanted.refs ?? [], page);
  const reclaimed: Reclaimed[] = [];
  for (const leaks of Map.groupBy(page.leaks, together).values())
    reclaimed.push(await reclaimOf(house, leaks, requestId));
  return { reclaimed, more: page.next !== null };
}

function mustAllLeak(refs: readonly string[], { leaks, unseen }: LeakPage): void {
  const unknown = refs.find((ref) => !leaks.some((one) => one.ref === ref));
  if (unknown === undefined) return;
  if (unseen.length > 0)
    throw new Refused(
      `${unknown} may be a leak, and ${unseen.map((one) => one.domain).join(", ")} cannot say`,
      "ask again once its driver answers",
    );
  throw new NoSuch("leak", unknown);
}

async function reclaimOf(house: ReclaimHouse, leaks: readonly Leak[], requestId: string): Promise<Reclaimed> {
  const [first] = leaks;
  if (!first) throw new Error("no leak to reclaim");
  const about = { refs: leaks.map((one) => one.ref), resourceId: first.resourceId };
  try {
    const started = await (first.again === null
      ? unmakeAll(house, leaks, first, requestId)
      : deleteAgain(house, first, first.again, requestId));
    return { ...about, resourceId: started.operation.resourceId, ...started };
  } catch (error) {
    if (error instanceof NotAccepted) return { ...about, refused: error };
    throw error;
  }
}

interface Started {
  operation: Operation;
  again: boolean;
}

function deleteAgain({ accept }: ReclaimHouse, leak: Leak, verb: string, requestId: string): Promise<Started> {
  const caller = { tenant: leak.tenant ?? "", userId: "operator", requestId };
  return accept(caller, async (accepting) =>
    accepting.submit(verb, await accepting.get(leak.kind ?? "", leak.resourceId ?? "")),
  );
}

/** Starts the reclaiming of one resource's leaks, or answers the operation that is at it. */
function unmakeAll(house: ReclaimHouse, leaks: readonly Leak[], first: Leak, requestId: string): Promise<Started> {
  return house.store.write("reclaim", async (tx) => {
    const now = house.clock.now();
    const resource = await standIn(tx, house, first, now);
    const newest = await findNewest(tx, resource.id);
    if (newest?.state === "running") return sameAgain(tx, newest, leaks, resource);
    const id = house.ids.uuid();
    // Fences count claims: where nothing is known of a thing's earlier ones, the time in ms is higher than any.
    const fence = newest ? newest.fence + 1 : now;
    const plan = { version: 1, steps: [RECLAIM] };
    const operation = newOperation(id, resource, { verb: RECLAIM, plan, fence, requestId }, now);
    const unheld = leaks.filter((one) => one.seq === null);
    await take(tx, resource, operation, unheld, now);
    let marked = 0;
    for (const { ref } of leaks)
      marked += await tx.run(
        "UPDATE holdings SET reclaim_by = ? WHERE resource_id = ? AND ref = ? AND released_at IS NULL",
        [id, resource.id, ref],
      );
    if (marked === 0) throw new Refused("nothing is left of it", "list the leaks again");
    await insertOperation(tx, operation);
    await record(tx, {
      at: now,
      type: "accepted",
      tenant: resource.tenant,
      resourceId: resource.id,
      operationId: id,
      requestId,
      data: { verb: RECLAIM, plan, refs: leaks.map((one) => one.ref) },
    });
    await tx.notify();
    return { operation, again: false };
  });
}

async function sameAgain(
  tx: Session,
  running: Operation,
  leaks: readonly Leak[],
  { kind, id }: Resource,
): Promise<Started> {
  const rows = await tx.all<{ ref: string }>(
    "SELECT ref FROM holdings WHERE reclaim_by = ? AND resource_id = ? AND released_at IS NULL",
    [running.id, id],
  );
  const own = new Set(rows.map((row) => row.ref));
  if (running.verb !== RECLAIM || leaks.some((one) => !own.has(one.ref)))
    throw new Busy(kind, id, RECLAIM, running.verb);
  return { operation: running, again: true };
}

/** The resource on which the leaks are reclaimed, locked: their own, or one that stands for it. */
async function standIn(tx: Session, { ids }: AcceptingHouse, leak: Leak, now: number): Promise<Resource> {
  const own = leak.resourceId === null ? undefined : await findResource(tx, leak.resourceId, true);
  if (own && own.incarnation !== leak.incarnation)
    throw new Refused(`${own.kind} ${own.id} is another one than ${leak.ref} was held for`, `delete ${own.id} first`);
  if (own) return own;
  const resource: Resource = {
    id: leak.resourceId ?? ids.uuid(),
    kind: LEFTOVER.name,
    tenant: leak.tenant ?? "",
    parentId: null,
    incarnation: leak.incarnation ?? "",
    seq: 0,
    name: leak.ref,
    state: LEFTOVER.gone,
    spec: {},
    facts: {},
    error: null,
    createdBy: "operator",
    createdAt: now,
    updatedAt: now,
    goneAt: now,
  };
  await tx.run("UPDATE resources SET gone_at = ? WHERE id = ?", [now, (await insertResource(tx, resource, false)).id]);
  return resource;
}
