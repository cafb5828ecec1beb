import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { HoldingRow, Session } from "../store/index.ts";
import { Accepting } from "./accept.ts";
import { Blocked, NotAccepted, NotFound } from "./errors.ts";
import { type Holding, toHolding } from "./holdings.ts";
import { type Draft, draw, type Lessons, type PlanItem } from "./plan.ts";
import { type PlanRefusal, refusalOf } from "./plan-refusals.ts";
import { type Asked, readScope, type Scope } from "./plan-scope.ts";
import { findResource, type Resource } from "./resources.ts";
import { effectsIn, type Kinds, kindOf } from "./settle.ts";

/** A plan as it stands: what would be deleted, in which order, and all that is in the way. */
export interface Rehearsal {
  /** In order; `joined` is being deleted already. */
  items: readonly (PlanItem & { joined: boolean })[];
  refusals: readonly PlanRefusal[];
  /** Asked for, and of a kind that is not deleted. */
  stays: readonly Resource[];
  /** Asked for, and gone already. */
  gone: readonly Resource[];
  /** What the items, and what they take along, hold in the world. */
  holdings: readonly Holding[];
}

export interface RehearsalHouse {
  kinds: Kinds;
  clock: Clock;
  ids: Ids;
}

/** How often a plan is drawn anew with what its guards have taught. */
const DRAWN_MOST = 10;

/**
 * Plays a plan through inside `tx`, which is left as it was: every delete is submitted as it would be, under the world as
 * it would be by then, with what was refused still standing.
 * @throws NoSuch naming every unknown id, Refused when it is too much for one plan
 */
export async function rehearse(
  tx: Session,
  house: RehearsalHouse,
  asked: Asked,
  requestId: string,
): Promise<Rehearsal> {
  const scope = await readScope(tx, asked);
  const holdings = await listOpen(tx, [...scope.world.keys()]);
  let lessons: Lessons = { alone: new Set(), order: [] };
  for (let drawn = 1; ; drawn++) {
    const draft = draw(house.kinds, scope, lessons);
    await tx.run("SAVEPOINT rehearsal");
    const played = new Play(tx, house, scope, draft, requestId);
    await played.all();
    await tx.run("ROLLBACK TO rehearsal");
    await tx.run("RELEASE rehearsal");
    const { alone, order } = played.taught;
    if ((alone.size === 0 && order.length === 0) || drawn === DRAWN_MOST) {
      return {
        items: draft.items.map((item) => ({ ...item, joined: played.joined.has(item.thing.id) })),
        refusals: played.refusals(),
        stays: draft.stays,
        gone: scope.gone,
        holdings: holdings.filter((one) => draft.carriers.has(one.resourceId)),
      };
    }
    lessons = { alone: new Set([...lessons.alone, ...alone]), order: [...lessons.order, ...order] };
  }
}

async function listOpen(tx: Session, ids: readonly string[]): Promise<Holding[]> {
  if (ids.length === 0) return [];
  const rows = await tx.all<HoldingRow>(
    `SELECT * FROM holdings WHERE resource_id IN (${ids.map(() => "?").join(", ")}) AND released_at IS NULL ORDER BY seq`,
    ids,
  );
  return rows.map(toHolding);
}

/** One playing of a draft. */
class Play {
  readonly joined = new Set<string>();
  /** What would make a refusal needless: things to delete on their own, and others to delete before. */
  readonly taught = { alone: new Set<string>(), order: [] as { before: string; after: string }[] };
  readonly #tx: Session;
  readonly #house: RehearsalHouse;
  readonly #scope: Scope;
  readonly #draft: Draft;
  readonly #requestId: string;
  readonly #refused = new Map<string, { thing: Resource; error: NotAccepted }>();
  readonly #through = new Set<string>();

  constructor(tx: Session, house: RehearsalHouse, scope: Scope, draft: Draft, requestId: string) {
    this.#tx = tx;
    this.#house = house;
    this.#scope = scope;
    this.#draft = draft;
    this.#requestId = requestId;
  }

  async all(): Promise<void> {
    for (const item of this.#draft.items) {
      await this.#tx.run("SAVEPOINT item");
      const error = await this.#one(item).catch((refusal: unknown) => refusal);
      if (error !== undefined) {
        if (!(error instanceof NotAccepted)) throw error;
        await this.#tx.run("ROLLBACK TO item");
        this.#refuse(item, error);
      }
      await this.#tx.run("RELEASE item");
      this.#through.add(item.thing.id);
    }
  }

  refusals(): PlanRefusal[] {
    const failing = new Set(this.#refused.keys());
    return [...this.#refused.values()].map(({ thing, error }) =>
      refusalOf(thing, kindOf(this.#house.kinds, thing.kind), error, failing),
    );
  }

  async #one({ thing, takesAlong }: PlanItem): Promise<void> {
    const caller = { tenant: thing.tenant, userId: thing.createdBy, requestId: this.#requestId };
    const accepting = new Accepting(this.#tx, this.#house, caller);
    const { again } = await accepting.submit("delete", await accepting.get(thing.kind, thing.id));
    if (again) this.joined.add(thing.id);
    for (const { id } of [...takesAlong.toReversed(), thing]) await this.#vanish(id);
  }

  /** What was accepted is gone for whatever comes after it: released, unlinked, and with what its end brings about. */
  async #vanish(id: string): Promise<void> {
    const tx = this.#tx;
    const { kinds, clock } = this.#house;
    const ending = await findResource(tx, id);
    if (!ending || ending.goneAt !== null) return;
    const kind = kindOf(kinds, ending.kind);
    const cause = { now: clock.now(), requestId: this.#requestId, operationId: null };
    await tx.run("UPDATE holdings SET released_at = ? WHERE resource_id = ? AND released_at IS NULL", [cause.now, id]);
    // Not through `move`: what stands still inside of a delete that is joined would have no way there.
    await tx.run("UPDATE resources SET state = ?, gone_at = ? WHERE id = ?", [kind.gone, cause.now, id]);
    await tx.run("DELETE FROM links WHERE resource_id = ?", [id]);
    const gone = { ...ending, state: kind.gone, goneAt: cause.now };
    await kind.verbs.delete?.after?.(effectsIn(tx, kinds, cause), gone);
  }

  #refuse({ thing }: PlanItem, error: NotAccepted): void {
    // It has ended meanwhile, by another's hand or with something before it.
    if (error instanceof NotFound && error.gone) return;
    this.#refused.set(thing.id, { thing, error });
    for (const { id } of error instanceof Blocked ? error.blockers : []) {
      const carrier = this.#draft.carriers.get(id);
      if (carrier === thing.id && this.#scope.wanted.has(id)) this.taught.alone.add(id);
      else if (carrier && carrier !== thing.id && !this.#through.has(carrier))
        this.taught.order.push({ before: carrier, after: thing.id });
    }
  }
}
