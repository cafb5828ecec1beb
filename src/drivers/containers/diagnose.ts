import type { Finding } from "../diagnosis.ts";
import { Engine } from "./engine.ts";
import { readSettings } from "./settings.ts";

/** Asks the engine what it is, for a network that containers can listen on, and for each image. Nothing is fetched. */
export async function diagnoseContainers(drivers: Readonly<Record<string, unknown>>): Promise<Finding[]> {
  // Where buckets and models stand says nothing of whether the engine works.
  const { socket, images, network } = readSettings(drivers.containers, "");
  const engine = new Engine(socket);
  const what = `engine at ${socket}`;
  try {
    const { version, networks } = await engine.about();
    const found: Finding[] = [{ what, works: true, says: version }];
    // The host's own is always there; Podman does not list it.
    if (network !== "host" && !networks.includes(network))
      found.push({
        what: `network ${network}`,
        works: false,
        says: `the engine has ${networks.join(", ")}`,
        todo: "set drivers.containers.network",
      });
    for (const [use, image] of Object.entries(images)) {
      const there = await engine.hasImage(image);
      found.push({
        what: `image for ${use}`,
        works: true,
        says: `${image}, ${there ? "there" : "fetched when needed"}`,
      });
    }
    return found;
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return [
      {
        what,
        works: false,
        says,
        todo: "install and start Docker or Podman (docker.io, podman on Debian), or set drivers.containers.socket",
      },
    ];
  }
}
