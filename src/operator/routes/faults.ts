import { Type } from "typebox";
import { type Fault, TooManyFaults } from "../../faults/index.ts";
import { NoSuch } from "../../lifecycle/index.ts";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { FaultBody } from "../faults/body.ts";
import { specOf } from "../faults/spec.ts";
import { Id } from "../schemas.ts";

const PATH = "/ebb/v1/faults";
const shape = { action: null, access: "operator" } as const;

/** A fault with its counts; `hits` 0 is one that never fired. */
export function faultView({ id, spec, calls, hits, firstHitAt, createdAt }: Fault): object {
  return {
    id,
    ...spec,
    ...(spec.until === undefined ? {} : { until: isoMillis(spec.until) }),
    calls,
    hits,
    first_hit_at: firstHitAt === null ? null : isoMillis(firstHitAt),
    created_at: isoMillis(createdAt),
  };
}

const listed = (faults: readonly Fault[]) => ({ body: { faults: faults.map(faultView), next: null } });

export function faultRoutes(desk: Desk): Operation[] {
  const { faults } = desk;
  return [
    operation({
      ...shape,
      id: "AddFault",
      method: "POST",
      path: PATH,
      summary: "Lets calls, steps or the answers for what is gone go wrong",
      success: 201,
      body: FaultBody,
      handle: async ({ body }) => ({ body: faultView(await added(desk, body)) }),
    }),
    operation({
      ...shape,
      id: "ListFaults",
      method: "GET",
      path: PATH,
      summary: "The faults in force, in the order in which they are asked",
      success: 200,
      query: Type.Object(
        {
          unused: Type.Optional(
            Type.Boolean({ description: "true: only those that never fired; false: only the others" }),
          ),
        },
        { additionalProperties: false },
      ),
      handle: async ({ query: { unused } }) => {
        const all = await faults.list();
        return listed(unused === undefined ? all : all.filter(({ hits }) => (hits === 0) === unused));
      },
    }),
    operation({
      ...shape,
      id: "ShowFault",
      method: "GET",
      path: `${PATH}/{id}`,
      summary: "A fault, and how often it has fired",
      success: 200,
      params: Type.Object({ id: Id }),
      handle: async ({ params: { id } }) => ({ body: faultView(mustBe(await faults.find(id), id)) }),
    }),
    operation({
      ...shape,
      id: "RemoveFault",
      method: "DELETE",
      path: `${PATH}/{id}`,
      summary: "Ends a fault, and answers it with its last counts",
      success: 200,
      params: Type.Object({ id: Id }),
      handle: async ({ params: { id } }) => ({ body: faultView(mustBe(await faults.remove(id), id)) }),
    }),
    operation({
      ...shape,
      id: "ClearFaults",
      method: "DELETE",
      path: PATH,
      summary: "Ends all faults, and answers them with their last counts",
      success: 200,
      handle: async () => listed(await faults.clear()),
    }),
  ];
}

async function added(desk: Desk, body: FaultBody): Promise<Fault> {
  try {
    return await desk.faults.add(await specOf(body, desk));
  } catch (error) {
    if (error instanceof TooManyFaults) throw refuse.conflict(error.message, "ebb fault clear ends them all");
    throw error;
  }
}

function mustBe(found: Fault | undefined, id: string): Fault {
  if (!found) throw new NoSuch("fault", id);
  return found;
}
