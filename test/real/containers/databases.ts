import assert from "node:assert/strict";
import { type Connection, createConnection } from "mysql2/promise";
import { newInstance, newProxy } from "../../../src/services/taurusdb/taurusdb-testing.ts";
import type { Asker } from "../../harness.ts";
import { until } from "../until.ts";
import { waitFor } from "./rig.ts";

type Caller = Pick<Asker, "ask"> & { projectId: string };

export interface Place {
  address: string;
  port: number;
}

/** What a client does with databases and proxies over the wire. */
export const databasesOf = (who: Caller) => {
  const base = `/v3/${who.projectId}`;
  const path = (id = "", tail = "") => `${base}/instances${id && `/${id}`}${tail}`;
  const list = async (instance: string) => (await who.ask("GET", path(instance, "/proxies"))).body.proxy_list ?? [];
  return {
    async create(): Promise<string> {
      const made = await who.ask("POST", path(), newInstance());
      assert.equal(made.status, 201, made.text);
      return made.body.instance.id;
    },
    /** Waits until it is up, and answers the ids of its nodes, the primary's first. */
    async up(id: string): Promise<string[]> {
      const shown = await waitFor(who, path(id), "ACTIVE", (body) => body?.instance?.status ?? "");
      const nodes: { id: string; type: string }[] = shown.instance.nodes;
      return nodes.toSorted((a) => (a.type === "master" ? -1 : 1)).map((one) => one.id);
    },
    async openProxy(instance: string, over: object = {}): Promise<void> {
      const made = await who.ask("POST", path(instance, "/proxy"), newProxy(over));
      assert.ok(made.status < 300, made.text);
    },
    /** The newest one, when it is up. */
    async proxy(instance: string): Promise<Place & { id: string }> {
      return until("the proxy is up", async () => {
        const all: { proxy: Place & { status: string; pool_id: string } }[] = await list(instance);
        const proxy = all.at(-1)?.proxy;
        if (proxy?.status === "FAILED") throw new Error("the proxy has failed");
        return proxy?.status === "ACTIVE" ? { ...proxy, id: proxy.pool_id } : undefined;
      });
    },
    /** Answers the job's id. */
    async removeProxy(instance: string, id: string): Promise<string> {
      const asked = await who.ask("DELETE", path(instance, "/proxy"), { proxy_ids: [id] });
      assert.equal(asked.status, 200, asked.text);
      return asked.body.job_id;
    },
    async removeInstance(instance: string): Promise<void> {
      const asked = await who.ask("DELETE", path(instance));
      assert.ok(asked.status < 300, asked.text);
    },
    jobStatus: async (id: string): Promise<string> =>
      (await who.ask("GET", `${base}/jobs?id=${id}`)).body.job?.status ?? "",
    gone: (instance: string) =>
      until("the database is gone", async () =>
        (await who.ask("GET", path(instance))).status === 404 ? true : undefined,
      ),
  };
};

export const PASSWORD = "Ebb-real-1";

export const connectTo = ({ address, port }: Place, password = PASSWORD): Promise<Connection> =>
  createConnection({ host: address, port, user: "root", password, connectTimeout: 10_000 });

export async function ask(connection: Connection, sql: string): Promise<Record<string, unknown>[]> {
  const [rows] = await connection.query(sql);
  return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
}
