import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Refusal } from "../src/drivers/port.ts";
import type { Answer, Step, Work } from "../src/lifecycle/index.ts";
import type { Service } from "../src/wire/index.ts";
import { type Between, type StepName, through } from "./between.ts";
import { leftovers } from "./clean-slate.ts";
import { ACCOUNTS, asker, type Ebb, startEbb } from "./harness.ts";
import type { Story } from "./stories/index.ts";
import { type Mood, Wire } from "./wire-teller.ts";

const REASON = "the world will not, for this test";
const WAY_OUT = { owner: "this test", hint: "delete it" };
const HOUR = 3_600_000;
/** How long what is gone stays readable. */
const RETENTION = { retentionHours: 1 };

/** What the operation of `work` has done to the world, and what its resource knows. */
const traces = ({ read, operation, resource }: Work): Promise<object[]> =>
  read(async (session) => [
    ...(await session.all<object>("SELECT * FROM sim_things WHERE operation_id = ? ORDER BY ref", [operation.id])),
    ...(await session.all<object>("SELECT ref, released_at FROM holdings WHERE resource_id = ? ORDER BY seq", [
      resource.id,
    ])),
    ...(await session.all<object>("SELECT facts FROM resources WHERE id = ?", [resource.id])),
  ]);

/** Every step is performed twice and probed twice; whatever the second time changes is noted. */
class Twice implements Between {
  readonly wrong: string[] = [];
  readonly seen = new Set<StepName>();

