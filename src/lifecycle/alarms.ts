import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { ResourceRow, Store } from "../store/index.ts";
import type { Accepting, Caller } from "./accept.ts";
import { NotAccepted } from "./errors.ts";
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
    const { id, kind, tenant, createdBy: userId } = toResource(row);
    const caller: Caller = { tenant, userId, requestId: "alarm" };
    try {
      await accept(caller, async (accepting) => {
        const resource = await accepting.get(kind, id);
        const silenced = await accepting.tx.run(
          "UPDATE resources SET alarm_at = NULL, alarm_verb = NULL WHERE id = ? AND alarm_at = ?",
          [id, row.alarm_at],
        );
        if (silenced > 0 && row.alarm_verb) await accepting.submit(row.alarm_verb, resource);
      });
    } catch (error) {
      if (!(error instanceof NotAccepted)) throw error;
      log.warn({ resource_id: id, verb: row.alarm_verb, reason: error.message }, "an alarm's verb was not accepted");
      await store.write("silence", (tx) =>
        tx.run("UPDATE resources SET alarm_at = NULL, alarm_verb = NULL WHERE id = ?", [id]),
      );
    }
  }
}
