import { Refusal } from "../port.ts";

/** What dockerode throws: the engine's own status, or what the socket said. */
interface Thrown {
  statusCode?: number;
  code?: string;
  json?: { message?: string } | null;
  message?: string;
}

const BAD_PARAMETER = 400;
/** How the kernel's ENOSPC and EDQUOT are told by the engines, and by the servers in the containers (the last is InnoDB's). */
const FULL = /no space left on device|disk quota exceeded|out of disk space/i;

export const statusOf = (error: unknown): number | undefined => (error as Thrown).statusCode;

/** What the engine said, without the client's own words around it. */
export const wordsOf = (error: unknown): string => {
  const { json, message } = error as Thrown;
  return json?.message ?? message ?? String(error);
};

/** The last line that tells of a full disk, if one does. */
export const fullLine = (said: string): string | undefined =>
  said
    .split("\n")
    .findLast((line) => FULL.test(line))
    // The engine puts the length of a line, and colours may stand, before its text.
    ?.replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim();

/** The engine's trouble in Ebb's words. What may pass is an Error; what a repeated call meets again is a Refusal. */
export function troubleOf(error: unknown, socket: string): Error {
  if (error instanceof Refusal) return error;
  const { statusCode, code } = error as Thrown;
  if (statusCode === undefined)
    return new Error(
      `the container engine does not answer at ${socket} (${code ?? wordsOf(error)}): start it, or set drivers.containers.socket`,
    );
  const full = fullLine(wordsOf(error));
  if (full !== undefined) return fullDisk(full);
  if (statusCode === BAD_PARAMETER)
    return new Refusal(`the container engine cannot do this: ${wordsOf(error)}`, {
      owner: "whoever runs Ebb",
      hint: "change drivers.containers in ebb.yaml (limits, images, network), then ask again",
      forGood: true,
    });
  return new Error(`the container engine answered ${statusCode}: ${wordsOf(error)}`);
}

export const fullDisk = (line: string): Refusal =>
  new Refusal(`the disk of the container engine is full: ${line}`, {
    owner: "whoever runs Ebb",
    hint: "make room on it: docker system df shows what takes it",
  });

export const notOurs = (what: string, name: string): Refusal =>
  new Refusal(`a ${what} ${name} is there that Ebb did not make`, {
    owner: "whoever made it",
    hint: `rename or remove the ${what} ${name}, or set drivers.containers.mark to another word`,
  });