  async perform(name: StepName, step: Step, work: Work): Promise<void> {
    this.seen.add(name);
    await step.perform(work);
    const before = await traces(work);
    await step.perform(work);
    const after = await traces(work);
    if (!isDeepStrictEqual(before, after))
      this.wrong.push(`${name} performed twice: ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
  }

  async probe(name: StepName, step: Step, work: Work): Promise<Answer> {
    const before = await traces(work);
    const first = await step.probe(work);
    const second = await step.probe(work);
    if (!isDeepStrictEqual(first, second))
      this.wrong.push(`${name} probed twice: ${JSON.stringify(first)} became ${JSON.stringify(second)}`);
    if (!isDeepStrictEqual(await traces(work), before)) this.wrong.push(`${name} changed something by its probe`);
    return first;
  }
}

/** How often in a row each call of each step fails before it is let through. */
const TIMES = 2;

/** Every step fails in passing: before it has performed, after it has, and when it is probed. */
class InPassing implements Between {
  readonly #failures = new Map<string, number>();

  async perform(name: StepName, step: Step, work: Work): Promise<void> {
    this.#fail(`before ${name} of ${work.operation.id}`);
    await step.perform(work);
    this.#fail(`after ${name} of ${work.operation.id}`);
  }

  async probe(name: StepName, step: Step, work: Work): Promise<Answer> {
    this.#fail(`probe ${name} of ${work.operation.id}`);
    return step.probe(work);
  }

  #fail(what: string): void {
    const failures = this.#failures.get(what) ?? 0;
    this.#failures.set(what, failures + 1);
    if (failures < TIMES) throw new Error(`the line is down: ${what}`);
  }
}

/** Where a telling fails for good: at the step's first coming, before it has performed or after it has. */
interface Failure {
  step: StepName;
  performed: boolean;
}

/** Steps fail for good, one after the other; all others run twice. */
class ForGood extends Twice {
  /** What has failed: `delete of <id>`. */
  failed: string[] = [];
  #failures: readonly Failure[] = [];

  next(failures: readonly Failure[]): void {
    this.#failures = failures;
    this.failed = [];
  }

  override async perform(name: StepName, step: Step, work: Work): Promise<void> {
    this.#perhapsFail({ step: name, performed: false }, work);
    await super.perform(name, step, work);
  }

  override async probe(name: StepName, step: Step, work: Work): Promise<Answer> {
    this.#perhapsFail({ step: name, performed: true }, work);
    return super.probe(name, step, work);
  }

  #perhapsFail(here: Failure, { resource, operation }: Work): void {
    if (!isDeepStrictEqual(this.#failures[this.failed.length], here)) return;
    this.failed.push(`${operation.verb} of ${resource.id}`);
    throw new Refusal(REASON, { ...WAY_OUT, forGood: true });
  }
}

async function start(t: TestContext, between: Between): Promise<Ebb> {
  return startEbb(t, { settings: RETENTION, ports: { kinds: (kind) => through(kind, between) } });
}

/** Tells the story to its end, and holds that nothing is left of it in the world, nor in any table. */
async function tell(ebb: Ebb, story: Story, tag: string, mood: Mood): Promise<Wire> {
  // A token lives for a day, and every telling takes hours.
  const [account] = ACCOUNTS;
  if (!account) throw new Error("there is no account to tell it with");
  const wire = new Wire(ebb, await asker(ebb.url, account), tag, mood);
  await story(wire, tag);
  await wire.settle();
  for (const driver of Object.values(ebb.house.drivers)) assert.deepEqual(await driver.marked(), [], tag);
  await ebb.pass(HOUR + 1);
  await ebb.house.lifecycle.scan();
  assert.deepEqual(await leftovers(ebb.store), [], tag);
  return wire;
}

/** Every step of the service's kinds, and the verbs that come to it. */
function stepsOf({ kinds }: Service): string[] {
  return kinds.flatMap(({ name, steps }) => Object.keys(steps).map((step) => `${name} ${step}`));
}

const once = {
  skip:
    process.env.EBB_TEST_STORE === "postgres" &&
    "every step is told on the embedded store; the kill matrix tells it on both",
};

/**
 * Tests of a service's kinds, by the stories in which all their verbs run: each step run twice changes nothing; each step
 * that fails in passing is done in the end; each step that fails for good leaves a stable state, which says why, and from
 * which a new delete finishes; and after each telling nothing is left in the world nor in any table.
 */
export function testEverySteps(service: Service, stories: Readonly<Record<string, Story>>): void {
  const seen = new Set<StepName>();
  for (const [name, story] of Object.entries(stories)) {
    let steps: StepName[] = [];

    test(`${name}: each step run twice changes nothing the second time`, once, async (t) => {
      const twice = new Twice();
      await tell(await start(t, twice), story, name, "strict");
      assert.deepEqual(twice.wrong, []);
      steps = [...twice.seen];
      for (const one of steps) seen.add(one);
    });

    test(`${name}: what fails in passing is tried again until it is done`, once, async (t) => {
      await tell(await start(t, new InPassing()), story, name, "strict");
    });

    test(`${name}: each step that fails for good leaves a stable state, and a new delete ends it`, once, async (t) => {
      const forGood = new ForGood();
      const ebb = await start(t, forGood);
      let tellings = 0;
      const failAt = async (...failures: Failure[]) => {
        forGood.next(failures);
        const { stable } = await tell(ebb, story, `t${tellings++}`, "patient");
        const what = failures.map(({ step, performed }) => `${step} ${performed ? "after" : "before"}`).join(", ");
        assert.equal(forGood.failed.length, failures.length, `${what}: it came to ${forGood.failed.length} of them`);
        for (const one of forGood.failed) assert.ok(stable.has(one), `${what}: ${one} left no stable state`);
      };
      // A step that comes only after another has failed: by the one after which it was seen.
      const consequences = new Map<StepName, Failure>();
      for (const step of steps) {
        for (const performed of [false, true]) {
          await failAt({ step, performed });
          for (const further of forGood.seen) if (!seen.has(further)) consequences.set(further, { step, performed });
          for (const further of forGood.seen) seen.add(further);
        }
      }
      for (const [step, first] of consequences)
        for (const performed of [false, true]) await failAt(first, { step, performed });
      assert.deepEqual(forGood.wrong, []);
    });
  }

  test(`the stories of ${service.name} come to every step of its kinds`, once, () => {
    const told = new Set([...seen].map((name) => name.replace(/\.[^.@]+@/, " ")));
    assert.deepEqual(
      stepsOf(service).filter((one) => !told.has(one)),
      [],
    );
  });
}
