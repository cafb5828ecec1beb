import type { HostConfig } from "dockerode";
import type { Look } from "../port.ts";
import type { Container, NewContainer } from "./engine.ts";
import type { Call, Yard } from "./host.ts";
import { isOurs, nameOf } from "./labels.ts";
import { limitsOf } from "./settings.ts";

/** When the world is worth another look (ms). */
const AGAIN_MS = 500;
/** A server that has ended this often will not come up. */
const ENDS_MOST = 5;

/** What a server container is made of, beside what they all have. */
export interface Server {
  image: string;
  flavor: string;
  options: Omit<NewContainer, "name" | "Image" | "Labels" | "HostConfig"> & { HostConfig: HostConfig };
  labels?: Record<string, string>;
}

const hardLimits = (yard: Yard, flavor: string): HostConfig => {
  const { cpus, memory_mb } = limitsOf(yard.settings, flavor);
  return { NanoCpus: Math.round(cpus * 1e9), Memory: memory_mb * 2 ** 20 };
};

/** Creates and starts a container. One that cannot be started is taken away, so that the next try may choose anew. */
export async function runServer(
  yard: Yard,
  call: Call,
  { image, flavor, options, labels }: Server,
  start = true,
): Promise<void> {
  const { engine, settings } = yard;
  const config = { RestartPolicy: { Name: "unless-stopped" }, ...hardLimits(yard, flavor), ...options.HostConfig };
  const made = await engine.createContainer(
    { ...options, name: call.name, Image: image, Labels: call.labels(labels), HostConfig: config },
    settings.mark,
    call.ref,
  );
  if (!start) return;
  try {
    await call.pass();
    await engine.start(made.Id);
  } catch (error) {
    if (made.State.Status === "created") await engine.removeContainer(made.Id);
    throw error;
  }
}

/** The container of the ref, if there is one and it is Ebb's. */
export async function findServer({ engine, settings }: Yard, ref: string): Promise<Container | undefined> {
  const found = await engine.container(nameOf(settings.mark, ref));
  return found && isOurs(found.Config.Labels, settings.mark, ref) ? found : undefined;
}

/** Stops and removes it, by its id: a call that comes late finds no younger container of the same name. */
export async function removeServer(yard: Yard, ref: string): Promise<void> {
  const found = await findServer(yard, ref);
  if (!found) return;
  if (found.State.Running || found.State.Restarting) await yard.engine.stop(found.Id, yard.settings.stop_seconds);
  await yard.engine.removeContainer(found.Id);
}

const broken = (name: string, reason: string): Look<never> => ({
  is: "broken",
  reason,
  owner: "an operator",
  hint: `docker logs ${name} says why; then delete the resource and create it again`,
});

/** What a server's container says by itself; undefined when only the server can say more. */
export function standing(found: Container | undefined): Look<never> | undefined {
  if (!found) return { is: "absent" };
  const { Status, ExitCode } = found.State;
  const name = found.Name.replace(/^\//, "");
  switch (Status) {
    case "removing":
      return { is: "unmaking", again: AGAIN_MS };
    case "created":
      return { is: "making", again: AGAIN_MS };
    case "running":
    case "restarting":
      return found.RestartCount >= ENDS_MOST
        ? broken(name, `${name} has ended ${found.RestartCount} times, last with ${ExitCode}`)
        : undefined;
    default:
      return broken(name, `${name} is ${Status} (it ended with ${ExitCode})`);
  }
}

/** A server is there when it answers as one, not when its process exists. */
export async function lookAtServer<Facts>(
  { settings }: Yard,
  found: Container | undefined,
  answers: (container: Container) => Promise<boolean>,
  facts: (container: Container) => Facts,
): Promise<Look<Facts>> {
  const stands = standing(found);
  if (stands || !found) return stands ?? { is: "absent" };
  if (found.State.Running && (await answers(found))) return { is: "ready", facts: facts(found) };
  const since = Date.now() - Date.parse(found.State.StartedAt);
  if (since <= settings.start_seconds * 1_000) return { is: "making", again: AGAIN_MS };
  const name = found.Name.replace(/^\//, "");
  return broken(name, `${name} has not answered within ${settings.start_seconds} s of its start`);
}
