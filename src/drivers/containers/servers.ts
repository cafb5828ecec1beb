import type { HostConfig } from "dockerode";
import type { Container, NewContainer } from "./engine.ts";
import type { Call, Yard } from "./host.ts";
import { isOurs, nameOf } from "./labels.ts";
import { limitsOf } from "./settings.ts";

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
  // Docker takes its own end of a container, after it was killed itself, for a stop that lasts: "unless-stopped" would stay.
  const config = { RestartPolicy: { Name: "always" }, ...hardLimits(yard, flavor), ...options.HostConfig };
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
  if (found) await endServer(yard, found.Id, found.State.Running || found.State.Restarting);
}

export async function endServer({ engine, settings }: Yard, id: string, runs: boolean): Promise<void> {
  if (runs) await engine.stop(id, settings.stop_seconds);
  await engine.removeContainer(id);
}
