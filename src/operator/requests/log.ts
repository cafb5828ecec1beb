import type { IncomingHttpHeaders } from "node:http";
import { HIDDEN, isSecret } from "./secret-names.ts";

/** Requests kept at most; the oldest go first. */
const KEPT_MOST = 1_000;
/** What is kept of them together, in characters. */
const CHARACTERS_MOST = 8 * 1024 * 1024;
/** A longer body is not kept, in characters: what cannot be looked through for secrets cannot be shown. */
const BODY_KEPT_MOST = 256 * 1024;
/** What a record takes beside its texts, roughly. */
const FRAME = 512;

/** A body as it came or went, or how many characters it had. */
export type Body = string | number | undefined;

/** One request and its answer, as the gateway saw them. Secret headers are gone; bodies lose their secrets when read. */
export interface Recorded {
  /** Counts from 1, over all requests of this process; 0 until it is kept. */
  number: number;
  requestId: string;
  /** Virtual time, ms since the epoch. */
  at: number;
  ms: number;
  method: string;
  /** Path and query as received. */
  target: string;
  /** The operation's path with `{name}` for its parameters. */
  route: string | undefined;
  headers: Readonly<Record<string, unknown>>;
  body: Body;
  service: string | undefined;
  operation: string | undefined;
  tenant: string;
  /** Undefined where the connection was reset in place of an answer. */
  status: number | undefined;
  answerHeaders: Readonly<Record<string, unknown>>;
  answerBody: Body;
  faults: readonly { id: string; answer: unknown }[];
}

/** The last requests of the cloud's wire in this process, for a test to see what a client really sent. */
export class RequestLog {
  /** A ring: the request of number n stands at n modulo its length. */
  readonly #ring: (Recorded | undefined)[] = Array.from({ length: KEPT_MOST });
  #oldest = 1;
  #newest = 0;
  #characters = 0;

  /** How many there have been. */
  get count(): number {
    return this.#newest;
  }

  /** Keeps it, under the number that comes next. What the ring has no room for is forgotten. */
  add(one: Recorded): void {
    one.number = ++this.#newest;
    if (this.#newest - this.#oldest >= KEPT_MOST) this.#forgetOldest();
    this.#ring[one.number % KEPT_MOST] = one;
    this.#characters += sizeOf(one);
    while (this.#characters > CHARACTERS_MOST) this.#forgetOldest();
  }

  /** Oldest first. */
  list(): Recorded[] {
    const kept = Array.from({ length: this.#newest - this.#oldest + 1 }, (_, index) => this.#oldest + index);
    return kept.flatMap((number) => this.#ring[number % KEPT_MOST] ?? []);
  }

  /** Forgets them all, and answers how many there were. */
  clear(): number {
    const kept = this.#newest - this.#oldest + 1;
    while (this.#oldest <= this.#newest) this.#forgetOldest();
    return kept;
  }

  #forgetOldest(): void {
    const at = this.#oldest++ % KEPT_MOST;
    const one = this.#ring[at];
    if (one) this.#characters -= sizeOf(one);
    this.#ring[at] = undefined;
  }
}

function sizeOf({ target, headers, body, answerHeaders, answerBody }: Recorded): number {
  return (
    FRAME + target.length + headersSize(headers) + bodySize(body) + headersSize(answerHeaders) + bodySize(answerBody)
  );
}

const bodySize = (body: Body): number => (typeof body === "string" ? body.length : 0);

function headersSize(headers: Readonly<Record<string, unknown>>): number {
  let size = 0;
  for (const name in headers) {
    const value = headers[name];
    size += name.length + (typeof value === "string" ? value.length : FRAME);
  }
  return size;
}

/** The headers without the values of those that hold a secret. */
export function publicHeaders(
  headers: IncomingHttpHeaders | Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const name in headers) shown[name] = isSecret(name) ? HIDDEN : headers[name];
  return shown;
}

/** What is kept of a body. */
export function bodyOf(text: string): Body {
  if (text === "") return undefined;
  return text.length <= BODY_KEPT_MOST ? text : text.length;
}
