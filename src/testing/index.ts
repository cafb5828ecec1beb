import { clockOf, type TestClock } from "./clock.ts";
import { faultsOf, type TestFaults } from "./faults.ts";
import { freshEbb } from "./fresh.ts";
import { type Leftovers, leftoversOf, runToRest } from "./leftovers.ts";
import type { OperatorClient } from "./operator-client.ts";

export type { TestClock } from "./clock.ts";
export type { Fault, FaultAsked, TestFaults } from "./faults.ts";
export { isClean, type Leak, type Leftovers, type LeftResource } from "./leftovers.ts";
export { OperatorClient, OperatorError } from "./operator-client.ts";

export interface TestOptions {
  /** How long simulated things take: `instant` by default. With `real`, move the clock. */
  pace?: "instant" | "fast" | "real";
  /** Time stands still from the start: only `clock.advance` moves it. */
  frozen?: boolean;
  /** A settings file, with accounts and inventory of its own. */
  config?: string;
}

/** A running Ebb in the hands of a test. */
export interface TestEbb extends AsyncDisposable {
  url: string;
  region: string;
  projectId: string;
  /** What the vendor's SDKs and the Terraform provider read: give it to a process, or take credentials out of it. */
  variables: Record<string, string>;
  clock: TestClock;
  faults: TestFaults;
  /** Everything else of Ebb's own API. */
  operator: OperatorClient;
  leftovers(): Promise<Leftovers>;
  /** Lets time run ahead until nothing is under way (a day at the most), and answers what is left. */
  runToRest(): Promise<Leftovers>;
  /** Back to an empty cloud. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an Ebb of its own for a test file, on a free port, in the test's own process.
 *
 * @example
 * const ebb = await startEbb({ pace: "real", frozen: true });
 * after(() => ebb.close());
 * await ebb.clock.advance("30m");
 * assert.deepEqual((await ebb.leftovers()).left, []);
 */
export async function startEbb(options: TestOptions = {}): Promise<TestEbb> {
  const { frozen, ...flags } = options;
  const { operator, close, ...where } = await freshEbb(flags, process.cwd());
  const clock = clockOf(operator);
  if (frozen) await clock.freeze();
  return {
    ...where,
    operator,
    clock,
    faults: faultsOf(operator),
    leftovers: () => leftoversOf(operator),
    runToRest: () => runToRest(operator),
    reset: () => operator.ask("POST", "/reset"),
    close,
    [Symbol.asyncDispose]: close,
  };
}
