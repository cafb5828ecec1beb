import type { When } from "../../faults/index.ts";
import { refuse } from "../dialect.ts";
import type { FaultBody } from "./body.ts";

const WHICH = ["first", "every", "probability"] as const;

/** @throws where two fields contradict each other, or the fault is over before it begins */
export function whenOf(body: FaultBody, now: number): When {
  const { first, every, probability, seed, times, for_ms, until } = body;
  const which = WHICH.filter((name) => body[name] !== undefined);
  if (which.length > 1)
    throw refuse.invalid(`${which.join(" and ")} contradict each other`, `say one of ${WHICH.join(", ")}`);
  if (probability !== undefined && seed === undefined)
    throw refuse.invalid("a probability needs a seed", "with the same seed the same calls are hit again");
  if (probability === undefined && seed !== undefined)
    throw refuse.invalid("a seed is only for a probability", "leave it out, or add probability");
  if (first !== undefined && times !== undefined)
    throw refuse.invalid("first and times contradict each other", "first is a bound already");
  if (for_ms !== undefined && until !== undefined)
    throw refuse.invalid("for_ms and until contradict each other", "say how long from the first hit, or until when");
  const end = until === undefined ? undefined : endOf(until, now);
  const all = { first, every, probability, seed, times, for_ms, until: end };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function endOf(until: string, now: number): number {
  const end = /^\d{4}-\d\d-\d\dT/.test(until) ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(end)) throw refuse.invalid(`until ${until} is no time`, "as in 2026-01-05T08:00:00Z");
  if (end <= now)
    throw refuse.invalid(
      `until ${until} is over: the fault can hit nothing`,
      `Ebb's clock says ${new Date(now).toISOString()}`,
    );
  return end;
}
