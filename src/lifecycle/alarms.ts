import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { ResourceRow, Session, Store } from "../store/index.ts";
import type { Accepting, Caller } from "./accept.ts";
import { NotAccepted } from "./errors.ts";
import { toResource } from "./resources.ts";
import type { Kinds } from "./settle.ts";

interface AlarmHouse {
  store: Store;
  clock: Clock;
  log: Log;
  kinds: Kinds;
  accept<T>(caller: Caller, change: (accepting: Accepting) => Promise<T>): Promise<T>;
}

const AT_ONCE = 100;
/** How long an alarm waits that could not be asked for, in virtual ms. */
const PUT_OFF_MS = 60_000;

/**
 * Starts the verb of every alarm that has fallen due. An alarm rings once: a verb that is not accepted then is dropped.
 * Where nobody could be asked, because the store did not take the write, it rings again later.
 */
export async function ringAlarms({ store, clock, log, kinds, accept }: AlarmHouse): Promise<void> {
  const now = clock.now();
  const due = await store.read((session) =>
    session.all<ResourceRow>("SELECT * FROM resources WHERE alarm_at <= ? ORDER BY alarm_at LIMIT ?", [now, AT_ONCE]),
  );
  for (const row of due) {
    const about = { resource_id: row.id, verb: row.alarm_verb };
    try {
      await ringOne(accept, kinds, row);
    } catch (error) {
      if (error instanceof NotAccepted) {
        log.warn({ ...about, reason: error.message }, "an alarm's verb was not accepted");
        await store.write("silence", (tx) => silence(tx, row));
      } else {
        log.error({ ...about, error }, "an alarm could not ring; it rings again later");
        await store.write("put-off", (tx) => putOff(tx, row, now + PUT_OFF_MS));
      }
    }
  }
}

async function ringOne(accept: AlarmHouse["accept"], kinds: Kinds, row: ResourceRow): Promise<void> {
  const { id, kind, tenant, createdBy: userId } = toResource(row);
  const verb = row.alarm_verb ?? "";
  if (!kinds.get(kind)?.verbs[verb]) throw new NotAccepted(`this Ebb has no verb ${verb} of ${kind}`);
  await accept({ tenant, userId, requestId: "alarm" }, async (accepting) => {
    const resource = await accepting.get(kind, id);
    const rings = (await silence(accepting.tx, row)) > 0;
    if (rings) await accepting.submit(verb, resource);
  });
}

const ONLY_THIS = "WHERE id = ? AND alarm_at = ? AND alarm_verb = ?";

/** Only this alarm: the next one may have been set meanwhile. */
function silence(tx: Session, { id, alarm_at, alarm_verb }: ResourceRow): Promise<number> {
  return tx.run(`UPDATE resources SET alarm_at = NULL, alarm_verb = NULL ${ONLY_THIS}`, [id, alarm_at, alarm_verb]);
}

function putOff(tx: Session, { id, alarm_at, alarm_verb }: ResourceRow, until: number): Promise<number> {
  return tx.run(`UPDATE resources SET alarm_at = ? ${ONLY_THIS}`, [until, id, alarm_at, alarm_verb]);
}
