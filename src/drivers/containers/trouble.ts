import { Refusal } from "../port.ts";

/** What dockerode throws: the engine's own status, or what the socket said. */
interface Thrown {
  statusCode?: number;
  code?: string;
  json?: { message?: string } | null;
  message?: string;
}

const BAD_PARAMETER = 400;

export const statusOf = (error: unknown): number | undefined => (error as Thrown).statusCode;

/** What the engine said, without the client's own words around it. */
export const wordsOf = (error: unknown): string => {
  const { json, message } = error as Thrown;
  return json?.message ?? message ?? String(error);
};

/** The engine's trouble in Ebb's words. What may pass is an Error; what a repeated call meets again is a Refusal. */
export function troubleOf(error: unknown, socket: string): Error {
  if (error instanceof Refusal) return error;
  const { statusCode, code } = error as Thrown;
  if (statusCode === undefined)
    return new Error(
      `the container engine does not answer at ${socket} (${code ?? wordsOf(error)}): start it, or set drivers.containers.socket`,
    );
  if (statusCode === BAD_PARAMETER)
    return new Refusal(`the container engine cannot do this: ${wordsOf(error)}`, {
      owner: "whoever runs Ebb",
      hint: "change drivers.containers in ebb.yaml (limits, images, network), then ask again",
      forGood: true,
    });
  return new Error(`the container engine answered ${statusCode}: ${wordsOf(error)}`);
}

export const notOurs = (what: string, name: string): Refusal =>
  new Refusal(`a ${what} ${name} is there that Ebb did not make`, {
    owner: "whoever made it",
    hint: `rename or remove the ${what} ${name}, or set drivers.containers.mark to another word`,
  });
