import { taurusdb as service } from "../../../src/services/taurusdb/index.ts";
import { newInstance, newProxy } from "../../../src/services/taurusdb/taurusdb-testing.ts";
import type { Hands, Stage } from "../stage.ts";
import { deleting, tearDown } from "./deleting.ts";

const A_WHILE = 30 * 60_000;

async function idOf(hands: Hands, kind: string, pick: (spec: Record<string, unknown>) => boolean): Promise<string> {
  const all = await hands.lifecycle.list({ kind });
  return all.find((one) => pick(one.spec))?.id ?? "";
}

/** A database with a primary, two replicas, and one proxy. */
export const database: Stage = {
  name: "taurusdb",
  service,
  kinds: service.kinds,
  async furnish(hands, pass) {
    const made = (await hands.call("CreateGaussMySqlInstance", {}, newInstance({ slave_count: 2 }))) as {
      instance: { id: string };
    };
    const instance = made.instance.id;
    await pass(A_WHILE);
    await hands.call("CreateGaussMySqlProxy", { instance_id: instance }, newProxy());
    await pass(A_WHILE);
    const proxy = await idOf(hands, "taurusdb.proxy", () => true);
    const replica = await idOf(hands, "taurusdb.node", (spec) => spec.role === "slave");
    return { instance, proxy, replica };
  },
  moves: [
    { name: "delete", ask: (hands, { instance }) => hands.call("DeleteGaussMySqlInstance", { instance_id: instance }) },
    {
      name: "delete-proxy",
      ask: (hands, { instance, proxy }) =>
        hands.call("DeleteGaussMySqlProxy", { instance_id: instance }, { proxy_ids: [proxy] }),
    },
    { name: "close-proxy", ask: (hands, { instance }) => hands.call("CloseMySqlProxy", { instance_id: instance }) },
    {
      name: "create-proxy",
      ask: (hands, { instance }) => hands.call("CreateGaussMySqlProxy", { instance_id: instance }, newProxy()),
    },
    {
      name: "delete-node",
      ask: (hands, { instance, replica }) =>
        hands.call("DeleteGaussMySqlReadonlyNode", { instance_id: instance, node_id: replica }),
    },
    {
      name: "create-node",
      ask: (hands, { instance }) =>
        hands.call("CreateGaussMySqlReadonlyNode", { instance_id: instance }, { priorities: [2] }),
    },
    tearDown("instance"),
  ],
};

const deletions = database.moves.filter(({ name }) => name === "delete" || name === "close-proxy");
export const databaseDeleting = deleting(database, "delete-proxy", "proxy", deletions);
