import type { Clock } from "../clock.ts";
import { countPoll, listPolled, type PollWatch } from "../drivers/simulated/polls.ts";
import { type DueThing, type Lifecycle, listRunning, noteLook } from "../lifecycle/index.ts";

/** How long, in real ms, an answer waits for what it names to come to rest. */
const PATIENCE_MS = 1_000;

/** What a service has answered to a client's GET. */
export interface Answered {
  /** Path and query, as received. */
  target: string;
  /** The project that it was asked for. */
  tenant: string;
  body: unknown;
}

/** The words of a request and its answer: ids are among them, whole. */
function wordsOf({ target, body }: Answered): ReadonlySet<string> {
  const isData = Array.isArray(body) || (body !== null && typeof body === "object" && isPlain(body));
  const text = isData ? JSON.stringify(body) : "";
  return new Set(`${target} ${text}`.split(/[^A-Za-z0-9_-]+/));
}

const isPlain = (body: object): boolean => Object.getPrototypeOf(body) === Object.prototype;

/**
 * Counts a client's GET as a poll of each resource that it, or its answer, names by its id or by its running job's. The
 * poll that ends something still shows it as it was, and the next one shows it ended: whatever follows from a request
 * or a poll is seen to before the answer goes out.
 */
export function pollCounter(desk: {
  lifecycle: Lifecycle;
  clock: Clock;
  polls: PollWatch;
}): (answered: Answered) => Promise<void> | undefined {
  return (answered) => (desk.polls.on ? count(desk, answered) : undefined);
}

async function count(
  { lifecycle, clock, polls }: Parameters<typeof pollCounter>[0],
  answered: Answered,
): Promise<void> {
  const { store, time, runner } = lifecycle;
  const words = wordsOf(answered);
  const names = (one: Pick<DueThing, "resourceId" | "jobId">) =>
    words.has(one.resourceId) || (one.jobId !== null && words.has(one.jobId));
  await time.settled(names, PATIENCE_MS);
  const waiting = await store.read(listPolled);
  if (waiting.length === 0) return polls.refresh();
  const running = await store.read((session) => listRunning(session, waiting));
  const asked = running.filter((op) => op.tenant === answered.tenant && names(op)).map((op) => op.resourceId);
  if (asked.length === 0) return;
  const over = await store.write("poll", async (tx) => {
    const ended = await countPoll(tx, asked, clock.now());
    await noteLook(tx, ended);
    return ended;
  });
  if (over.length === 0) return;
  runner.wake();
  await time.settled(names, PATIENCE_MS);
}
