import assert from "node:assert/strict";
import { test } from "node:test";
import { MovableClock } from "./clock.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test("a frozen clock stands still until it is advanced", () => {
  const clock = new MovableClock({ frozenAt: 1_000 });
  assert.equal(clock.now(), 1_000);
  clock.advance(500);
  assert.equal(clock.now(), 1_500);
});

test("the clock never goes back", () => {
  const clock = new MovableClock({ frozenAt: 1_000 });
  assert.throws(() => clock.advance(-1), RangeError);
  assert.throws(() => clock.advance(Number.NaN), RangeError);
  assert.equal(clock.now(), 1_000);
});

test("freeze and resume leave no gap, and time advanced in between stays", () => {
  let machine = 10_000;
  const clock = new MovableClock({ machine: () => machine });
  clock.freeze();
  machine += 5_000;
  assert.equal(clock.now(), 10_000);
  clock.advance(100);
  clock.resume();
  assert.equal(clock.now(), 10_100);
  machine += 1;
  assert.equal(clock.now(), 10_101);
});

test("waiters are woken once, by time that is advanced, in any order of asking", async () => {
  const clock = new MovableClock({ frozenAt: 0 });
  const woken: string[] = [];
  clock.at(200, () => woken.push("late"));
  clock.at(100, () => woken.push("soon"));
  const cancel = clock.at(100, () => woken.push("cancelled"));
  cancel();
  clock.advance(100);
  await turn();
  assert.deepEqual(woken, ["soon"]);
  clock.advance(1_000);
  await turn();
  clock.advance(1_000);
  await turn();
  assert.deepEqual(woken, ["soon", "late"]);
});

test("a waiter for a time that has passed is woken at the next turn, not within the call", async () => {
  const clock = new MovableClock({ frozenAt: 50 });
  let woken = false;
  clock.at(50, () => {
    woken = true;
  });
  assert.equal(woken, false);
  await turn();
  assert.equal(woken, true);
});

test("when the machine's clock is set back, time goes on from where it was and what waits is woken in time", async () => {
  let machine = 10_000;
  const clock = new MovableClock({ machine: () => machine });
  assert.equal(clock.now(), 10_000);
  let woken = false;
  clock.at(10_050, () => {
    woken = true;
  });
  machine = 5_000;
  assert.equal(clock.now(), 10_000);
  machine += 50;
  assert.equal(clock.now(), 10_050);
  clock.advance(0);
  await turn();
  assert.equal(woken, true);
});

test("a state from elsewhere is taken as it is, but for time that would run backwards", () => {
  let machine = 10_000;
  const clock = new MovableClock({ machine: () => machine });
  clock.set({ ahead: 500 });
  assert.equal(clock.now(), 10_500);
  clock.set({ frozenAt: 9_000 });
  assert.deepEqual(clock.state, { frozenAt: 10_500 });
  clock.set({ ahead: 0 });
  machine += 10;
  assert.equal(clock.now(), 10_510);
  clock.restore({ frozenAt: 9_000 });
  assert.equal(clock.now(), 9_000);
});
