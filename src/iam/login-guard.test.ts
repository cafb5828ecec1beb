import assert from "node:assert/strict";
import { test } from "node:test";
import { MovableClock } from "../clock.ts";
import { LOCKED_MS, LoginGuard, WRONG_PASSWORDS } from "./login-guard.ts";

const right = async () => true;
const wrong = async () => false;

function guard() {
  const clock = new MovableClock({ frozenAt: 0 });
  return { clock, guard: new LoginGuard(clock) };
}

test("only wrong passwords in a row lock a user", async () => {
  const { guard: it } = guard();
  for (let round = 1; round <= 3; round++) {
    for (let guess = 1; guess < WRONG_PASSWORDS; guess++) assert.equal(await it.attempt("a", wrong), "wrong");
    assert.equal(await it.attempt("a", right), "right");
  }
});

test("a lock falls for its user alone, and falls away with time", async () => {
  const { guard: it, clock } = guard();
  for (let guess = 1; guess <= WRONG_PASSWORDS; guess++) assert.equal(await it.attempt("a", wrong), "wrong");
  assert.equal(await it.attempt("a", () => assert.fail("a locked user's password is not checked")), "locked");
  assert.equal(await it.attempt("b", right), "right");
  clock.advance(LOCKED_MS - 1);
  assert.equal(await it.attempt("a", right), "locked");
  clock.advance(1);
  assert.equal(await it.attempt("a", wrong), "wrong");
  assert.equal(await it.attempt("a", right), "right");
});

test("guesses sent at the same time learn no more than those sent one by one", async () => {
  const { guard: it } = guard();
  const verdicts = await Promise.all(Array.from({ length: 50 }, (_, n) => it.attempt("a", n === 49 ? right : wrong)));
  assert.equal(verdicts.filter((verdict) => verdict === "wrong").length, WRONG_PASSWORDS);
  assert.equal(verdicts.at(-1), "locked");
});

test("passwords under check are bounded, whoever's they are", async () => {
  const { guard: it } = guard();
  const gate = new AbortController();
  const slow = () => new Promise<boolean>((resolve) => gate.signal.addEventListener("abort", () => resolve(true)));
  const waiting = Array.from({ length: 256 }, (_, n) => it.attempt(`user-${n}`, slow));
  assert.equal(await it.attempt("a", right), "busy");
  gate.abort();
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(["right"]));
  assert.equal(await it.attempt("a", right), "right");
});
