import { randomFillSync } from "node:crypto";

/** Where randomness comes from: a test passes its own. */
export interface Random {
  bytes(count: number): Uint8Array;
}

const POOL_BYTES = 4_096;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** The system's randomness, fetched in pools: a call into it costs more than an id. No byte is handed out twice. */
export const systemRandom: Random = {
  bytes(count) {
    if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
    if (used + count > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += count;
    return pool.slice(used - count, used);
  },
};

/** A repeatable source for tests (mulberry32). Never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) & 0xff;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, next) };
}

/** The shapes of ids that the services put on the wire. */
export interface Ids {
  /** 32 lower-case hex digits. */
  hex32(): string;
  /** UUID version 4. */
  uuid(): string;
  /** UUID version 7: sorts by the time given (ms since the epoch). */
  uuid7(now: number): string;
  /** UUID version 1 layout, with a random node. */
  uuid1(now: number): string;
  /** Opaque visible text of `bytes` random bytes, for secrets. */
  secret(bytes: number): string;
  /** A number in [0, 1), for jitter. */
  fraction(): number;
}

const dashed = (h: string) =>
  `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20, 32)}`;
const variant = (digit: string) => ((Number.parseInt(digit, 16) & 0x3) | 0x8).toString(16);

const versioned = (h: string, version: string) =>
  dashed(h.slice(0, 12) + version + h.slice(13, 16) + variant(h.charAt(16)) + h.slice(17));

export function createIds(random: Random = systemRandom): Ids {
  const hex = (count: number) => Buffer.from(random.bytes(count)).toString("hex");
  return {
    hex32: () => hex(16),
    uuid: () => versioned(hex(16), "4"),
    uuid7: (now) => versioned(now.toString(16).padStart(12, "0") + hex(10), "7"),
    uuid1: (now) => {
      const ticks = (BigInt(now) * 10_000n + 122_192_928_000_000_000n).toString(16).padStart(15, "0");
      return versioned(`${ticks.slice(7)}${ticks.slice(3, 7)}1${ticks.slice(0, 3)}${hex(8)}`, "1");
    },
    secret: (bytes) => Buffer.from(random.bytes(bytes)).toString("base64url"),
    fraction: () => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32,
  };
}
