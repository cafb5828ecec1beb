import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../port.ts";
import { TurnedAway } from "./bmc.ts";
import type { Note } from "./notes.ts";
import { readRedfish } from "./settings.ts";
import { off, on, type Site } from "./stages.ts";

const MINUTE = 60_000;
const trouble = { owner: "the driver's machine", hint: "nothing" };

/** A machine that answers a switch as `answer` does, and what it was asked for. */
function toy(answer: (reset: string) => void) {
  const resets: string[] = [];
  const machine = {
    power: async () => toyMachine.power,
    reset: async (reset: string) => {
      resets.push(reset);
      answer(reset);
    },
  };
  const note: Note = { type: "os", server: "one", phase: "working", way: "off", stage: 0, since: 0, operationId: "o" };
  const site = (now: number): Site => ({
    ref: "os-a",
    machine: machine as never,
    note,
    now,
    settings: readRedfish({}),
    meant: "on",
  });
  const toyMachine = { power: "On", resets, site };
  return toyMachine;
}

test("a system that cannot be asked to end is switched off after its time", async () => {
  const { site, resets } = toy((reset) => {
    if (reset === "GracefulShutdown") throw new TurnedAway("409", trouble);
  });
  for (const now of [0, MINUTE, 2 * MINUTE]) assert.equal(await off(site(now)), false);
  assert.deepEqual(resets, ["GracefulShutdown", "ForceOff"]);
});

test("a BMC in trouble is asked again for the gentle end, not the forceful one", async () => {
  const { site, resets } = toy(() => {
    throw new Refusal("500", trouble);
  });
  for (const now of [0, 2 * MINUTE, 4 * MINUTE]) await assert.rejects(off(site(now)));
  assert.deepEqual(new Set(resets), new Set(["GracefulShutdown"]));
});

test("a switch that is refused because the machine is there already is over with the next look", async () => {
  const machine = toy(() => {
    machine.power = "On";
    throw new TurnedAway("409", trouble);
  });
  machine.power = "Off";
  await assert.rejects(on(machine.site(0)), TurnedAway);
  assert.equal(await on(machine.site(0)), true);
});
