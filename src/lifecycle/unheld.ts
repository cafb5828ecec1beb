import type { Domain, Drivers, Marked } from "../drivers/port.ts";
import type { HoldingRow, Store } from "../store/index.ts";
import { hostOf } from "./steps.ts";

/** A thing of the world that nobody holds. `last` is the newest holding of it, released; undefined where there is none. */
export interface Unheld extends Marked {
  domain: Domain;
  last: HoldingRow | undefined;
}

interface UnheldHouse {
  store: Store;
  drivers: Drivers;
}

const AT_ONCE = 500;

/** Those of the things that no open holding is about. */
async function withoutHolding({ store }: UnheldHouse, things: readonly Marked[]): Promise<Marked[]> {
  const without: Marked[] = [];
  for (let from = 0; from < things.length; from += AT_ONCE) {
    const some = things.slice(from, from + AT_ONCE);
    const refs = some.map((one) => one.ref);
    const held = await store.read((session) =>
      session.all<{ ref: string }>(
        `SELECT ref FROM holdings WHERE released_at IS NULL AND ref IN (${refs.map(() => "?").join(", ")})`,
        refs,
      ),
    );
    const known = new Set(held.map((one) => one.ref));
    without.push(...some.filter((one) => !known.has(one.ref)));
  }
  return without;
}

/**
 * A holding is written before its thing is made and released after it is gone. So the world is looked at first, then the
 * holdings: what was being made is held by then. What was being unmade may have been released meanwhile: it is looked
 * for once more, and so is a holding of what came back.
 */
async function unheldIn(house: UnheldHouse, domain: Domain, refs?: readonly string[]): Promise<Unheld[]> {
  const host = hostOf(house.drivers, domain);
  const marked = await host.marked();
  const suspects = await withoutHolding(house, refs ? marked.filter((one) => refs.includes(one.ref)) : marked);
  const there: Marked[] = [];
  for (const one of suspects) if ((await host.look(one.type, one.ref)).is !== "absent") there.push(one);
  const unheld = await withoutHolding(house, there);
  const last = (ref: string) =>
    house.store.read((session) =>
      session.get<HoldingRow>("SELECT * FROM holdings WHERE ref = ? ORDER BY seq DESC LIMIT 1", [ref]),
    );
  return Promise.all(unheld.map(async (one) => ({ ...one, domain, last: await last(one.ref) })));
}

/** What carries Ebb's mark in the world and is not held. `unseen`: domains whose driver could not say. */
export async function listUnheld(house: UnheldHouse, refs?: readonly string[]) {
  const things: Unheld[] = [];
  const unseen: { domain: string; reason: string }[] = [];
  for (const domain of Object.keys(house.drivers) as Domain[]) {
    try {
      things.push(...(await unheldIn(house, domain, refs)));
    } catch (error) {
      unseen.push({ domain, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { things, unseen };
}
