import { FURNISH, type Made, STORIES, type Story } from "../../test/stories/index.ts";
import type { Script } from "./script.ts";
import { TROUBLES } from "./troubles.ts";

/** What is told while processes are killed: the stories of the services, and what only the operator can do. */
export interface Tale {
  tell(script: Script, tag: string): Promise<void>;
  /** It comes after the others, and is only about what they have not come to. */
  last?: true;
}

type Furnish = (script: Script, tag: string) => Promise<Made>;

const HOUR = 3_600_000;
/** Tellings until nothing fails any more. */
const TURNS = 40;

/** Everything of every service, taken down by one request. */
const teardown: Tale = {
  async tell(script, tag) {
    const roots = await script.prepare(async () => {
      const ids: string[] = [];
      for (const furnish of Object.values(FURNISH)) ids.push((await furnish(script, tag)).id);
      return ids;
    });
    await script.tearDown(roots);
  },
};

/** A service's things taken down, every step of their deletes left undone, and what that leaves reclaimed. */
const skipped = (furnish: Furnish): Tale => ({
  async tell(script, tag) {
    const { id } = await script.prepare(() => furnish(script, tag));
    await script.tearDown([id]);
    await script.skipAll("this is its proof");
    await script.settle();
    await script.reclaim();
  },
});

/** A service's things made and taken down, over and over, until every step has failed for good once. */
const failing = (furnish: Furnish): Tale => ({
  last: true,
  async tell(script, tag) {
    script.failEverything();
    for (let turn = 1; turn <= TURNS; turn++) {
      const before = await script.failures(`before ${turn}`);
      const { id } = await furnish(script, `${tag}-${turn}`);
      for (let ask = 1; !(await script.once(`gone ${turn} ${ask}`, () => script.isGone(id))); ask++) {
        await script.tearDown([id], ask);
        await script.pass(HOUR);
      }
      if (before === (await script.failures(`after ${turn}`))) return;
    }
    throw new Error(`steps still fail after ${TURNS} tellings`);
  },
});

const each = (end: string, tale: (furnish: Furnish) => Tale): Record<string, Tale> =>
  Object.fromEntries(Object.entries(FURNISH).map(([name, furnish]) => [`${name}-${end}`, tale(furnish)]));

const told = (stories: Readonly<Record<string, Story>>): Record<string, Tale> =>
  Object.fromEntries(Object.entries(stories).map(([name, story]) => [name, { tell: story }]));

export const TALES: Readonly<Record<string, Tale>> = {
  ...told(STORIES),
  teardown,
  ...each("failing", failing),
  ...each("skipped", skipped),
  ...TROUBLES,
};
export const TALE_NAMES = Object.keys(TALES);
