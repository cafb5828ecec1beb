import type { DatabaseThings } from "../port.ts";
import { greets } from "./answers.ts";
import { membersOf, networkOf } from "./cluster.ts";
import type { Container } from "./engine.ts";
import { DRAINING, proxyCommand } from "./haproxy.ts";
import type { Call, Thing, Yard } from "./host.ts";
import { nameOf } from "./labels.ts";
import { DATABASE_PORT, isGreeting } from "./mariadb.ts";
import { freePort, LOOPBACK, type Place, placeLabels, placeOf, publish } from "./ports.ts";
import { findServer, removeServer, runServer } from "./servers.ts";
import { lookAtServer } from "./standing.ts";

type Spec = DatabaseThings["proxy"]["spec"];
type Facts = DatabaseThings["proxy"]["facts"];

async function makeProxy(yard: Yard, call: Call, { cluster, weights, flavor, readonly }: Spec): Promise<void> {
  const { settings } = yard;
  const there = await findServer(yard, call.ref);
  const place = there ? placeOf(there.Config.Labels) : { address: LOOPBACK, port: await freePort(yard) };
  const members = await membersOf(yard, cluster);
  if (members.length === 0) throw new Error(`${cluster} has no node that a proxy could stand in front of`);
  const { listen, exposed, host } = publish(yard, place, DATABASE_PORT);
  const network = networkOf(yard, cluster);
  await runServer(yard, call, {
    image: settings.images.proxy,
    flavor,
    labels: { ...placeLabels(place), cluster },
    options: {
      ...proxyCommand({ listen, members, weights, readonly, drainSeconds: settings.drain_seconds }),
      ExposedPorts: exposed,
      // One that ends well has drained. What ends it otherwise must not look like that: images may say SIGUSR1.
      StopSignal: "SIGTERM",
      HostConfig: { RestartPolicy: { Name: "on-failure" }, ...(network ? { NetworkMode: network } : {}), ...host },
    },
  });
}

/** A soft stop: HAProxy shuts its door at once, and ends with its last connection or at its deadline. */
async function drain({ engine, settings }: Yard, ref: string): Promise<void> {
  const found = await findServer({ engine, settings }, ref);
  if (!found || !(found.State.Running || found.State.Restarting)) return;
  // The engine keeps the mark through a crash of Ebb's, and of its own.
  const { code, output } = await engine.execute(found.Id, ["touch", DRAINING], []);
  if (code !== 0) throw new Error(`${nameOf(settings.mark, ref)} could not be told to drain: ${output}`);
  await engine.signal(found.Id, "SIGUSR1");
}

const factsOf = ({ Config }: Container): Facts => placeOf(Config.Labels);
const answers = ({ address, port }: Place) => greets(address, port, isGreeting);

/** HAProxy in front of a cluster. It is there when a node greets through it, and drained when it has ended. */
export function proxyThing(yard: Yard): Thing<Spec, Facts> {
  return {
    make: (call, spec) => makeProxy(yard, call, spec),
    async change({ ref }, { draining }) {
      if (draining) await drain(yard, ref);
    },
    unmake: ({ ref }) => removeServer(yard, ref),
    async look(ref) {
      const found = await findServer(yard, ref);
      if (found && (await yard.engine.hasFile(found.Id, DRAINING))) {
        if (found.State.Running)
          return { is: "changing", again: 500, endsBy: "its last connection has ended, or is cut" };
        if (found.State.Status === "exited") return { is: "ready", facts: factsOf(found) };
      }
      return lookAtServer(yard, found, (one) => answers(placeOf(one.Config.Labels)), factsOf);
    },
  };
}
