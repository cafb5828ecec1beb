import { Refusal } from "../port.ts";
import type { Note, Notes, Way } from "./notes.ts";
import {
  answers,
  asMeant,
  bootsAsUsual,
  discNext,
  ejected,
  inserted,
  off,
  on,
  type Site,
  type Stage,
} from "./stages.ts";
import { taskAt } from "./tasks.ts";
import { erased, wipedByImage } from "./wipe.ts";

/** What is done to a machine, stage by stage. */
const WAYS: Record<Way, readonly Stage[]> = {
  on: [on],
  off: [off],
  // Both ends are seen: a restart that is over between two looks would not be.
  reboot: [off, on],
  install: [off, inserted(({ note }) => note.image ?? ""), discNext, on, answers],
  uninstall: [off, ejected, bootsAsUsual],
  withdraw: [ejected],
  "image-wipe": [
    off,
    inserted(({ settings }) => settings.wipe.image ?? ""),
    discNext,
    on,
    wipedByImage,
    ejected,
    bootsAsUsual,
    asMeant,
  ],
  // Drives are erased by a controller that has power.
  erase: [on, erased, asMeant],
};

const UNMAKES: readonly Way[] = ["uninstall", "withdraw", "image-wipe", "erase"];

export const unmakes = (way: Way): boolean => UNMAKES.includes(way);

/** Takes a thing as far along its way as it goes now. Whatever is learned is written down, also when a stage fails. */
export async function goOn(site: Site, notes: Notes): Promise<void> {
  const { ref, note, now } = site;
  const stages = WAYS[note.way];
  try {
    for (let stage = stages[note.stage]; stage !== undefined; stage = stages[note.stage]) {
      if (!(await taskIsOver(site)) || !(await stage(site))) return;
      next(note, now);
      await notes.write(ref, note);
    }
    note.phase = unmakes(note.way) ? "gone" : "there";
  } finally {
    await notes.write(ref, note);
  }
}

function next(note: Note, now: number): void {
  note.stage++;
  note.since = now;
  delete note.sent;
  delete note.forced;
  delete note.task;
}

/** A task that the BMC has forgotten is over, too: the stage looks at what has really come about. */
async function taskIsOver({ machine, note }: Site): Promise<boolean> {
  if (note.task === undefined) return true;
  const end = await taskAt(machine.bmc, note.task);
  if (end === "running") return false;
  delete note.task;
  if (end === "done") return true;
  // Whatever the request was, it is sent again if its effect is not there.
  delete note.sent;
  if (end === "forgotten") return true;
  throw new Refusal(`a task on server ${note.server} ended as ${end.failed}`, {
    owner: "the driver's machine",
    hint: "it is tried again by itself; look at the BMC's log if it goes on failing",
  });
}
