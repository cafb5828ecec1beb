import { Refusal } from "../port.ts";
import type { MachineSetting } from "./settings.ts";
import { type Reply, type Send, type Sent, transport } from "./transport.ts";

const SESSIONS = "/redfish/v1/SessionService/Sessions";
/** A BMC that asks to be left alone is, but not for longer than this. */
const QUIET_MOST_S = 300;
/** What a BMC without sessions answers to a login. */
const NO_SESSIONS = [404, 405, 501];

/** What goes with each request, and the session that is given back; a BMC without sessions has none. */
interface Login {
  headers: Record<string, string>;
  session?: string | undefined;
}

/** The BMC has no such thing, or no longer. */
export class NotThere extends Error {}

/** One BMC: a session that is opened when it is first needed and again when it has run out, and its troubles in words. */
export class Bmc {
  readonly #send: Send;
  readonly #setting: MachineSetting;
  /** How a person knows the machine; neither its address nor its account. */
  readonly #name: string;
  #login: Promise<Login> | undefined;
  #quietUntil = 0;

  constructor(name: string, setting: MachineSetting, timeoutMs: number) {
    this.#name = name;
    this.#setting = setting;
    this.#send = transport(setting, timeoutMs);
  }

  /** @throws NotThere, and a Refusal for every other trouble */
  async get(path: string): Promise<Record<string, unknown>> {
    return (await this.#ask({ method: "GET", path, headers: {} })).body;
  }

  post(path: string, body: object = {}): Promise<Reply> {
    return this.#ask({ method: "POST", path, body, headers: {} });
  }

  /** Changes what was just read, if nobody else has changed it since; where the BMC gives no ETag, in any case. */
  async patch(path: string, body: object): Promise<Reply> {
    const { headers, body: read } = await this.#ask({ method: "GET", path, headers: {} });
    const etag = headers.etag ?? read["@odata.etag"];
    return this.#ask({
      method: "PATCH",
      path,
      body,
      headers: typeof etag === "string" ? { "if-match": etag } : {},
    });
  }

  /** What an answer says of a long task; undefined for one that was done at once. */
  static monitorOf({ status, headers }: Reply): string | undefined {
    return status === 202 && headers.location !== undefined ? headers.location : undefined;
  }

  /** Gives the session back: a BMC has few. */
  async close(): Promise<void> {
    const login = await this.#login?.catch(() => undefined);
    this.#login = undefined;
    if (login?.session === undefined) return;
    // A BMC that does not answer will let it run out.
    await this.#send({ method: "DELETE", path: login.session, headers: login.headers }).catch(() => {});
  }

  async #ask(sent: Sent): Promise<Reply> {
    const login = this.#loggedIn();
    const reply = await this.#with(await login, sent);
    // Without a session none has run out, and asking twice would only lock the account.
    if (reply.status !== 401 || (await login).headers["x-auth-token"] === undefined) return this.#judged(sent, reply);
    if (this.#login === login) this.#login = undefined;
    return this.#judged(sent, await this.#with(await this.#loggedIn(), sent));
  }

  #with = (login: Login, sent: Sent) => this.#raw({ ...sent, headers: { ...sent.headers, ...login.headers } });

  /** One login for all that are asked at once: a BMC has few sessions. */
  #loggedIn(): Promise<Login> {
    if (this.#login) return this.#login;
    const login = this.#openSession();
    this.#login = login;
    login.catch(() => {
      if (this.#login === login) this.#login = undefined;
    });
    return login;
  }

  async #openSession(): Promise<Login> {
    const { user, password } = this.#setting;
    const login: Sent = { method: "POST", path: SESSIONS, body: { UserName: user, Password: password }, headers: {} };
    const reply = await this.#raw(login);
    const token = reply.headers["x-auth-token"];
    if (reply.status < 300 && typeof token === "string")
      return { headers: { "x-auth-token": token }, session: reply.headers.location };
    // An emulator's door may ask for Basic before it says that there are no sessions.
    const challenge = reply.headers["www-authenticate"]?.toLowerCase().startsWith("basic") ?? false;
    if (NO_SESSIONS.includes(reply.status) || challenge)
      return { headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` } };
    this.#judged(login, reply);
    throw this.#refusal("has opened a session without a token", "look at the BMC's firmware");
  }

  async #raw(sent: Sent): Promise<Reply> {
    if (Date.now() < this.#quietUntil) throw this.#busy();
    try {
      const reply = await this.#send(sent);
      if (reply.status === 503) {
        const seconds = Math.min(QUIET_MOST_S, Number(reply.headers["retry-after"] ?? 0) || 0);
        this.#quietUntil = Date.now() + seconds * 1_000;
        throw this.#busy();
      }
      return reply;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const { code, name } = error as NodeJS.ErrnoException;
      const what = name === "TimeoutError" || name === "AbortError" ? "in time" : `(${code ?? name})`;
      throw this.#refusal(`does not answer ${what}`, "look at its network, its power and its certificate");
    }
  }

  #judged({ method, path }: Sent, reply: Reply): Reply {
    const { status } = reply;
    if (status < 400) return reply;
    if (status === 404) throw new NotThere(`the BMC of server ${this.#name} has no ${path}`);
    if (status === 401 || status === 403)
      throw this.#refusal("does not take its account", "correct the user and password in drivers.redfish.machines");
    throw this.#refusal(`answered ${status} to ${method} ${path}`, "look at the BMC's log");
  }

  #busy = () => this.#refusal("is busy and asks to be left alone (503)", "nothing to do: it is asked again");

  #refusal(what: string, hint: string): Refusal {
    return new Refusal(`the BMC of server ${this.#name} ${what}`, { owner: "the driver's machine", hint });
  }
}
