import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const VERSION = "2.2.0";
const STARTS_WITHIN_MS = 60_000;

export const SYSTEM = "27946b59-9e44-4fa7-8e91-f3527a1ef094";
export const ACCOUNT = { user: "ebb", password: "bmc-Passw0rd" };

/** OpenStack's emulator of Redfish, as a process: its state outlives a kill, as a machine's does. */
export interface Emulator {
  url: string;
  /** The certificate that it shows, where it speaks TLS. */
  ca: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ebb", `sushy-tools-${VERSION}`);

/** Installs the emulator once, beside the project; answers its Python. Two that do so at once do no harm. */
export async function installed(): Promise<string> {
  const python = join(CACHE, "bin", "python");
  if (existsSync(python)) return python;
  const ours = `${CACHE}.${process.pid}`;
  mkdirSync(join(CACHE, ".."), { recursive: true });
  await run("python3", ["-m", "venv", ours]);
  await run(join(ours, "bin", "python"), ["-m", "pip", "install", "--quiet", `sushy-tools==${VERSION}`]);
  try {
    renameSync(ours, CACHE);
  } catch {
    rmSync(ours, { recursive: true, force: true });
  }
  return python;
}

const CERTIFICATE = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"].concat(
  ["-subj", "/CN=127.0.0.1"],
  ["-addext", "subjectAltName=IP:127.0.0.1"],
);

/** The emulator's machines take up to 11 s for a switch, at random: here it is the least of that. */
const LAUNCH =
  "import random, sys; random.randint = lambda least, most: least; " +
  "from sushy_tools.emulator.main import main; sys.exit(main())";

/** A controller and a drive, which can be looked at; the emulator's drives cannot erase themselves. */
const STORAGE = `
SUSHY_EMULATOR_STORAGE = {"${SYSTEM}": [{"Id": "1", "Name": "Controller", "StorageControllers": [], "Drives": ["D1"]}]}
SUSHY_EMULATOR_DRIVES = {("${SYSTEM}", "1"): [{"Id": "D1", "Name": "Drive", "CapacityBytes": 10 ** 9, "Protocol": "SAS"}]}
`;

/** One fake machine behind a BMC with an account, on a free port. */
export async function startEmulator(t: TestContext, { tls = false } = {}): Promise<Emulator> {
  const python = await installed();
  const folder = mkdtempSync(join(tmpdir(), "ebb-bmc-"));
  const { stdout: hash } = await run(python, [
    "-c",
    "import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())",
    ACCOUNT.password,
  ]);
  writeFileSync(join(folder, "accounts"), `${ACCOUNT.user}:${hash.trim()}\n`);
  const config = {
    SUSHY_EMULATOR_AUTH_FILE: join(folder, "accounts"),
    SUSHY_EMULATOR_STATE_DIR: join(folder, "state"),
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
  writeFileSync(join(folder, "emulator.conf"), lines.join("") + STORAGE);
  const port = await freePort();
  const url = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  const [ca, key] = [join(folder, "bmc.pem"), join(folder, "bmc.key")];
  if (tls) await run("openssl", [...CERTIFICATE, "-keyout", key, "-out", ca]);
  let child: ChildProcess | undefined;
  const kill = async () => {
    const dying = child;
    child = undefined;
    if (!dying || dying.exitCode !== null) return;
    const gone = once(dying, "exit");
    dying.kill("SIGKILL");
    await gone;
  };
  const start = async () => {
    const args = ["--fake", "-i", "127.0.0.1", "-p", String(port), "--config", join(folder, "emulator.conf")];
    if (tls) args.push("--ssl-certificate", ca, "--ssl-key", key);
    // Media that it fetches are written where they are taken away again.
    const env = { PATH: process.env.PATH, TMPDIR: folder };
    child = spawn(python, ["-c", LAUNCH, ...args], { stdio: "ignore", env });
    await answering(url);
  };
  t.after(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  return { url, ca, start, kill };
}

async function answering(url: string): Promise<void> {
  const end = Date.now() + STARTS_WITHIN_MS;
  for (;;) {
    const asked = ["--silent", "--fail", "--insecure", "--max-time", "2", `${url}/redfish/v1/`];
    const is = await run("curl", asked).catch(() => undefined);
    if (is !== undefined) return;
    if (Date.now() > end) throw new Error("the emulator does not answer");
    await new Promise((go) => setTimeout(go, 100));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
