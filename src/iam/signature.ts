import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { formatAuthorization, type ParsedSignature } from "./authorization.ts";
import { canonicalRequest, headerValue, readings, type SignedRequest, sha256 } from "./canonical.ts";

/** `detail` is safe to show and to log: it holds no secret and is at most 2 KB. */
export type SignatureVerdict =
  | { ok: true }
  | { ok: false; reason: "no-date" | "bad-date" | "skew" | "mismatch"; detail?: string };

/** Where a key derived for V11-HMAC-SHA256 is good for. */
export interface SignatureScope {
  region: string;
  service: string;
}

const DATE_HEADER = "x-sdk-date";
/** 15 minutes, in ms; a request exactly this old or this early still passes. */
const LARGEST_SKEW = 15 * 60 * 1000;
/** The gateway's limits for a URI and for all headers together, in octets. */
const LONGEST_TARGET = 32 * 1024;
const LONGEST_HEADERS = 128 * 1024;
const LONGEST_DETAIL = 2048;

const SECRET_LINE = /^(x-security-token|x-auth-token|x-subject-token|cookie):.*/;

/**
 * Checks the date, then the signature, of a request.
 * @param secret the secret of `parsed.accessKey`; an empty one never verifies.
 * @param nowMs the time that clients see, in ms since the epoch.
 */
export function verifySignature(
  request: SignedRequest,
  parsed: ParsedSignature,
  secret: string,
  nowMs: number,
): SignatureVerdict {
  const date = headerValue(request, DATE_HEADER);
  if (date === undefined) return { ok: false, reason: "no-date", detail: `${DATE_HEADER} is missing` };
  if (!parsed.signedHeaders.includes(DATE_HEADER)) {
    return { ok: false, reason: "no-date", detail: `${DATE_HEADER} is not in SignedHeaders` };
  }
  const signedAt = parseSdkDate(date);
  if (signedAt === undefined)
    return { ok: false, reason: "bad-date", detail: `${DATE_HEADER} is not YYYYMMDDTHHMMSSZ` };
  if (parsed.info !== undefined && !parsed.info.startsWith(`${date.slice(0, 8)}/`)) {
    return { ok: false, reason: "bad-date", detail: `Credential is not of the day of ${DATE_HEADER}` };
  }
  if (!(Math.abs(nowMs - signedAt) <= LARGEST_SKEW)) {
    return { ok: false, reason: "skew", detail: `signature time:${date},server time:${formatSdkDate(nowMs)}` };
  }
  return compareSignature(request, parsed, secret, date);
}

function compareSignature(
  request: SignedRequest,
  parsed: ParsedSignature,
  secret: string,
  date: string,
): SignatureVerdict {
  const names = parsed.signedHeaders;
  const unfit = secret === "" ? "the access key has no secret" : whyNotHashed(request, names);
  if (unfit !== undefined) return { ok: false, reason: "mismatch", detail: unfit };
  const key = signingKey(parsed, secret);
  const candidates = readings(request).map((reading) => canonicalRequest(request, names, reading));
  const given = Buffer.from(parsed.signature, "hex");
  for (const candidate of candidates) {
    const expected = signText(parsed, key, date, candidate);
    if (expected.length === given.length && timingSafeEqual(expected, given)) return { ok: true };
  }
  return { ok: false, reason: "mismatch", detail: echo(candidates[0] ?? "") };
}

/**
 * Signs a request with all its headers but Authorization, and returns the value of the Authorization header.
 * @param date `YYYYMMDDTHHMMSSZ`; the caller must send it as X-Sdk-Date. Throws RangeError if it is not of this form.
 * @param scope derives the key (V11-HMAC-SHA256) for this region and service.
 */
export function sign(
  request: SignedRequest,
  accessKey: string,
  secret: string,
  date: string,
  scope?: SignatureScope,
): string {
  if (parseSdkDate(date) === undefined) throw new RangeError(`not a date of the form YYYYMMDDTHHMMSSZ: ${date}`);
  const given = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers: SignedRequest["headers"] = Object.fromEntries([
    ...given,
    ["authorization", undefined],
    [DATE_HEADER, date],
  ]);
  const signedHeaders = Object.keys(headers).filter((name) => headers[name] !== undefined);
  signedHeaders.sort();
  const scheme = scope
    ? ({ algorithm: "V11-HMAC-SHA256", info: `${date.slice(0, 8)}/${scope.region}/${scope.service}` } as const)
    : ({ algorithm: "SDK-HMAC-SHA256" } as const);
  const unsigned = { ...scheme, accessKey, signedHeaders, signature: "" };
  const [documented] = readings({ ...request, headers });
  const canonical = canonicalRequest({ ...request, headers }, signedHeaders, documented);
  const signature = signText(unsigned, signingKey(unsigned, secret), date, canonical).toString("hex");
  return formatAuthorization({ ...unsigned, signature });
}

/** `YYYYMMDDTHHMMSSZ`, UTC; the milliseconds are dropped. */
export function formatSdkDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** Milliseconds since the epoch; undefined if the text is not a real date and time of this form. */
function parseSdkDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date.parse takes the 31st of a short month, and hour 24, for the day after.
  return !Number.isNaN(ms) && formatSdkDate(ms) === text ? ms : undefined;
}

function whyNotHashed(request: SignedRequest, names: readonly string[]): string | undefined {
  if (request.target.length > LONGEST_TARGET) return `the URI is longer than ${LONGEST_TARGET} octets`;
  let size = 0;
  for (const name of names) {
    const value = headerValue(request, name);
    if (value === undefined) return `the signed header ${name} is missing`;
    size += name.length + value.length;
  }
  return size > LONGEST_HEADERS ? `the signed headers are longer than ${LONGEST_HEADERS} octets` : undefined;
}

function signingKey({ info, accessKey }: { info?: string; accessKey: string }, secret: string): string {
  if (info === undefined) return secret;
  return Buffer.from(hkdfSync("sha256", secret, accessKey, info, 32)).toString("hex");
}

function signText(scheme: { algorithm: string; info?: string }, key: string, date: string, canonical: string): Buffer {
  const { algorithm, info } = scheme;
  const lines = [algorithm, date, ...(info === undefined ? [] : [info]), sha256(canonical)];
  return createHmac("sha256", key).update(lines.join("\n")).digest();
}

/** The canonical request as the gateway shows it to a client whose signature does not match. */
function echo(canonical: string): string {
  const lines = canonical.split("\n").map((line) => line.replace(SECRET_LINE, "$1:***"));
  return `canonicalRequest:${lines.join("|")}`.slice(0, LONGEST_DETAIL);
}
