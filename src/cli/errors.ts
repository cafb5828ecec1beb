import { isRecord } from "../settings/file.ts";

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A command could not do its work, for a reason that the message states whole: exit code 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** What a person should read about an error that ended a command: one line, no stack. */
export function explain(error: unknown): string {
  const message = messageOf(error).replaceAll(/\s*\n\s*/g, " ");
  const { code, port, address } = isRecord(error) ? error : {};
  const at = `port ${String(port)} on ${String(address)}`;
  switch (code) {
    case "EADDRINUSE":
      return `${at} is in use: stop what listens there, or choose another with --port (0 takes any free one)`;
    case "EACCES":
      return port === undefined ? message : `${at} needs more rights: choose one from 1024 with --port`;
    case "EADDRNOTAVAIL":
      return `${String(address)} is no address of this machine: choose another with --host`;
    default:
      return message;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A connection refused on each of a name's addresses has no message of its own.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error.message === "" ? error.name : error.message;
}
