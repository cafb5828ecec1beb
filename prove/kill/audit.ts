import type { Domain } from "../../src/drivers/port.ts";
import { verifyChain } from "../../src/lifecycle/index.ts";
import type { OperationRow, Session } from "../../src/store/index.ts";
import { leftovers } from "../../test/clean-slate.ts";
import type { Journal, Problem } from "./journal.ts";
import type { ScriptHouse } from "./script.ts";

type Found = [Problem, string];

const TEARDOWN = "ebb.teardown";

/** Holds what became of a run against what was promised. */
export async function audit({ house, services }: ScriptHouse, journal: Journal): Promise<void> {
  const { lifecycle, drivers } = house;
  const kinds = services.flatMap((service) => service.kinds);
  const ends = (kind: string, verb: string): boolean => {
    const found = kinds.find((one) => one.name === kind);
    // Every verb of a teardown aims at its end.
    return kind === TEARDOWN || (found !== undefined && found.verbs[verb]?.then === found.gone);
  };
  const found = await lifecycle.store.read(async (session) => [
    ...(await lost(session, journal)),
    ...(await leaked(session)),
    ...(await doubled(session, journal, ends)),
    ...(await receipts(session, ends)),
  ]);
  for (const domain of Object.keys(drivers) as Domain[])
    for (const { ref } of await drivers[domain].marked()) found.push(["leaked", `the world still has ${ref}`]);
  const chain = await verifyChain(lifecycle.store);
  if (!chain.whole) found.push(["broken", `the chain of receipts: ${chain.wrong}`]);
  const { stranded, overdue, leaked: leaks } = await lifecycle.scan();
  if (stranded + overdue + leaks > 0) found.push(["lost", `the scan found ${stranded + overdue + leaks} things`]);
  for (const [kind, text] of found) journal.write({ is: "problem", kind, text });
}

/** What a client was told, and every operation that stands in the store, has come to its end. */
async function lost(session: Session, journal: Journal): Promise<Found[]> {
  const found: Found[] = [];
  for (const { id, verb } of journal.all("accepted")) {
    const row = await session.get<{ gone_at: number | null }>("SELECT gone_at FROM resources WHERE id = ?", [id]);
    if (!row) found.push(["lost", `the ${verb} of ${id} was accepted, and nothing knows it`]);
    else if (row.gone_at === null && verb === "delete") found.push(["lost", `${id} was deleted and is still there`]);
  }
  const running = await session.all<OperationRow>("SELECT * FROM operations WHERE state = 'running'");
  for (const { id, verb, kind } of running) found.push(["lost", `${verb} of ${kind} never ended: ${id}`]);
  return found;
}

const LEFT: Readonly<Record<string, string>> = {
  "an open holding": "SELECT ref AS id FROM holdings WHERE released_at IS NULL",
  "a link of a gone resource":
    "SELECT l.resource_id AS id FROM links l JOIN resources r ON r.id = l.resource_id WHERE r.gone_at IS NOT NULL",
  "an alarm of a gone resource": "SELECT id FROM resources WHERE gone_at IS NOT NULL AND alarm_at IS NOT NULL",
};

async function leaked(session: Session): Promise<Found[]> {
  const found: Found[] = [];
  // That of a process that was killed has run out by itself.
  const leases = `SELECT id FROM operations WHERE lease_until >= ${session.dbNow}`;
  for (const [what, sql] of Object.entries({ ...LEFT, "a lease": leases }))
    for (const { id } of await session.all<{ id: string }>(sql)) found.push(["leaked", `${what}: ${id}`]);
  return found;
}

async function doubled(
  session: Session,
  journal: Journal,
  ends: (kind: string, verb: string) => boolean,
): Promise<Found[]> {
  const found: Found[] = [];
  const made = Map.groupBy(journal.all("made"), (one) => one.ref);
  for (const [ref, times] of made) {
    const taken = await session.all("SELECT seq FROM holdings WHERE ref = ?", [ref]);
    if (times.length > taken.length)
      found.push(["doubled", `${ref} was made ${times.length} times and taken ${taken.length} times`]);
  }
  const changes = Map.groupBy(journal.all("changed"), (one) => `${one.ref} by ${one.operation} to ${one.spec}`);
  for (const [what, times] of changes)
    if (times.length > 1) found.push(["doubled", `${times.length} changes of ${what}`]);
  const operations = await session.all<OperationRow>("SELECT * FROM operations ORDER BY fence");
  const verdicts: Readonly<Record<string, string>> = { done: "ended", failed: "failed", aborted: "aborted" };
  for (const { id, state } of operations) {
    const events = await session.all<{ type: string }>(
      "SELECT type FROM events WHERE operation_id = ? AND type IN ('accepted', 'ended', 'failed', 'aborted') ORDER BY seq",
      [id],
    );
    const types = events.map((one) => one.type).join(", ");
    const wanted = `accepted, ${verdicts[state]}`;
    if (types !== wanted) found.push(["doubled", `operation ${id} has the events ${types}, not ${wanted}`]);
  }
  const deletes = Map.groupBy(
    operations.filter((one) => ends(one.kind, one.verb)),
    (one) => one.resource_id,
  );
  for (const [id, all] of deletes) {
    const states = all.map((one) => one.state);
    const last = states.pop();
    if (last !== "done" || states.some((state) => state !== "failed"))
      found.push(["doubled", `${id} was deleted by operations that are ${[...states, last].join(", ")}`]);
  }
  return found;
}

/** One receipt for each delete and each reclaiming that has ended, and none beside. */
async function receipts(session: Session, ends: (kind: string, verb: string) => boolean): Promise<Found[]> {
  const found: Found[] = [];
  const operations = await session.all<OperationRow>("SELECT * FROM operations WHERE state = 'done'");
  const owed = operations
    .filter((one) => one.kind !== TEARDOWN && (one.verb === "reclaim" || ends(one.kind, one.verb)))
    .map((one) => one.id);
  const rows = await session.all<{ operation_id: string }>("SELECT operation_id FROM receipts");
  const given = rows.map((row) => row.operation_id);
  for (const id of owed) if (!given.includes(id)) found.push(["lost", `operation ${id} has ended without a receipt`]);
  if (given.length !== new Set(given).size) found.push(["doubled", "an operation has two receipts"]);
  for (const id of given)
    if (!owed.includes(id)) found.push(["doubled", `a receipt speaks of ${id}, which is no delete`]);
  return found;
}

/** Once its time of being readable is over, nothing that was deleted has left a row. */
export async function auditEmpty({ house }: ScriptHouse, journal: Journal): Promise<void> {
  for (const text of await leftovers(house.lifecycle.store)) journal.write({ is: "problem", kind: "leaked", text });
}
