import { Type } from "typebox";
import type { Advanced, Distance, DueThing, Standing } from "../../lifecycle/index.ts";
import { DURATION_FORM, durationMs, isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";

/** The furthest that one call may go. */
const CENTURY_MS = 100 * 365.25 * 86_400_000;
/** Times are written with a year of four digits. */
const LAST_TIME = Date.UTC(9999, 11, 31);
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

const dueView = (thing: DueThing, now: number): object => ({
  at: isoMillis(thing.dueAt),
  in_ms: thing.dueAt - now,
  is: thing.operationId === null ? "alarm" : "operation",
  operation_id: thing.operationId,
  resource_id: thing.resourceId,
  kind: thing.kind,
  verb: thing.verb,
  step: thing.step,
});

const clockView = ({ now, frozen, ahead, next, underWay }: Standing): object => ({
  now: isoMillis(now),
  frozen,
  ahead_ms: ahead,
  next: next ? dueView(next, now) : null,
  under_way: underWay.map((thing) => dueView(thing, now)),
});

const advancedView = (advanced: Advanced): object => ({
  ...clockView(advanced),
  advanced_ms: advanced.advanced,
  stops: advanced.stops,
});

/** What the body of an advance asks for. Throws a refusal for what is no way forward. */
function distanceOf({ by, to }: { by?: string | number; to?: string }, now: number): Distance {
  if ((by === undefined) === (to === undefined))
    throw refuse.invalid("an advance needs either by or to", `{"by": "30m"}, {"by": 1800000} or {"to": "next"}`);
  if (to === "next") return { to };
  if (to !== undefined) return { to: inReach(timeOf(to), to, now) };
  const ms = typeof by === "number" ? by : durationMs(by ?? "");
  if (ms === undefined) throw refuse.invalid(`by: ${JSON.stringify(by)} is no duration`, `such as ${DURATION_FORM}`);
  if (ms <= 0) throw refuse.invalid(`by: the clock only moves forward, and ${by} is no way forward`);
  inReach(now + ms, String(by), now);
  return { by: ms };
}

function timeOf(text: string): number {
  const time = ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw refuse.invalid(`to: ${JSON.stringify(text)} is no time`, `"next", or a time such as 2026-01-05T08:30:00Z`);
  return time;
}

function inReach(time: number, asked: string, now: number): number {
  if (time - now > CENTURY_MS) throw refuse.invalid(`${asked} is over 100 years ahead`, "go in shorter steps");
  if (time > LAST_TIME) throw refuse.invalid(`${asked} is past the year 9999`);
  return time;
}

export const clockRoutes = ({ lifecycle, clock }: Desk): Operation[] => [
  operation({
    id: "ShowClock",
    method: "GET",
    path: "/ebb/v1/clock",
    summary: "Virtual time, what falls due next, and what is due and still under way",
    action: null,
    access: "operator",
    success: 200,
    handle: async () => ({ body: clockView(await lifecycle.time.show()) }),
  }),
  operation({
    id: "AdvanceClock",
    method: "POST",
    path: "/ebb/v1/clock/advance",
    summary: "Lets time pass at once, with all that falls due in it",
    action: null,
    access: "operator",
    unhurried: true,
    success: 200,
    body: Type.Object(
      {
        by: Type.Optional(
          Type.Union([Type.String({ maxLength: 64 }), Type.Integer()], {
            description: `A duration such as ${DURATION_FORM}, or ms`,
          }),
        ),
        to: Type.Optional(Type.String({ maxLength: 64, description: '"next" for the next thing due, or a time' })),
      },
      { additionalProperties: false },
    ),
    emptyBody: {},
    handle: async ({ body }) => ({
      body: advancedView(await lifecycle.time.advance(distanceOf(body, clock.now()))),
    }),
  }),
  operation({
    id: "FreezeClock",
    method: "POST",
    path: "/ebb/v1/clock/freeze",
    summary: "Lets virtual time stand still until it is advanced or resumed",
    action: null,
    access: "operator",
    unhurried: true,
    success: 200,
    handle: async () => ({ body: clockView(await lifecycle.time.freeze()) }),
  }),
  operation({
    id: "ResumeClock",
    method: "POST",
    path: "/ebb/v1/clock/resume",
    summary: "Lets virtual time go on from where it stands",
    action: null,
    access: "operator",
    unhurried: true,
    success: 200,
    handle: async () => ({ body: clockView(await lifecycle.time.resume()) }),
  }),
];
