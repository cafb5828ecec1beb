import { connect } from "node:net";

/** How long an answer is waited for before the server counts as not there yet (real ms). */
const ANSWER_MS = 2_000;

/** The web server answers this page with success. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), redirect: "manual" });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** The server takes a connection and says something first, as databases do: `fits` looks at its first bytes. */
export function greets(host: string, port: number, fits: (greeting: Buffer) => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_MS });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (greeting) => end(fits(greeting)));
    for (const event of ["timeout", "error", "close"]) socket.once(event, () => end(false));
  });
}
