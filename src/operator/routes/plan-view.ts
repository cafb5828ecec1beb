import type { PlanRefusal, Rehearsal, Resource } from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";

/** A thing in a plan, as briefly as tells it from another. */
export const brief = ({ id, kind, name, state }: Resource): object => ({ id, kind, name, state });

export const refusalView = ({ id, kind, name, state, code, message, blockers, hint }: PlanRefusal): object => ({
  id,
  kind,
  name,
  state,
  code,
  message,
  blockers,
  hint,
});

/** A plan by its stages, and all that is in its way. */
export function rehearsalView({ items, refusals, stays, gone, holdings }: Rehearsal): object {
  const stages: object[][] = [];
  for (const { thing, stage, after, takesAlong, joined } of items) {
    const item = { ...brief(thing), tenant: thing.tenant, after, takes_along: takesAlong.map(brief), joined };
    (stages[stage] ??= []).push(item);
  }
  const held = Map.groupBy(holdings, (one) => one.resourceId);
  return {
    could_go: refusals.length === 0,
    stages,
    refusals: refusals.map(refusalView),
    releases: [...held].map(([id, mine]) => ({
      id,
      holdings: mine.map(({ ref, domain, type, takenAt }) => ({ ref, domain, type, taken_at: isoMillis(takenAt) })),
    })),
    stays: stays.map(brief),
    already_gone: gone.map((one) => ({ ...brief(one), gone_at: one.goneAt === null ? null : isoMillis(one.goneAt) })),
  };
}
