import { randomBytes } from "node:crypto";
import type { HostConfig } from "dockerode";
import type { NotebookThings } from "../port.ts";
import { answersHttp } from "./answers.ts";
import { bucketFolder } from "./buckets.ts";
import type { Container } from "./engine.ts";
import type { Call, Thing, Things, Yard } from "./host.ts";
import { labelOf, nameOf } from "./labels.ts";
import { freePort, LOOPBACK, type Place, placeLabels, placeOf, publish } from "./ports.ts";
import { findServer, removeServer, runServer } from "./servers.ts";
import { lookAtServer } from "./standing.ts";
import { volumeThing } from "./volume.ts";

type Spec = NotebookThings["container"]["spec"];
type Facts = NotebookThings["container"]["facts"];

/** The port of a Jupyter server inside its container, where that has a network of its own. */
const INSIDE = 8888;
const TOKEN = "JUPYTER_TOKEN";

const baseUrl = (ref: string) => `/notebooks/${ref}/`;
const rootOf = (ref: string, { address, port }: Place) => `http://${address}:${port}${baseUrl(ref)}`;

/** The token is made once, and read back from where the engine keeps it. */
const tokenOf = ({ Config }: Container): string =>
  Config.Env.find((one) => one.startsWith(`${TOKEN}=`))?.slice(TOKEN.length + 1) ?? "";

function factsOf(found: Container): Facts {
  const ref = labelOf(found.Config.Labels, "ref") ?? "";
  const token = tokenOf(found);
  return { url: `${rootOf(ref, placeOf(found.Config.Labels))}?token=${token}`, token };
}

/** The notebook's own files: the volume that dies with it, or a folder of object storage that stays. */
function storageOf({ settings }: Yard, { stamp }: Call, { volume, mount }: Spec): HostConfig {
  const target = settings.notebook.folder;
  if (volume !== null)
    return { Mounts: [{ Type: "volume", Source: nameOf(settings.mark, volume), Target: target } as const] };
  if (mount === null) return {};
  const source = bucketFolder(settings.buckets, stamp.tenant, mount);
  return { Mounts: [{ Type: "bind", Source: source, Target: target } as const] };
}

function commandOf({ settings }: Yard, ref: string, listen: Place): string[] {
  const { command, folder } = settings.notebook;
  return [
    ...command,
    "--no-browser",
    "--allow-root",
    `--ServerApp.ip=${listen.address}`,
    `--ServerApp.port=${listen.port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.base_url=${baseUrl(ref)}`,
    `--ServerApp.root_dir=${folder}`,
  ];
}

function containerThing(yard: Yard): Thing<Spec, Facts> {
  return {
    async make(call, spec) {
      const there = await findServer(yard, call.ref);
      const place = there ? placeOf(there.Config.Labels) : { address: LOOPBACK, port: await freePort(yard) };
      const { listen, exposed, host } = publish(yard, place, INSIDE);
      await runServer(yard, call, {
        image: yard.settings.images.notebook,
        flavor: spec.flavor,
        labels: placeLabels(place),
        options: {
          Env: [`${TOKEN}=${randomBytes(24).toString("hex")}`],
          Cmd: commandOf(yard, call.ref, listen),
          ExposedPorts: exposed,
          HostConfig: { ...host, ...storageOf(yard, call, spec) },
        },
      });
    },
    unmake: ({ ref }) => removeServer(yard, ref),
    async look(ref) {
      const answers = (one: Container) => answersHttp(`${rootOf(ref, placeOf(one.Config.Labels))}api`);
      return lookAtServer(yard, await findServer(yard, ref), answers, factsOf);
    },
  };
}

/** A Jupyter server in a container of its own, and its volume. */
export const notebookThings = (yard: Yard): Things<NotebookThings> => ({
  volume: volumeThing<NotebookThings["volume"]["spec"]>(yard, ({ sizeGb }) => ({ size_gb: String(sizeGb) })),
  container: containerThing(yard),
});
