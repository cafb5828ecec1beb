import { createHash } from "node:crypto";
import type { Accepting, Resource } from "../../lifecycle/index.ts";
import { networkOf } from "./choices.ts";
import { refuse } from "./dialect.ts";
import { instanceFacts, instanceSpec, type NetworkInterface } from "./instance.ts";
import { INSTANCE } from "./names.ts";

export interface WantedInterface {
  subnet_id: string;
  ipv4_address?: string;
}

/** The first address of a network is its router's, the last is everyone's. */
const FIRST = 2;
const LAST = 254;

const keyOf = (subnet: string, address: string) => `${subnet}/${address}`;

function stableNetwork(subnet: string): string {
  const hash = createHash("sha256").update(subnet).digest();
  return networkOf(hash.readUInt8(0), hash.readUInt8(1));
}

/** Addresses are held by every instance that is not terminated: those asked for, and those that the world still has. */
export class Addresses {
  readonly #taken: Set<string>;

  private constructor(taken: Set<string>) {
    this.#taken = taken;
  }

  /** @param except an instance that may keep or give up its own. */
  static async of(accepting: Accepting, except?: Resource): Promise<Addresses> {
    const others = (await accepting.list({ kind: INSTANCE })).filter((one) => one.id !== except?.id);
    const held = others.flatMap((one) => [
      ...instanceSpec(one).network_interfaces,
      ...(instanceFacts(one).network_interfaces ?? []),
    ]);
    return new Addresses(new Set(held.map((one) => keyOf(one.subnet_id, one.ipv4_address))));
  }

  /** Takes the address that each interface asks for, or a free one. Named ones go first, so that no free choice is in their way. */
  assign(wanted: readonly WantedInterface[]): NetworkInterface[] {
    for (const { subnet_id, ipv4_address } of wanted) if (ipv4_address) this.#takeNamed(subnet_id, ipv4_address);
    return wanted.map(({ subnet_id, ipv4_address }) => ({
      subnet_id,
      ipv4_address: ipv4_address || this.#takeFree(subnet_id),
    }));
  }

  #takeNamed(subnet: string, address: string): void {
    if (this.#taken.has(keyOf(subnet, address))) {
      throw refuse.value(`network_interfaces: ${address} is in use in subnet ${subnet}`);
    }
    this.#taken.add(keyOf(subnet, address));
  }

  #takeFree(subnet: string): string {
    const network = stableNetwork(subnet);
    for (let host = FIRST; host <= LAST; host++) {
      const address = `${network}.${host}`;
      if (this.#taken.has(keyOf(subnet, address))) continue;
      this.#taken.add(keyOf(subnet, address));
      return address;
    }
    throw refuse.value(`network_interfaces: subnet ${subnet} has no free address`);
  }
}
