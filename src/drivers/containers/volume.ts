import type { Thing, Yard } from "./host.ts";
import { isOurs, nameOf } from "./labels.ts";

/** A named volume. Its size is a label only: the engine's local volumes have no bound. */
export function volumeThing<Spec extends object>(yard: Yard, more: (spec: Spec) => Record<string, string>) {
  const { engine, settings } = yard;
  return {
    async make(call, spec) {
      await engine.createVolume(call.name, call.labels(more(spec)), settings.mark, call.ref);
    },
    async unmake({ name, ref }) {
      const found = await engine.volume(name);
      if (found && isOurs(found.Labels, settings.mark, ref)) await engine.removeVolume(name);
    },
    async look(ref) {
      const found = await engine.volume(nameOf(settings.mark, ref));
      return found && isOurs(found.Labels, settings.mark, ref) ? { is: "ready", facts: {} } : { is: "absent" };
    },
  } satisfies Thing<Spec, object>;
}
