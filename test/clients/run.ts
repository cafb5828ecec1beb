import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/log.ts";
import { startServer } from "../../src/server.ts";
import {
  LOCAL_ACCESS_KEY,
  LOCAL_DOMAIN_ID,
  LOCAL_PROJECT_ID,
  LOCAL_SECRET_KEY,
} from "../../src/settings/local-account.ts";
import { loadSettings } from "../../src/settings.ts";

/**
 * `npm run test:clients`: the vendor's own SDKs, unmodified, against a running Ebb. The Python packages are installed into
 * `.venv`, at the versions that `requirements.txt` pins.
 */
const PYTHON_TESTS = join(import.meta.dirname, "python");
const VENV = join(import.meta.dirname, "../../.venv");
const PYTHON = join(VENV, "bin/python");

async function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
}

async function install(): Promise<void> {
  if (!existsSync(PYTHON)) await run("python3", ["-m", "venv", VENV]);
  await run(PYTHON, [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "-r",
    join(PYTHON_TESTS, "requirements.txt"),
  ]);
}

await install();
const dataDir = mkdtempSync(join(tmpdir(), "ebb-clients-"));
const settings = loadSettings({ port: "0", dataDir, pace: "instant" }, {}, dataDir);
const server = await startServer(settings, { log: silentLog });
try {
  await run(PYTHON, ["-m", "pytest", "-q", "-p", "no:cacheprovider", PYTHON_TESTS, ...process.argv.slice(2)], {
    PYTHONDONTWRITEBYTECODE: "1",
    EBB_ENDPOINT: server.url,
    EBB_ACCESS_KEY: LOCAL_ACCESS_KEY,
    EBB_SECRET_KEY: LOCAL_SECRET_KEY,
    EBB_PROJECT_ID: LOCAL_PROJECT_ID,
    EBB_DOMAIN_ID: LOCAL_DOMAIN_ID,
    EBB_REGION: settings.region,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
}
