import { each, poll, tokenOf } from "./client.ts";

const url = "http://127.0.0.1:7099";
const headers = { "x-auth-token": await tokenOf(url), "content-type": "application/json" };
const post = async (p: string, b: object) =>
  (await fetch(url + p, { method: "POST", headers, body: JSON.stringify(b) })).json() as any;
const w = (await post("/v1/workspaces", { name: "bench" })).id;
const ids: string[] = [];
const e = `/v1/workspaces/${w}/endpoints`;
if (process.argv[2] !== "poll") {
  console.log(
    "create",
    await each(
      url,
      "POST",
      Array.from({ length: 3000 }, () => ({ path: e, body: JSON.stringify({ name: "b", type: "inference" }) })),
      headers,
      (t) => ids.push(JSON.parse(t).id),
    ),
  );
  console.log(
    "delete",
    await each(
      url,
      "DELETE",
      ids.map((i) => ({ path: `${e}/${i}` })),
      headers,
    ),
  );
} else {
  const id = (await post(e, { name: "b", type: "inference" })).id;
  console.log(await poll(url + `${e}/${id}`, headers, 4));
}
