import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ACCOUNT, SYSTEM } from "./emulator.ts";

const run = promisify(execFile);
const MEDIA = `/redfish/v1/Systems/${SYSTEM}/VirtualMedia`;

/** A machine as DMTF's redfishtool sees it, past Ebb and past the proxy. */
export interface Seen {
  power: string;
  /** The disc in the drive; empty for none. */
  disc: string;
  boots: string;
}

interface Answer {
  PowerState: string;
  Boot: { BootSourceOverrideTarget: string };
  Image: string;
  Inserted: boolean;
  Members: { "@odata.id": string }[];
}

async function ask(url: string, ...asked: string[]): Promise<Answer> {
  const { host } = new URL(url);
  const account = ["-r", host, "-u", ACCOUNT.user, "-p", ACCOUNT.password, "-A", "Basic", "-S", "Never"];
  const { stdout } = await run("redfishtool", [...account, ...asked]);
  return JSON.parse(stdout) as Answer;
}

export async function witness(url: string): Promise<Seen> {
  const [system, drive] = await Promise.all([ask(url, "Systems", "-1", "get"), ask(url, "raw", "GET", `${MEDIA}/Cd`)]);
  return { power: system.PowerState, disc: drive.Image, boots: system.Boot.BootSourceOverrideTarget };
}

/** What is in any of the machine's virtual drives. */
export async function mediaSeen(url: string): Promise<string[]> {
  const { Members } = await ask(url, "raw", "GET", MEDIA);
  const drives = await Promise.all(Members.map((one) => ask(url, "raw", "GET", one["@odata.id"])));
  return drives.filter(({ Inserted }) => Inserted).map(({ Image }) => Image);
}
