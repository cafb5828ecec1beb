import type { DatabaseThings } from "../port.ts";
import { ownPlace } from "./addresses.ts";
import { greets } from "./answers.ts";
import { membersOf, networkOf, serverIdOf } from "./cluster.ts";
import type { Container } from "./engine.ts";
import type { Call, Thing, Yard } from "./host.ts";
import { isOurs, labelOf, nameOf } from "./labels.ts";
import { DATA, DATABASE_PORT, isGreeting, nodeCommand } from "./mariadb.ts";
import { type Place, placeLabels, placeOf, publish } from "./ports.ts";
import { replicates } from "./replication.ts";
import { findServer, removeServer, runServer } from "./servers.ts";
import { lookAtServer } from "./standing.ts";

type Spec = DatabaseThings["node"]["spec"];
type Facts = DatabaseThings["node"]["facts"];

async function primaryOf(yard: Yard, cluster: string): Promise<Place> {
  const primary = (await membersOf(yard, cluster)).find((one) => one.role === "master");
  if (!primary) throw new Error(`${cluster} has no primary yet to copy from`);
  return primary.inside;
}

async function makeNode(yard: Yard, call: Call, spec: Spec): Promise<void> {
  const { engine, settings } = yard;
  const { cluster, role } = spec;
  const there = await findServer(yard, call.ref);
  const primary = role === "slave" ? await primaryOf(yard, cluster) : null;
  const place = there ? placeOf(there.Config.Labels) : await ownPlace(yard, call.ref, spec.port);
  const { listen, exposed, host } = publish(yard, place, DATABASE_PORT);
  const network = networkOf(yard, cluster);
  await engine.createVolume(call.name, call.labels({ cluster }), settings.mark, call.ref);
  const server = { role, serverId: serverIdOf(call.ref), listen, primary };
  await runServer(yard, call, {
    image: settings.images.database,
    flavor: spec.flavor,
    labels: { ...placeLabels(place), cluster, role },
    options: {
      ...nodeCommand(server, settings.database),
      ExposedPorts: exposed,
      HostConfig: {
        ...(network ? { NetworkMode: network } : {}),
        ...host,
        Mounts: [{ Type: "volume", Source: call.name, Target: DATA }],
      },
    },
  });
}

/** A replica is there when it copies, not only when it takes clients. */
async function isUp(yard: Yard, found: Container): Promise<boolean> {
  const { address, port } = placeOf(found.Config.Labels);
  if (!(await greets(address, port, isGreeting))) return false;
  return labelOf(found.Config.Labels, "role") === "master" || replicates(yard, found.Id);
}

const factsOf = ({ Config }: Container): Facts => ({ address: placeOf(Config.Labels).address });

/** A server of a cluster, with a volume of its own: gone when both are. */
export function nodeThing(yard: Yard): Thing<Spec, Facts> {
  const { engine, settings } = yard;
  const volumeOf = async (ref: string) => {
    const found = await engine.volume(nameOf(settings.mark, ref));
    return found && isOurs(found.Labels, settings.mark, ref) ? found : undefined;
  };
  return {
    make: (call, spec) => makeNode(yard, call, spec),
    async unmake({ ref, name }) {
      await removeServer(yard, ref);
      if (await volumeOf(ref)) await engine.removeVolume(name);
    },
    async look(ref) {
      const found = await findServer(yard, ref);
      if (!found && (await volumeOf(ref)))
        return {
          is: "broken",
          reason: `the server ${nameOf(settings.mark, ref)} is gone and its data is still there`,
          owner: "an operator",
          hint: "delete the resource",
        };
      return lookAtServer(yard, found, (one) => isUp(yard, one), factsOf);
    },
  };
}
