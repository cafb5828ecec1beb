import { scrypt, timingSafeEqual } from "node:crypto";
import { systemRandom } from "../ids.ts";

/** scrypt's N: 16 MB and some 30 ms a password. */
export const PASSWORD_COST = 16_384;
const R = 8;
const P = 1;
const SALT = 16;
const LENGTH = 32;

/** Hashes passwords for keeping, as `scrypt$N$r$p$salt$hash`, the last two in base64url. */
export class Passwords {
  readonly #prefix: string;
  /** What is compared when there is no such user, so that both take the same time. */
  readonly #nobodys: string;
  readonly #cost: number;

  /** @param cost scrypt's N, a power of two; a stored hash carries its own, so that this can be raised. */
  constructor(cost: number) {
    this.#cost = cost;
    this.#prefix = `scrypt$${cost}$${R}$${P}$`;
    this.#nobodys = this.#format(Buffer.alloc(SALT), Buffer.alloc(LENGTH));
  }

  async hash(password: string): Promise<string> {
    const salt = Buffer.from(systemRandom.bytes(SALT));
    return this.#format(salt, await derive(password, salt, this.#cost, R, P));
  }

  /** Whether `password` is the one that was hashed. Without a hash it is never right, and takes as long to say so. */
  async match(password: string, hashed: string | undefined): Promise<boolean> {
    const [scheme, N, r, p, salt = "", hash = ""] = (hashed ?? this.#nobodys).split("$");
    if (scheme !== "scrypt") throw new Error("a stored password has a scheme that this Ebb does not know");
    const given = await derive(password, Buffer.from(salt, "base64url"), Number(N), Number(r), Number(p));
    const kept = Buffer.from(hash, "base64url");
    return given.length === kept.length && timingSafeEqual(given, kept) && hashed !== undefined;
  }

  /** Whether a hash has this cost. */
  isCurrent(hashed: string): boolean {
    return hashed.startsWith(this.#prefix);
  }

  #format(salt: Buffer, hash: Buffer): string {
    return `${this.#prefix}${salt.toString("base64url")}$${hash.toString("base64url")}`;
  }
}

function derive(password: string, salt: Buffer, N: number, r: number, p: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, key: Buffer) => (error ? reject(error) : resolve(key));
    scrypt(password, salt, LENGTH, { N, r, p, maxmem: 256 * N * r }, done);
  });
}
