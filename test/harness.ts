import type { TestContext } from "node:test";
import { MovableClock } from "../src/clock.ts";
import { createIds, seededRandom } from "../src/ids.ts";
import { silentLog } from "../src/log.ts";
import { type Ports, type Server, startServer } from "../src/server.ts";
import { loadSettings, type Settings } from "../src/settings.ts";
import { freshStore, letPass, START } from "./store.ts";

export { START } from "./store.ts";

/** Two accounts, so that a test can be the wrong one. Credentials of tests only. */
export const ACCOUNTS = [
  {
    name: "acct-one",
    id: "1".repeat(32),
    users: [
      {
        name: "one",
        id: "a1".repeat(16),
        password: "Passw0rd-one",
        access_key: "TESTACCESSKEYONE0001",
        secret_key: "testSecretKeyOne00000000000000000000001A",
      },
    ],
    projects: [{ name: "eu-local-1", id: "c1".repeat(16) }],
  },
  {
    name: "acct-two",
    id: "2".repeat(32),
    users: [
      {
        name: "two",
        id: "a2".repeat(16),
        password: "Passw0rd-two",
        access_key: "TESTACCESSKEYTWO0002",
        secret_key: "testSecretKeyTwo00000000000000000000002B",
      },
    ],
    projects: [{ name: "eu-local-1", id: "c2".repeat(16) }],
  },
];

export interface Answer {
  status: number;
  headers: Headers;
  /** The body as JSON, or undefined when there is none. */
  body: any; // oxlint-disable-line typescript/no-explicit-any -- a test looks into whatever came back
  text: string;
}

/** One account's way of asking. */
export interface Asker {
  projectId: string;
  token: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Ebb extends Server {
  settings: Settings;
  one: Asker;
  two: Asker;
  /** Asks Ebb's own API, with its token. */
  operator: Asker["ask"];
  /** Asks with no credentials. */
  ask: Asker["ask"];
  /** Lets virtual time pass, with all that falls due in it. */
  pass(ms: number): Promise<void>;
  /** Waits until nothing is due. */
  settle(): Promise<void>;
}

export interface EbbOptions {
  settings?: Partial<Settings>;
  ports?: Partial<Ports>;
}

/** Starts a whole Ebb for one test: two accounts, time standing still at START, ids from a seed, real durations. */
export async function startEbb(t: TestContext, options: EbbOptions = {}): Promise<Ebb> {
  const { dataDir, store, remove } = await freshStore();
  const settings: Settings = {
    ...loadSettings({}, {}, dataDir),
    dataDir,
    store,
    port: 0,
    accounts: ACCOUNTS,
    ...options.settings,
  };
  const clock = new MovableClock({ frozenAt: START });
  const server = await startServer(settings, {
    clock,
    waits: new MovableClock({ frozenAt: START }),
    ids: createIds(seededRandom(1)),
    log: silentLog,
    passwordCost: 1024,
    ...options.ports,
  });
  t.after(async () => {
    await server.close();
    await remove();
  });
  const settle = () => server.house.lifecycle.runner.settled();
  const pass = (ms: number) => letPass(server.house.lifecycle, ms);
  const [one, two] = await Promise.all(ACCOUNTS.map((account) => asker(server.url, account)));
  if (!one || !two) throw new Error("the test accounts are not both there");
  return {
    ...server,
    settings,
    one,
    two,
    operator: (method, path, body, headers) =>
      ask(server.url, method, `/ebb/v1${path}`, body, { authorization: `Bearer ${server.operatorToken}`, ...headers }),
    ask: (method, path, body, headers) => ask(server.url, method, path, body, headers),
    pass,
    settle,
  };
}

/** An account's way of asking, with a token of its own from this time on. */
export async function asker(url: string, account: (typeof ACCOUNTS)[number]): Promise<Asker> {
  const [user] = account.users;
  const [project] = account.projects;
  if (!user || !project) throw new Error(`${account.name} has no user or project`);
  const identity = {
    methods: ["password"],
    password: { user: { name: user.name, password: user.password, domain: { name: account.name } } },
  };
  const answer = await ask(url, "POST", "/v3/auth/tokens?nocatalog=true", {
    auth: { identity, scope: { project: { id: project.id } } },
  });
  const token = answer.headers.get("x-subject-token");
  if (!token) throw new Error(`no token for ${account.name}: ${answer.status} ${answer.text}`);
  return {
    projectId: project.id,
    token,
    ask: (method, path, body, headers) => ask(url, method, path, body, { "x-auth-token": token, ...headers }),
  };
}

export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await fetch(url + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...sent,
  });
  const text = await response.text();
  const json =
    response.headers.get("content-type")?.includes("json") && text ? (JSON.parse(text) as unknown) : undefined;
  return { status: response.status, headers: response.headers, body: json, text };
}
