import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { ENGINE_FOLDER, IMAGE, socketOf } from "../engine.ts";
import { assertWorldEmpty, clearAfter, driversIn, folderOf } from "./rig.ts";

const PROJECT = join(import.meta.dirname, "../../..");
const DOC = readFileSync(join(PROJECT, "docs/drivers.md"), "utf8");

/** The shell block below a heading. */
const blockUnder = (heading: string): string =>
  new RegExp(`\n## ${heading}\n[^#]*?\n\`\`\`sh\n([^]*?)\n\`\`\`\n`).exec(DOC)?.[1] ?? assert.fail(`no ${heading}`);

/**
 * Ebb runs, as in another terminal. It is not installed in the folder of the walk, and the client of databases is in the
 * image only.
 */
const EBB = `"${process.execPath}" "${join(PROJECT, "bin/ebb.js")}"`;
const PRELUDE = `
npx() { shift; ${EBB} "$@"; }
mariadb() { docker run --rm --network host ${IMAGE} mariadb "$@"; }
${EBB} start &
trap 'kill %1; wait %1' EXIT
until [ -e .ebb/running.json ]; do sleep 0.1; done
`;

test("the first minute of the docs, typed in: a notebook opens, a proxy answers, and after the deletes nothing is there", async (t) => {
  const folder = folderOf(t, "walk");
  clearAfter(t);
  const drivers = driversIn(join(folder, "buckets"), { database: {} });
  writeFileSync(join(folder, "ebb.yaml"), stringify({ drivers }));
  const { stdout } = await promisify(execFile)("bash", ["-c", PRELUDE + blockUnder("First minute")], {
    cwd: folder,
    env: { ...process.env, EBB_PORT: "0", EBB_LOG_LEVEL: "error", DOCKER_HOST: `unix://${socketOf(ENGINE_FOLDER)}` },
    timeout: 200_000,
  });
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/.*token=/m, "the notebook's URL");
  assert.match(stdout, /@@hostname\n\S+/, "what the query through the proxy said");
  assert.match(stdout, /^CONTAINER ID .*NAMES\nDRIVER +VOLUME NAME\n/m, "no container and no volume is left");
  assert.match(stdout, /^no leaks$/m);
  for (const kind of ["modelarts.notebook", "taurusdb.proxy", "taurusdb.instance"])
    assert.ok(stdout.includes(kind), `a receipt of a ${kind}: ${stdout}`);
  await assertWorldEmpty();
});
