import type { Static } from "typebox";
import type { Effects, Resource } from "../../lifecycle/index.ts";
import { DURATION_S } from "./choices.ts";
import { refused } from "./dialect.ts";
import type { NotebookFacts, NotebookSpec } from "./notebook.ts";
import type { AutoStop as Asked } from "./schemas.ts";

/** What a notebook's timer is set to. `duration` in seconds; absent while nobody has given one. */
export interface AutoStop {
  enable: boolean;
  duration?: number;
  prompt: boolean;
}

/** A request's timer over the one so far, whose duration is kept. */
export function autoStopOf(asked: Static<typeof Asked> = {}, before?: AutoStop): AutoStop {
  const { enable = false, duration, prompt = true } = asked;
  if (enable && duration === undefined) throw refused("6348");
  const { least, most } = DURATION_S;
  if (duration !== undefined && (duration < least || duration > most)) throw refused("6349", `${least} to ${most} s`);
  const kept = duration ?? before?.duration;
  return { enable, ...(kept === undefined ? {} : { duration: kept }), prompt };
}

const secondsOf = ({ enable, duration }: AutoStop): number | null => (enable ? (duration ?? null) : null);

/** Seconds after which the present run stops by itself, or null: as set when it began, whatever has been set since. */
function secondsOfRun({ spec, facts }: Resource): number | null {
  const { run, timer } = facts as NotebookFacts;
  return timer && timer.run === run?.id ? timer.seconds : secondsOf((spec as unknown as NotebookSpec).auto_stop);
}

/** When the present run stops by itself (ms since the epoch), or null. */
export function stopsAt(notebook: Resource): number | null {
  const { run } = notebook.facts as NotebookFacts;
  const seconds = secondsOfRun(notebook);
  return run && seconds !== null ? run.since + seconds * 1000 : null;
}

/** Facts that keep the present run's timer as it is while `spec.auto_stop` changes. */
export function keepTimer(notebook: Resource): NotebookFacts {
  const { run } = notebook.facts as NotebookFacts;
  return run ? { timer: { run: run.id, seconds: secondsOfRun(notebook) } } : {};
}

/** As a run begins: the timer counts from here. */
export async function setTimer(effects: Effects, notebook: Resource): Promise<void> {
  const at = stopsAt(notebook);
  if (at !== null) await effects.alarm(notebook, at, "stop");
}
