import type { DatabaseThings } from "../port.ts";
import type { Thing, Yard } from "./host.ts";
import { isOurs, nameOf } from "./labels.ts";
import { volumeThing } from "./volume.ts";

type Spec = DatabaseThings["storage"]["spec"];

/**
 * What the nodes of a cluster share: an empty volume that stands for it (each node keeps its data in one of its own), and
 * on a bridge the network in which they find each other.
 */
export function storageThing(yard: Yard): Thing<Spec, object> {
  const { engine, settings } = yard;
  const volume = volumeThing<Spec>(yard, ({ sizeGb }) => ({ size_gb: String(sizeGb) }));
  const networkOf = async (ref: string) => {
    const found = await engine.network(nameOf(settings.mark, ref));
    return found && isOurs(found.Labels, settings.mark, ref) ? found : undefined;
  };
  return {
    async make(call, spec) {
      await volume.make(call, spec);
      if (settings.network === "bridge") await engine.createNetwork(call.name, call.labels(), settings.mark, call.ref);
    },
    async unmake(call) {
      if (await networkOf(call.ref)) await engine.removeNetwork(call.name);
      await volume.unmake(call);
    },
    async look(ref) {
      const [has, network] = [await volume.look(ref), await networkOf(ref)];
      const whole = has.is === "ready" && (network !== undefined || settings.network === "host");
      if (whole || (has.is === "absent" && !network)) return has;
      return {
        is: "broken",
        reason: `only a part of ${nameOf(settings.mark, ref)} is there`,
        owner: "an operator",
        hint: "delete the resource",
      };
    },
  };
}
