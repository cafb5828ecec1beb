import { connect } from "node:net";
import { Refusal } from "../port.ts";
import { TurnedAway } from "./bmc.ts";
import { type Machine, marked, markOf } from "./machine.ts";
import type { Note } from "./notes.ts";
import type { RedfishSettings } from "./settings.ts";

/** Where a stage works. It may write into the note whatever the next call has to know. */
export interface Site {
  ref: string;
  machine: Machine;
  note: Note;
  /** Virtual ms. */
  now: number;
  settings: RedfishSettings;
  /** What the machine's power is meant to be when nothing is done to it. */
  meant: "on" | "off";
}

/** Looks at what is, asks for what is missing, and answers whether it has come about. Safe to repeat. */
export type Stage = (site: Site) => Promise<boolean>;

/** A request without an effect is sent again after this long (virtual ms). */
const AGAIN_MS = 120_000;
const PROBE_MS = 3_000;

const isLate = (at: number | undefined, now: number, ms = AGAIN_MS) => at === undefined || now - at >= ms;

/** Remembers a request, and the task that it became, where it did. */
function sent({ note, now }: Site, task: string | undefined): void {
  note.sent = now;
  if (task !== undefined) note.task = task;
}

/** Asked to end, given its time, and then switched off. */
export const off: Stage = async (site) => {
  const { machine, note, now, settings } = site;
  if ((await machine.power()) === "Off") return true;
  // A system that cannot be asked to end has the same time, and is switched off after it.
  if (note.sent === undefined) sent(site, await machine.reset("GracefulShutdown").catch(turnedAway));
  else if (now - note.sent >= settings.graceMs && isLate(note.forced, now)) {
    await machine.reset("ForceOff");
    note.forced = now;
  }
  return false;
};

function turnedAway(error: unknown): undefined {
  if (!(error instanceof TurnedAway)) throw error;
}

export const on: Stage = async (site) => {
  const { machine, note, now } = site;
  if ((await machine.power()) === "On") return true;
  if (isLate(note.sent, now)) sent(site, await machine.reset("On"));
  return false;
};

/** A machine that was on for its owner is on again afterwards. */
export const asMeant: Stage = (site) => (site.meant === "on" ? on(site) : off(site));

/** The disc that `url` names is in the drive. Another of Ebb's makes room; a stranger's stays, and is named. */
export const inserted =
  (url: (site: Site) => string): Stage =>
  async (site) => {
    const { machine, note, now, ref } = site;
    const image = marked(url(site), ref);
    const disc = await machine.disc();
    if (disc.Inserted === true && disc.Image === image) return true;
    if (disc.Inserted === true && markOf(disc.Image) === null)
      throw new Refusal(`the virtual drive of server ${note.server} holds a disc that Ebb did not insert`, {
        owner: "an operator",
        hint: "eject it",
      });
    if (disc.Inserted === true) await machine.eject(disc);
    else if (isLate(note.sent, now)) sent(site, await machine.insert(disc, image));
    return false;
  };

/** No disc of this thing is in any drive. */
export const ejected: Stage = async (site) => {
  const mine = (await site.machine.media()).filter((one) => one.Inserted === true && markOf(one.Image) === site.ref);
  for (const medium of mine) sent(site, await site.machine.eject(medium));
  return mine.length === 0;
};

export const discNext: Stage = async ({ machine }) => {
  if (await machine.bootsFromDisc()) return true;
  await machine.bootFromDisc();
  return machine.bootsFromDisc();
};

export const bootsAsUsual: Stage = async ({ machine }) => {
  if (!(await machine.bootsFromDisc())) return true;
  await machine.bootAsUsual();
  return !(await machine.bootsFromDisc());
};

/** The installed system shows that it runs, in the way that the settings say. */
export const answers: Stage = async ({ machine, note, now, settings }) => {
  const { ready, readyWithinMs } = settings;
  const address = note.addresses?.[0] ?? "";
  const is =
    "url" in ready
      ? await answersAt(filled(ready.url, { address, hostname: note.hostname ?? "", server: note.server }))
      : "tcp" in ready
        ? await listens(address, ready.tcp)
        : now - note.since >= ready.after_s * 1_000 && (await machine.power()) === "On";
  if (!is && now - note.since >= readyWithinMs)
    throw new Refusal(`the system on server ${note.server} gave no sign of being ready in ${readyWithinMs / 1_000} s`, {
      owner: "an operator",
      hint: "look at the server's console, the image and drivers.redfish.ready; then delete the instance",
      forGood: true,
    });
  return is;
};

const filled = (text: string, values: Record<string, string>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

async function answersAt(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PROBE_MS) });
    await answer.body?.cancel();
    return answer.status < 400;
  } catch {
    return false;
  }
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ host, port, timeout: PROBE_MS });
    const end = (is: boolean) => () => {
      socket.destroy();
      answer(is);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
