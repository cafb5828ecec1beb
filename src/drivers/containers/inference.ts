import type { InferenceThings } from "../port.ts";
import type { Things, Yard } from "./host.ts";
import { replicasThing } from "./replicas.ts";
import { runThing } from "./run.ts";
import { volumeThing } from "./volume.ts";

/** Models and runs in containers. Compute that is set aside is a record only: an empty volume that stands for it. */
export const inferenceThings = (yard: Yard): Things<InferenceThings> => ({
  reservation: volumeThing<InferenceThings["reservation"]["spec"]>(yard, ({ flavor }) => ({ flavor })),
  replicas: replicasThing(yard),
  run: runThing(yard),
});
