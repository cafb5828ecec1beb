import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { LOCAL_PROJECT_ID } from "../src/settings/local-account.ts";
import { each, type Load, poll, tokenOf } from "./client.ts";
import { bareCommits } from "./commits.ts";
import { spawnServer } from "./server.ts";

/** As `npm start` has it. */
const FLAGS = ["--max-semi-space-size=1"];
const EBB = fileURLToPath(new URL("../bin/ebb.js", import.meta.url));
const BARE = fileURLToPath(new URL("bare.ts", import.meta.url));

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "5" },
    deletes: { type: "string", default: "4000" },
  },
});
const seconds = Number(flags.seconds);
const deleteCount = Number(flags.deletes);

function mustBeRight(what: string, { wrong }: Load): void {
  if (wrong > 0) throw new Error(`${what}: ${wrong} answers were errors, so its figure means nothing`);
}

/** Endpoints to delete, and one running instance to poll. */
async function furnish(url: string, headers: Record<string, string>): Promise<{ paths: string[]; status: string }> {
  const post = async (path: string, body: object) =>
    (
      await fetch(url + path, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
      })
    ).json() as Promise<Record<string, string>>;
  const { id: workspace } = await post("/v1/workspaces", { name: "bench" });
  const endpoints = `/v1/workspaces/${workspace}/endpoints`;
  const body = JSON.stringify({ name: "bench", type: "inference" });
  const ids: string[] = [];
  mustBeRight(
    "creating endpoints",
    await each(
      url,
      "POST",
      Array.from({ length: deleteCount }, () => ({ path: endpoints, body })),
      headers,
      (text) => ids.push((JSON.parse(text) as { id: string }).id),
    ),
  );
  const uuid = "0a1b2c3d-1111-4222-8333-444455556666";
  const { instance_id: instance } = await post(`/v1/${LOCAL_PROJECT_ID}/instances`, {
    name: "bench",
    image_id: uuid,
    vpc_id: uuid,
    network_interfaces: [{ subnet_id: uuid }],
    password: "Str0ng-Pass",
  });
  return {
    paths: ids.map((id) => `${endpoints}/${id}`),
    status: `/v1/${LOCAL_PROJECT_ID}/instances/${instance}/status`,
  };
}

const start = (dataDir: string, pace: string) =>
  spawnServer([...FLAGS, EBB, "start", "--port", "0", "--data-dir", dataDir, "--pace", pace, "--log-level", "error"]);

/** Made at once, so that what is measured afterwards runs at the default pace on things that are all there. */
async function furnished(dataDir: string) {
  const ebb = await start(dataDir, "instant");
  try {
    return await furnish(ebb.url, { "x-auth-token": await tokenOf(ebb.url) });
  } finally {
    await ebb.stop();
  }
}

/** On an empty store, and with the sources compiled by the start before. */
async function measureStart(dataDir: string) {
  const ebb = await start(dataDir, "real");
  try {
    await wait(500);
    return { startMs: ebb.startMs, idleMb: ebb.residentMb() };
  } finally {
    await ebb.stop();
  }
}

async function measureEbb(dataDir: string) {
  const made = await furnished(dataDir);
  const ebb = await start(dataDir, "real");
  try {
    const headers = { "x-auth-token": await tokenOf(ebb.url) };
    const polls = await poll(ebb.url + made.status, headers, seconds);
    mustBeRight("polls", polls);
    const deletes = made.paths.map((path) => ({ path }));
    const accepts = await each(ebb.url, "DELETE", deletes, headers);
    mustBeRight("deletes", accepts);
    return { accepts, polls };
  } finally {
    await ebb.stop();
  }
}

async function measureBare(): Promise<Load> {
  const bare = await spawnServer([BARE]);
  try {
    return await poll(`${bare.url}/v1/${LOCAL_PROJECT_ID}/instances/bench/status`, {}, seconds);
  } finally {
    await bare.stop();
  }
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

const folder = mkdtempSync(join(tmpdir(), "ebb-bench-"));
try {
  const before = bareCommits(seconds * 500);
  const ebb = await measureEbb(join(folder, "busy"));
  const idle = await measureStart(join(folder, "empty"));
  const bare = await measureBare();
  // Measured on both sides of Ebb's own run, because a shared machine is not equally fast all the time.
  const commits = (before + bareCommits(seconds * 500)) / 2;
  const figures = {
    accept_ratio: round(ebb.accepts.perSecond / commits, 2),
    accepts_per_s: Math.round(ebb.accepts.perSecond),
    accept_p50_ms: round(ebb.accepts.p50Ms, 1),
    poll_ratio: round(ebb.polls.perSecond / bare.perSecond, 2),
    polls_per_s: Math.round(ebb.polls.perSecond),
    start_ms: Math.round(idle.startMs),
    idle_mb: Math.round(idle.idleMb),
  };
  if (flags.json) console.log(JSON.stringify(figures));
  else {
    console.log(`bare store commits/s   ${Math.round(commits)}   (one row each, fsync on)`);
    console.log(
      `accepted deletes/s     ${figures.accepts_per_s}   ratio ${figures.accept_ratio}, p50 ${figures.accept_p50_ms} ms`,
    );
    console.log(`bare JSON route/s      ${Math.round(bare.perSecond)}`);
    console.log(`status polls/s         ${figures.polls_per_s}   ratio ${figures.poll_ratio}`);
    console.log(`start to first answer  ${figures.start_ms} ms`);
    console.log(`idle memory            ${figures.idle_mb} MB`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
