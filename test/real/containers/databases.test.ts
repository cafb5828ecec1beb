import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../until.ts";
import { ask, connectTo, databasesOf } from "./databases.ts";
import { assertNothingLeft, names, startReal, volumes } from "./rig.ts";

test("a client writes through one proxy and reads the replica's copy through another; a drained one lets it finish", async (t) => {
  const real = await startReal(t);
  const databases = databasesOf(real.ebb.one);
  const id = await databases.create();
  const nodes = await databases.up(id);
  assert.equal((await names()).length, 2);
  assert.equal((await volumes()).length, 3, "one a node, and the cluster's");

  await databases.openProxy(id);
  const proxy = await databases.proxy(id);
  await assert.rejects(connectTo(proxy, ""), /Access denied/, "nothing opens without a password");
  const writer = await connectTo(proxy);
  t.after(() => writer.destroy());
  await writer.query("CREATE DATABASE shop");
  await writer.query("CREATE TABLE shop.orders (id INT PRIMARY KEY)");
  await writer.query("INSERT INTO shop.orders VALUES (7)");
  const [semi] = await ask(writer, "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'");
  assert.equal(semi?.Value, "1");

  await databases.openProxy(id, { proxy_mode: "readonly", nodes_read_weight: [{ id: nodes[1], weight: 100 }] });
  const reads = await databases.proxy(id);
  const reader = await connectTo(reads);
  t.after(() => reader.destroy());
  await until("the replica has the row", async () => {
    const rows = await ask(reader, "SELECT id FROM shop.orders").catch(() => []);
    return rows[0]?.id === 7 ? true : undefined;
  });
  const [mode] = await ask(reader, "SELECT @@read_only AS it");
  assert.equal(mode?.it, 1);

  await writer.query("START TRANSACTION");
  await writer.query("INSERT INTO shop.orders VALUES (8)");
  const job = await databases.removeProxy(id, proxy.id);
  await until("new connections are refused", async () =>
    connectTo(proxy).then(
      (one) => one.destroy(),
      () => true as const,
    ),
  );
  assert.notEqual(await databases.jobStatus(job), "Completed");
  await writer.query("COMMIT");
  await writer.end();
  await until("the job is over", async () => ((await databases.jobStatus(job)) === "Completed" ? true : undefined));
  assert.equal((await ask(reader, "SELECT id FROM shop.orders WHERE id = 8")).length, 1);
  assert.equal((await names()).length, 3);

  await databases.removeInstance(id);
  await databases.gone(id);
  await assert.rejects(ask(reader, "SELECT 1"), "what is still open after the deadline is cut");
  await assertNothingLeft(real);
});
