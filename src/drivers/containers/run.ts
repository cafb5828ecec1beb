import type { InferenceThings, Look } from "../port.ts";
import type { Container } from "./engine.ts";
import type { Thing, Yard } from "./host.ts";
import { findServer, removeServer, runServer } from "./servers.ts";
import { standing } from "./standing.ts";

type Spec = InferenceThings["run"]["spec"];
type Facts = InferenceThings["run"]["facts"];

/** Created it stands ready, started it works, and how its program ended is how the run has. */
function lookAtRun(found: Container | undefined): Look<Facts> {
  switch (found?.State.Status) {
    case "created":
      return { is: "ready", facts: { ended: null } };
    case "running":
      return { is: "changing", again: 500, endsBy: "its program ends" };
    case "exited":
      return { is: "ready", facts: { ended: found.State.ExitCode === 0 ? "succeeded" : "failed" } };
    default:
      return standing(found) ?? { is: "changing", again: 500 };
  }
}

/** A container that runs to its end. Its entry is the caller's own command line, read by a shell inside the container. */
export function runThing(yard: Yard): Thing<Spec, Facts> {
  return {
    async make(call, { flavor, entry }) {
      const HostConfig = { RestartPolicy: { Name: "no" }, NetworkMode: yard.settings.network };
      const options = { Entrypoint: ["/bin/sh", "-c"], Cmd: [entry], HostConfig };
      await runServer(yard, call, { image: yard.settings.images.run, flavor, options }, false);
    },
    async change({ ref }, { going }) {
      const found = await findServer(yard, ref);
      if (going && found?.State.Status === "created") await yard.engine.start(found.Id);
    },
    unmake: ({ ref }) => removeServer(yard, ref),
    look: async (ref) => lookAtRun(await findServer(yard, ref)),
  };
}
