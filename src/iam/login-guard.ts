import type { Clock } from "../clock.ts";

/** Wrong passwords in a row that lock a user. */
export const WRONG_PASSWORDS = 5;
/** How long a lock lasts, and how long a wrong password is remembered, in ms. */
export const LOCKED_MS = 15 * 60_000;
/** Passwords under check at once; each costs a moment of a processor. */
const CHECKS = 256;
/** Users whose wrong passwords are counted; the oldest are forgotten first. */
const USERS = 10_000;

export type Verdict = "right" | "wrong" | "locked" | "busy";

/** Stands before every check of a password: slows down whoever guesses. Its memory ends with the process. */
export class LoginGuard {
  readonly #clock: Clock;
  readonly #wrong = new Map<string, { count: number; at: number }>();
  #checks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param who the name that the caller gave, whether there is such a user or not. */
  async attempt(who: string, check: () => Promise<boolean>): Promise<Verdict> {
    if (this.#isLocked(who)) return "locked";
    if (this.#checks >= CHECKS) return "busy";
    this.#checks++;
    try {
      const right = await check();
      // Of guesses sent at the same time, those that are checked after the lock fell learn nothing.
      if (this.#isLocked(who)) return "locked";
      if (right) this.#wrong.delete(who);
      else this.#count(who);
      return right ? "right" : "wrong";
    } finally {
      this.#checks--;
    }
  }

  #isLocked(who: string): boolean {
    return (this.#recent(who)?.count ?? 0) >= WRONG_PASSWORDS;
  }

  #recent(who: string) {
    const wrong = this.#wrong.get(who);
    return wrong && this.#clock.now() < wrong.at + LOCKED_MS ? wrong : undefined;
  }

  #count(who: string): void {
    const count = (this.#recent(who)?.count ?? 0) + 1;
    this.#wrong.delete(who);
    this.#wrong.set(who, { count, at: this.#clock.now() });
    if (this.#wrong.size > USERS) this.#wrong.delete(this.#wrong.keys().next().value ?? who);
  }
}
