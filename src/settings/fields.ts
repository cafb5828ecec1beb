import { isIP } from "node:net";
import { LOCAL_REGION } from "./local-account.ts";

/** How fast simulated things happen: at once, in seconds, or in the time that the real cloud takes. */
export type Pace = "instant" | "fast" | "real";
export type LogLevel = "silent" | "fatal" | "error" | "warn" | "info" | "debug" | "trace";
/** At most `requests` from one tenant in any `perSeconds`. */
export interface Throttle {
  requests: number;
  perSeconds: number;
}

/** A setting that fits in one word, so that it can be a flag and a variable too. */
export interface Field<T> {
  readonly help: string;
  readonly allowed: string;
  readonly fallback: T;
  /** The value that a text stands for; undefined when it is not allowed. */
  readonly parse: (text: string) => T | undefined;
}

/** Every one-word setting by its name in `ebb.yaml`; the flag and the variable follow from the name. */
export const fields = {
  host: {
    help: "address to listen on",
    allowed: "an IP address or a host name",
    fallback: "127.0.0.1",
    parse: (text) => (isIP(text) > 0 || HOST_NAME.test(text) ? text : undefined),
  } satisfies Field<string>,
  port: wholeNumber("port to listen on; 0 takes any free one", 7080, 0, 65_535),
  data_dir: {
    help: "folder that holds Ebb's data",
    allowed: "a path",
    fallback: ".ebb",
    parse: (text) => (text.trim() === "" || text.includes("\0") ? undefined : text),
  } satisfies Field<string>,
  store: {
    help: "sqlite (a file in the data folder) or a PostgreSQL URL",
    allowed: "sqlite, or postgres://USER:PASSWORD@HOST:PORT/DATABASE",
    fallback: "sqlite",
    parse: (text) => (text === "sqlite" || isPostgresUrl(text) ? text : undefined),
  } satisfies Field<string>,
  pace: oneOf<Pace>("how fast simulated things happen", "real", ["instant", "fast", "real"]),
  region: {
    help: "id of the region that Ebb plays",
    allowed: "2 to 36 lower-case letters, digits and hyphens, beginning with a letter",
    fallback: LOCAL_REGION,
    parse: (text) => (/^[a-z][a-z0-9-]{1,35}$/.test(text) ? text : undefined),
  } satisfies Field<string>,
  request_timeout_ms: wholeNumber("deadline of one request, in milliseconds", 30_000, 1, 3_600_000),
  body_limit_bytes: wholeNumber("largest request body, in bytes", 1_048_576, 1_024, 67_108_864),
  throttle: {
    help: "most requests of one tenant, as REQUESTS/SECONDS, or off",
    allowed: "off, or REQUESTS/SECONDS with whole numbers from 1, such as 100/60",
    fallback: null,
    parse: parseThrottle,
  } satisfies Field<Throttle | null>,
  operator_token: {
    help: "token of Ebb's own API under /ebb/v1; off takes one that follows from the data folder's key",
    allowed: "off, or 20 to 200 letters, digits, dots, hyphens and underscores",
    fallback: null,
    parse: (text) => (text === "off" ? null : /^[\w.-]{20,200}$/.test(text) ? text : undefined),
  } satisfies Field<string | null>,
  retention_hours: wholeNumber("how long the record of a gone thing stays readable, in hours", 720, 1, 87_600),
  log_level: oneOf<LogLevel>("least grave log line that is written", "info", [
    "silent",
    "fatal",
    "error",
    "warn",
    "info",
    "debug",
    "trace",
  ]),
};

export type FieldName = keyof typeof fields;

/** `data_dir` as a flag: `--data-dir`. */
export const flagOf = (name: string): string => `--${name.replaceAll("_", "-")}`;
/** `data_dir` as the parsed flags call it: `dataDir`. */
export const flagKeyOf = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
/** `data_dir` as a variable: `EBB_DATA_DIR`. */
export const variableOf = (name: string): string => `EBB_${name.toUpperCase()}`;

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*$/i;

function wholeNumber(help: string, fallback: number, least: number, most: number): Field<number> {
  const parse = (text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
  return { help, fallback, parse, allowed: `a whole number from ${least} to ${most}` };
}

function oneOf<T extends string>(help: string, fallback: T, words: readonly T[]): Field<T> {
  return { help, fallback, allowed: words.join(", "), parse: (text) => words.find((word) => word === text) };
}

function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text) && new URL(text).pathname.length > 1;
}

function parseThrottle(text: string): Throttle | null | undefined {
  if (text === "off") return null;
  const match = /^([1-9]\d{0,5})\/([1-9]\d{0,4})$/.exec(text);
  return match === null ? undefined : { requests: Number(match[1]), perSeconds: Number(match[2]) };
}
