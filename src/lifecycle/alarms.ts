import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { ResourceRow, Session, Store } from "../store/index.ts";
import type { Accepting, Caller } from "./accept.ts";
import { toResource } from "./resources.ts";

interface AlarmHouse {
  store: Store;
  clock: Clock;
  log: Log;
  accept<T>(caller: Caller, change: (accepting: Accepting) => Promise<T>): Promise<T>;
}

const AT_ONCE = 100;

/** Starts the verb of every alarm that has fallen due. An alarm rings once: a verb that is not accepted then is dropped. */
export async function ringAlarms({ store, clock, log, accept }: AlarmHouse): Promise<void> {
  const now = clock.now();
  const due = await store.read((session) =>
    session.all<ResourceRow>("SELECT * FROM resources WHERE alarm_at <= ? ORDER BY alarm_at LIMIT ?", [now, AT_ONCE]),
  );
  for (const row of due) {
    try {
      await ringOne(accept, row);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ resource_id: row.id, verb: row.alarm_verb, reason }, "an alarm's verb was not accepted");
      await store.write("silence", (tx) => silence(tx, row));
    }
  }
}

async function ringOne(accept: AlarmHouse["accept"], row: ResourceRow): Promise<void> {
  const { id, kind, tenant, createdBy: userId } = toResource(row);
  await accept({ tenant, userId, requestId: "alarm" }, async (accepting) => {
    const resource = await accepting.get(kind, id);
    const rings = (await silence(accepting.tx, row)) > 0;
    if (rings && row.alarm_verb) await accepting.submit(row.alarm_verb, resource);
  });
}

/** Only this alarm: the next one may have been set meanwhile. */
function silence(tx: Session, { id, alarm_at, alarm_verb }: ResourceRow): Promise<number> {
  return tx.run(
    "UPDATE resources SET alarm_at = NULL, alarm_verb = NULL WHERE id = ? AND alarm_at = ? AND alarm_verb = ?",
    [id, alarm_at, alarm_verb],
  );
}
