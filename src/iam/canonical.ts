import { createHash } from "node:crypto";

/** A request as it came over the wire, before anything was decoded. */
export interface SignedRequest {
  method: string;
  /** Raw `path?query`, percent-encoding as received. */
  target: string;
  /** Lower-case names, as node gives them; each value holds one character per octet. */
  headers: Record<string, string | string[] | undefined>;
  body: Uint8Array;
}

/** The parts of a canonical request on which clients differ. */
export interface Reading {
  uri: string;
  payload: string;
}

const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

const EMPTY_PAYLOAD = sha256(new Uint8Array());

/**
 * The six lines that a client signs, as text of one character per octet.
 * @param names the SignedHeaders, in the order of the Authorization header; an absent one counts as empty.
 */
export function canonicalRequest(request: SignedRequest, names: readonly string[], reading: Reading): string {
  const headers = names.map((name) => `${name}:${headerValue(request, name) ?? ""}\n`).join("");
  const query = canonicalQuery(splitTarget(request.target).query);
  return [request.method, reading.uri, query, headers, names.join(";"), reading.payload].join("\n");
}

/** The documented reading first, then those that match the quirks of official clients. At most four. */
export function readings(request: SignedRequest): [Reading, ...Reading[]] {
  const { path } = splitTarget(request.target);
  const documented = { uri: canonicalUri(decode(path)), payload: payloadLine(request) };
  const all: [Reading, ...Reading[]] = [documented];
  // The node SDK encodes a path that is already encoded once more, for the signature only.
  if (path.includes("%")) all.push({ ...documented, uri: canonicalUri(path) });
  // The python SDK signs the hash of an empty body even where its header says that the body is unsigned.
  if (documented.payload === UNSIGNED_PAYLOAD && request.body.length === 0) {
    all.push(...all.map((reading) => ({ ...reading, payload: EMPTY_PAYLOAD })));
  }
  return all;
}

/** The value of a header with blanks trimmed off both ends; undefined if it was not sent. Repeats are joined as node joins them. */
export function headerValue(request: SignedRequest, name: string): string | undefined {
  const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
  if (value === undefined) return undefined;
  return trimBlanks(octets(typeof value === "string" ? value : value.join(", ")));
}

/** Lower-case hex SHA-256. A string counts as octets, one a character. */
export function sha256(data: string | Uint8Array): string {
  const hash = createHash("sha256");
  return (typeof data === "string" ? hash.update(data, "latin1") : hash.update(data)).digest("hex");
}

/**
 * Of X-Sdk-Content-Sha256 only UNSIGNED-PAYLOAD is taken at its word. A digest is always computed: whoever changed the
 * body could otherwise send the digest that was signed along with it.
 */
function payloadLine(request: SignedRequest): string {
  return headerValue(request, "x-sdk-content-sha256") === UNSIGNED_PAYLOAD ? UNSIGNED_PAYLOAD : sha256(request.body);
}

function canonicalUri(path: string): string {
  const uri = path.split("/").map(encode).join("/");
  return uri.endsWith("/") ? uri : `${uri}/`;
}

/** `+` reads as a blank, as it does where services parse the query: both must see the same parameters. */
function canonicalQuery(query: string): string {
  const pairs = query.split("&").filter((pair) => pair !== "");
  const decoded = pairs.map((pair) => {
    const cut = pair.indexOf("=");
    const [name, value] = cut < 0 ? [pair, ""] : [pair.slice(0, cut), pair.slice(cut + 1)];
    return { name: decode(name.replaceAll("+", " ")), value: decode(value.replaceAll("+", " ")) };
  });
  decoded.sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value));
  return decoded.map(({ name, value }) => `${encode(name)}=${encode(value)}`).join("&");
}

function splitTarget(target: string): { path: string; query: string } {
  const raw = octets(target);
  const cut = raw.indexOf("?");
  return cut < 0 ? { path: raw, query: "" } : { path: raw.slice(0, cut), query: raw.slice(cut + 1) };
}

function decode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9\-._~]/g, (octet) => {
    return `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

/** Text from the wire already holds an octet a character; a wider character (from a caller in this process) becomes UTF-8. */
function octets(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** Not String.trim: that also takes octets such as 0xA0, which are part of the value. */
function trimBlanks(value: string): string {
  const blank = (at: number) => value[at] === " " || value[at] === "\t";
  let start = 0;
  let end = value.length;
  while (start < end && blank(start)) start++;
  while (end > start && blank(end - 1)) end--;
  return value.slice(start, end);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
