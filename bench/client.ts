import autocannon from "autocannon";
import { LOCAL_DOMAIN_NAME, LOCAL_PASSWORD, LOCAL_PROJECT_ID, LOCAL_USER_NAME } from "../src/settings/local-account.ts";

export interface Load {
  perSecond: number;
  p50Ms: number;
  /** Answers outside 2xx: a figure with any of these means nothing. */
  wrong: number;
}

const CONNECTIONS = 64;

/** Sends one GET over and over. */
export async function poll(url: string, headers: Record<string, string>, seconds: number): Promise<Load> {
  return load(await autocannon({ url, headers, connections: CONNECTIONS, duration: seconds }));
}

/** Sends each request once, as fast as the answers come. */
export async function each(
  url: string,
  method: "POST" | "DELETE",
  requests: readonly { path: string; body?: string }[],
  headers: Record<string, string>,
  onBody?: (text: string) => void,
): Promise<Load> {
  let next = 0;
  const since = performance.now();
  // The load tool itself ends on a whole second.
  let last = since;
  const result = await autocannon({
    url,
    connections: Math.min(CONNECTIONS, requests.length),
    amount: requests.length,
    requests: [
      {
        method,
        headers: { ...headers, "content-type": "application/json" },
        setupRequest: (request) => ({ ...request, ...requests[next++ % requests.length] }),
        onResponse: (_status, text) => {
          last = performance.now();
          onBody?.(text);
        },
      },
    ],
  });
  return { ...load(result), perSecond: (requests.length * 1000) / (last - since) };
}

const load = (result: autocannon.Result): Load => ({
  perSecond: result.requests.average,
  p50Ms: result.latency.p50,
  wrong: result.non2xx + result.errors + result.timeouts,
});

export async function tokenOf(url: string): Promise<string> {
  const identity = {
    methods: ["password"],
    password: { user: { name: LOCAL_USER_NAME, password: LOCAL_PASSWORD, domain: { name: LOCAL_DOMAIN_NAME } } },
  };
  const response = await fetch(`${url}/v3/auth/tokens?nocatalog=true`, {
    method: "POST",
    body: JSON.stringify({ auth: { identity, scope: { project: { id: LOCAL_PROJECT_ID } } } }),
  });
  const token = response.headers.get("x-subject-token");
  if (!token) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return token;
}
