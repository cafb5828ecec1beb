import { destination, type Level, pino } from "pino";

/** Structured logging as Ebb uses it: the fields first, then what happened. pino fits it. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** JSON lines on stderr, so that stdout stays the commands' own. */
export const createLog = (level: Level | "silent"): Log =>
  pino({ level, errorKey: "error", base: null }, destination({ fd: 2, sync: false }));
