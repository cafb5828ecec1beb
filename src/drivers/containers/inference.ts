import { mkdirSync } from "node:fs";
import type { InferenceThings } from "../port.ts";
import { answersHttp } from "./answers.ts";
import type { Container } from "./engine.ts";
import type { Thing, Things, Yard } from "./host.ts";
import { freePort, LOOPBACK, type Place, placeLabels, placeOf, publish } from "./ports.ts";
import { runThing } from "./run.ts";
import { findServer, lookAtServer, removeServer, runServer } from "./servers.ts";
import { volumeThing } from "./volume.ts";

type Spec = InferenceThings["replicas"]["spec"];
type Facts = InferenceThings["replicas"]["facts"];

/** Where the folder of models is, in the container; it is only read. */
const MODELS = "/models";

/** Puts what only the driver knows into the words of a command. */
export const filled = (command: readonly string[], { address, port }: Place, model: string): string[] =>
  command.map((word) =>
    word.replaceAll("{host}", address).replaceAll("{port}", String(port)).replaceAll("{model}", model),
  );

const urlOf = ({ address, port }: Place) => `http://${address}:${port}`;
const factsOf = ({ Config }: Container): Facts => ({ url: urlOf(placeOf(Config.Labels)) });

/** A server of a model in one container, whatever number was asked for: min and max bound nothing here. */
function replicasThing(yard: Yard): Thing<Spec, Facts> {
  const { settings } = yard;
  return {
    async make(call, { flavor, model }) {
      const there = await findServer(yard, call.ref);
      const place = there ? placeOf(there.Config.Labels) : { address: LOOPBACK, port: await freePort(yard) };
      const { listen, exposed, host } = publish(yard, place, settings.inference.port);
      mkdirSync(settings.models, { recursive: true });
      await runServer(yard, call, {
        image: settings.images.inference,
        flavor,
        labels: placeLabels(place),
        options: {
          Cmd: filled(settings.inference.command, listen, model),
          Env: [`MODEL=${model}`],
          ExposedPorts: exposed,
          HostConfig: {
            ...host,
            Mounts: [{ Type: "bind", Source: settings.models, Target: MODELS, ReadOnly: true }],
          },
        },
      });
    },
    /** Another number of replicas changes nothing: there is one. */
    change: async () => {},
    unmake: ({ ref }) => removeServer(yard, ref),
    async look(ref) {
      const { health } = settings.inference;
      const answers = (one: Container) => answersHttp(urlOf(placeOf(one.Config.Labels)) + health);
      return lookAtServer(yard, await findServer(yard, ref), answers, factsOf);
    },
  };
}

/** Models and runs in containers. Compute that is set aside is a record only: an empty volume that stands for it. */
export const inferenceThings = (yard: Yard): Things<InferenceThings> => ({
  reservation: volumeThing<InferenceThings["reservation"]["spec"]>(yard, ({ flavor }) => ({ flavor })),
  replicas: replicasThing(yard),
  run: runThing(yard),
});
