import type { Look } from "../port.ts";
import type { Container, Engine } from "./engine.ts";
import type { Yard } from "./host.ts";
import { fullLine } from "./trouble.ts";

/** When the world is worth another look (ms). */
const AGAIN_MS = 500;
/** A server that has ended this often will not come up. */
const ENDS_MOST = 5;

type Broken = Extract<Look<never>, { is: "broken" }>;

const broken = (name: string, reason: string): Broken => ({
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
    // Podman's, between an end and what follows from it.
    case "stopped":
      return found.RestartCount >= ENDS_MOST
        ? broken(name, `${name} has ended ${found.RestartCount} times, last with ${ExitCode}`)
        : undefined;
    default:
      return broken(name, `${name} is ${Status} (it ended with ${ExitCode})`);
  }
}

/** A server is there when it answers as one, not when its process exists. */
export async function lookAtServer<Facts>(
  { engine, settings }: Yard,
  found: Container | undefined,
  answers: (container: Container) => Promise<boolean>,
  facts: (container: Container) => Facts,
): Promise<Look<Facts>> {
  if (!found) return { is: "absent" };
  const stands = standing(found);
  if (stands) return stands.is === "broken" ? orFull(engine, found, stands) : stands;
  if (found.State.Running && (await answers(found))) return { is: "ready", facts: facts(found) };
  const since = Date.now() - Date.parse(found.State.StartedAt);
  if (since <= settings.start_seconds * 1_000) return { is: "making", again: AGAIN_MS };
  const name = found.Name.replace(/^\//, "");
  const late = broken(name, `${name} has not answered within ${settings.start_seconds} s of its start`);
  return orFull(engine, found, late);
}

/** A server that had no room on its disk says so only in what it has printed. */
async function orFull(engine: Engine, found: Container, look: Broken): Promise<Broken> {
  const line = fullLine(await engine.lastWords(found.Id));
  if (line === undefined) return look;
  return {
    ...look,
    reason: `${look.reason}: its disk is full (${line})`,
    owner: "whoever runs Ebb",
    hint: "make room where the container engine keeps its volumes; then delete the resource and create it again",
  };
}
