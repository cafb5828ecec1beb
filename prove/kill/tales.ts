import { FURNISH, type Made, STORIES, type Story } from "../../test/stories/index.ts";
import type { Script } from "./script.ts";

/** What is told while processes are killed: the stories of the services, and what only the operator can do. */
export type Tale = (script: Script, tag: string) => Promise<void>;

/** Everything of every service, taken down by one request. */
async function teardown(script: Script, tag: string): Promise<void> {
  const roots = await script.prepare(async () => {
    const ids: string[] = [];
    for (const furnish of Object.values(FURNISH)) ids.push((await furnish(script, tag)).id);
    return ids;
  });
  await script.tearDown(roots);
}

/** Each service's things deleted, every step of the deletes left undone, and what that leaves reclaimed. */
const skipped =
  (furnish: (script: Script, tag: string) => Promise<Made>): Tale =>
  async (script, tag) => {
    const { id } = await script.prepare(() => furnish(script, tag));
    await script.tearDown([id]);
    await script.skipAll("this is its proof");
    await script.settle();
    await script.reclaim();
  };

const SKIPPED = Object.fromEntries(
  Object.entries(FURNISH).map(([name, furnish]) => [`${name}-skipped`, skipped(furnish)]),
);

const OF_SERVICES: Readonly<Record<string, Story>> = STORIES;

export const TALES: Readonly<Record<string, Tale>> = { ...OF_SERVICES, ...SKIPPED, teardown };
export const TALE_NAMES = Object.keys(TALES);
