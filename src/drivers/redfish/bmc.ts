import { Refusal } from "../port.ts";
import { linkOf } from "./resource.ts";
import type { MachineSetting } from "./settings.ts";
import { type Reply, type Send, type Sent, TooLong, transport } from "./transport.ts";

const SESSIONS = "/redfish/v1/SessionService/Sessions";
/** A BMC that asks to be left alone is, but not for longer than this. */
const QUIET_MOST_S = 300;
/** What a BMC answers that is asked too much. */
const BUSY = [429, 503];
const GONE = [404, 410];
/** What a BMC without sessions answers to a login. */
const NO_SESSIONS = [404, 405, 501];

/** What goes with each request, and the session that is given back; a BMC without sessions has none. */
interface Login {
  headers: Record<string, string>;
  session?: string | undefined;
}

/** The BMC has no such thing, or no longer. */
export class NotThere extends Error {}

/** The BMC has understood the request, and will not do it (4xx). */
export class TurnedAway extends Refusal {}

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

  /** What is there. An answer without it is trouble: taken for an empty thing, it would prove that something is gone. */
  async get(path: string): Promise<Record<string, unknown>> {
    const { body } = await this.answer(path);
    if (body === undefined) throw this.#refusal(`answered GET ${path} with no JSON object`, "look at the BMC's log");
    return body;
  }

  /** @throws NotThere, and a Refusal for every other trouble */
  answer(path: string): Promise<Reply> {
    return this.#ask({ method: "GET", path, headers: {} });
  }

  post(path: string, body: object = {}): Promise<Reply> {
    return this.#ask({ method: "POST", path, body, headers: {} });
  }

  /** Changes what was just read, if nobody else has changed it since; where the BMC gives no ETag, in any case. */
  async patch(path: string, body: object): Promise<Reply> {
    const { headers, body: read } = await this.answer(path);
    const etag = headers.etag ?? read?.["@odata.etag"];
    return this.#ask({
      method: "PATCH",
      path,
      body,
      headers: typeof etag === "string" ? { "if-match": etag } : {},
    });
  }

  /** What an answer says of a long task, at its head or as the task itself; undefined for one that was done at once. */
  static monitorOf({ status, headers, body }: Reply): string | undefined {
    if (status !== 202) return undefined;
    return headers.location ?? (typeof body?.TaskState === "string" ? linkOf(body) : undefined);
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
      if (BUSY.includes(reply.status)) {
        this.#quietUntil = Date.now() + quietMs(reply.headers["retry-after"]);
        throw this.#busy();
      }
      return reply;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (error instanceof TooLong) throw this.#refusal("gives an answer without end", "look at the BMC's firmware");
      const { code, name } = error as NodeJS.ErrnoException;
      const what = name === "TimeoutError" || name === "AbortError" ? "in time" : `(${code ?? name})`;
      throw this.#refusal(`does not answer ${what}`, "look at its network, its power and its certificate");
    }
  }

  #judged({ method, path }: Sent, reply: Reply): Reply {
    const { status } = reply;
    if (status < 300) return reply;
    // Whoever is sent elsewhere takes the account along.
    if (status < 400) throw this.#refusal(`sends elsewhere (${status})`, "correct its url in drivers.redfish.machines");
    if (GONE.includes(status)) throw new NotThere(`the BMC of server ${this.#name} has no ${path}`);
    if (status === 401 || status === 403)
      throw this.#refusal("does not take its account", "correct the user and password in drivers.redfish.machines");
    if (status === 412)
      throw this.#refusal(`has changed ${path} meanwhile (412)`, "nothing to do: it is read and changed again");
    const { message, ...rest } = this.#refusal(`answered ${status} to ${method} ${path}`, "look at the BMC's log");
    // A BMC that opens no session has not come to the request itself.
    throw status < 500 && path !== SESSIONS ? new TurnedAway(message, rest) : new Refusal(message, rest);
  }

  #busy = () => this.#refusal("is busy and asks to be left alone", "nothing to do: it is asked again");

  #refusal(what: string, hint: string): Refusal {
    return new Refusal(`the BMC of server ${this.#name} ${what}`, { owner: "the driver's machine", hint });
  }
}

/** `Retry-After` says seconds or a date. */
function quietMs(after: string | undefined): number {
  const seconds = Number(after ?? 0);
  const ms = Number.isNaN(seconds) ? Date.parse(after ?? "") - Date.now() : seconds * 1_000;
  return Math.min(QUIET_MOST_S * 1_000, Math.max(0, ms || 0));
}
