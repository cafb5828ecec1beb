import { type Static, Type } from "typebox";
import { dropPace, listPaces, type Pace, readPace, writePace } from "../../drivers/simulated/paces.ts";
import { DURATION_FORM, durationMs, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { Word } from "../schemas.ts";

const DECADE_MS = 10 * 365.25 * 86_400_000;
const MOST_POLLS = 10_000;
const WHEN = "what starts in the world from now on; what is under way goes on at the pace it began with";

const params = Type.Object({ kind: Word });

const Body = Type.Object(
  {
    mode: Type.Union([Type.Literal("immediate"), Type.Literal("duration"), Type.Literal("polls")]),
    ms: Type.Optional(Type.Integer({ description: "How long each change takes, in virtual ms" })),
    by: Type.Optional(Type.String({ maxLength: 64, description: `The same as a duration, such as ${DURATION_FORM}` })),
    polls: Type.Optional(Type.Integer({ description: "How often a client asks before the change is over" })),
  },
  { additionalProperties: false },
);

/** What a body asks for; a field that does not belong to its mode is refused. */
function paceOf({ mode, ms, by, polls }: Static<typeof Body>): Pace {
  const given = Object.entries({ ms, by, polls }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const allowed = { immediate: [], duration: ["ms", "by"], polls: ["polls"] }[mode] as string[];
  const extra = given.find((name) => !allowed.includes(name));
  if (extra) throw refuse.invalid(`${extra} does not belong to the mode ${mode}`);
  if (mode === "immediate") return { mode };
  if (given.length !== 1) throw refuse.invalid(`the mode ${mode} needs ${allowed.join(" or ")}, and one only`);
  if (mode === "polls") {
    if (polls === undefined || polls < 1 || polls > MOST_POLLS)
      throw refuse.invalid(`polls: from 1 to ${MOST_POLLS}, and not ${polls}`);
    return { mode, polls };
  }
  const length = ms ?? durationMs(by ?? "");
  if (length === undefined)
    throw refuse.invalid(`by: ${JSON.stringify(by)} is no duration`, `such as ${DURATION_FORM}`);
  if (length < 0 || length > DECADE_MS) throw refuse.invalid(`${given[0]}: from 0 to 10 years, and not ${by ?? ms}`);
  return { mode, ms: length };
}

const paceView = (kind: string, pace: Pace | undefined): object => ({ kind, ...(pace ?? { mode: "default" }) });

export function paceRoutes({ store, services, polls, pace: setting }: Desk): Operation[] {
  const kinds = services.flatMap((service) => service.kinds.map((kind) => kind.name)).toSorted();
  const mustBe = (kind: string) => {
    if (!kinds.includes(kind)) throw refuse.notFound(`there is no kind ${kind}`, `there are ${kinds.join(", ")}`);
  };
  const shape = { action: null, access: "operator" } as const;
  return [
    operation({
      ...shape,
      id: "ListPaces",
      method: "GET",
      path: "/ebb/v1/paces",
      summary: "How long what happens in the world takes, by kind; at a default pace it goes by the setting",
      success: 200,
      handle: async () => {
        const paces = await store.read(listPaces);
        return { body: { setting, paces: kinds.map((kind) => paceView(kind, paces.get(kind))), next: null } };
      },
    }),
    operation({
      ...shape,
      id: "SetPace",
      method: "PUT",
      path: "/ebb/v1/paces/{kind}",
      summary: "Sets how long each change of the world takes that is made for a kind's resources",
      success: 200,
      params,
      body: Body,
      handle: async ({ params: { kind }, body }) => {
        mustBe(kind);
        const pace = paceOf(body);
        await store.write("pace", (tx) => writePace(tx, kind, pace));
        await polls.refresh();
        return {
          body: { ...paceView(kind, await store.read((session) => readPace(session, kind))), applies_to: WHEN },
        };
      },
    }),
    operation({
      ...shape,
      id: "DropPace",
      method: "DELETE",
      path: "/ebb/v1/paces/{kind}",
      summary: "Lets a kind go by the setting again",
      success: 200,
      params,
      handle: async ({ params: { kind } }) => {
        mustBe(kind);
        await store.write("pace", (tx) => dropPace(tx, kind));
        await polls.refresh();
        return { body: { ...paceView(kind, undefined), applies_to: WHEN } };
      },
    }),
  ];
}
