import { Readable } from "node:stream";
import { type Event, type EventFilter, Horizon, listEvents } from "../lifecycle/index.ts";
import type { Log } from "../log.ts";
import type { Commits, Point, Store } from "../store/index.ts";
import { isoMillis } from "../wire/index.ts";

/** What a stream sends at a time, at most; it reads no more before its client has taken that. */
const BATCH = 100;
/** What is committed within so many real ms is sent together. */
const GATHER_MS = 20;
/** How long a closing server lets a client read its last batch. */
const CUT_MS = 250;
/** After these the numbers of events may begin anew. */
const REPLACING: ReadonlySet<Point> = new Set<Point>(["load", "reset"]);

export interface StreamSettings {
  /** Open at a time, at most. */
  most: number;
  /** Real ms of silence after which a stream says that it is still there. */
  heartbeatMs: number;
  /** The floor under the commits of this process: how late, in real ms, another's event is noticed. */
  pollMs: number;
}

export const STREAM_SETTINGS: StreamSettings = { most: 32, heartbeatMs: 15_000, pollMs: 1_000 };

export interface StreamHouse {
  store: Store;
  commits: Commits;
  log: Log;
}

/** An event as the operator sees it. */
export const eventView = (one: Event): object => ({
  seq: one.seq,
  at: isoMillis(one.at),
  type: one.type,
  tenant: one.tenant,
  resource_id: one.resourceId,
  operation_id: one.operationId,
  request_id: one.requestId,
  data: one.data,
});

const frame = (one: Event): string => `id: ${one.seq}\ndata: ${JSON.stringify(eventView(one))}\n\n`;
/** Tells the client where to go on, though it was sent no event. */
const place = (seq: number, comment: string): string => `: ${comment}\nid: ${seq}\n\n`;
/** The numbers begin anew: so does the client. */
const RESET = "event: reset\nid: 0\ndata: {}\n\n";

/** Events as they happen, as server-sent events. Each stream is at its own place, and never skips an event. */
export class EventStreams {
  readonly horizon: Horizon;
  readonly #house: StreamHouse;
  readonly #settings: StreamSettings;
  readonly #open = new Set<Readable>();
  /** Wakes the streams that have nothing to send. */
  readonly #resting = new Set<() => void>();
  readonly #unlisten: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** The timer is set for less than a poll. */
  #soon = false;
  #looking = false;
  /** Something was committed during the look. */
  #again = false;
  /** Up to where events can be sent. */
  #complete = 0;
  /** How often the numbers have begun anew. */
  #replaced = 0;
  #closed = false;

  constructor(house: StreamHouse, settings: StreamSettings = STREAM_SETTINGS) {
    this.#house = house;
    this.#settings = settings;
    this.horizon = new Horizon(house.store);
    this.#unlisten = house.commits.listen((points) => {
      if (points.some((point) => REPLACING.has(point))) this.#startAnew();
      this.#lookIn(GATHER_MS);
    });
  }

  get most(): number {
    return this.#settings.most;
  }

  /**
   * Opens a stream of what happens after the place `after`, or from now on without it. Undefined when too many are open,
   * or the server closes.
   */
  async open(filter: EventFilter, after: number | undefined): Promise<Readable | undefined> {
    const from = after ?? (await this.horizon.reach());
    if (this.#closed || this.#open.size >= this.#settings.most) return undefined;
    const gone = new AbortController();
    const stream = readFrom(this.#follow(filter, from, gone.signal), () => gone.abort());
    this.#open.add(stream);
    stream.once("error", (error) => this.#house.log.error({ error }, "an event stream failed"));
    stream.once("close", () => this.#open.delete(stream));
    this.#lookIn(0);
    return stream;
  }

  /** Ends every stream, as its client is told by the end of the answer; one whose client does not read is cut off. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unlisten();
    clearTimeout(this.#timer);
    this.#wakeAll();
    const closing = [...this.#open].map((one) => new Promise((resolve) => one.once("close", resolve)));
    const cut = setTimeout(() => this.#open.forEach((one) => one.destroy()), CUT_MS);
    await Promise.all(closing);
    clearTimeout(cut);
  }

  #startAnew(): void {
    this.#replaced++;
    this.#complete = 0;
    this.horizon.startAnew();
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#resting) wake();
  }

  /** One look for all streams: however often something is committed, it costs one read in so many ms. */
  #lookIn(ms: number): void {
    if (this.#closed || this.#open.size === 0) return;
    if (this.#looking) this.#again = true;
    if (this.#looking || this.#soon) return;
    clearTimeout(this.#timer);
    this.#soon = ms < this.#settings.pollMs;
    this.#timer = setTimeout(() => void this.#look(), ms).unref();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#soon = false;
    this.#again = false;
    try {
      this.#complete = Math.max(this.#complete, await this.horizon.look());
      this.#wakeAll();
    } catch (error) {
      this.#house.log.error({ error }, "looking for events failed; tried again at the next poll");
    }
    this.#looking = false;
    this.#lookIn(this.#again || this.horizon.isBehind ? GATHER_MS : this.#settings.pollMs);
  }

  async *#follow(filter: EventFilter, from: number, gone: AbortSignal): AsyncGenerator<string> {
    const replaced = this.#replaced;
    let at = from;
    let spoken = performance.now();
    yield place(at, "events of this Ebb");
    while (!gone.aborted && !this.#closed) {
      if (replaced !== this.#replaced) return yield RESET;
      const complete = this.#complete;
      const found = await this.#read(filter, at, complete);
      const silence = spoken + this.#settings.heartbeatMs - performance.now();
      at = found.length < BATCH ? Math.max(at, complete) : (found.at(-1)?.seq ?? at);
      if (found.length > 0) yield found.map(frame).join("");
      else if (silence <= 0) yield place(at, "still here");
      else await this.#rest(at, gone, silence);
      if (found.length > 0 || silence <= 0) spoken = performance.now();
    }
  }

  #read(filter: EventFilter, after: number, upTo: number): Promise<Event[]> {
    if (upTo <= after) return Promise.resolve([]);
    return this.#house.store.read((session) => listEvents(session, filter, { after, upTo, limit: BATCH }));
  }

  /** Waits until there is something past `at`, the client goes, the server closes, or so many real ms are over. */
  async #rest(at: number, gone: AbortSignal, ms: number): Promise<void> {
    if (this.#complete > at || gone.aborted || this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const timer = setTimeout(wake, ms).unref();
    this.#resting.add(wake);
    gone.addEventListener("abort", wake);
    await promise;
    gone.removeEventListener("abort", wake);
    this.#resting.delete(wake);
    clearTimeout(timer);
  }
}

/** The texts as a stream of bytes, read at the client's own pace. `over` is called at its end, while a text may be waited for. */
function readFrom(texts: AsyncGenerator<string>, over: () => void): Readable {
  const stream: Readable = new Readable({
    read: () =>
      void texts.next().then(
        ({ done, value }) => stream.push(done === true ? null : value),
        (error: Error) => stream.destroy(error),
      ),
    destroy: (error, done) => {
      over();
      done(error);
    },
  });
  return stream;
}
