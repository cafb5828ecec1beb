import type { IncomingHttpHeaders } from "node:http";
import type { Static, TObject, TSchema } from "typebox";
import type { Caller } from "../lifecycle/index.ts";
import type { Language } from "./dialect.ts";
import type { House } from "./house.ts";

/** Who is calling, as IAM told from the token or signature. */
export interface Principal {
  userId: string;
  userName: string;
  domainId: string;
  domainName: string;
  /** The project the credentials are for; null for an account-wide token. */
  project: { id: string; name: string } | null;
  may(action: string): boolean;
}

/** One checked request. `caller` carries the project as its tenant. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  params: Params;
  query: Query;
  body: Body;
  principal: Principal;
  caller: Caller;
  language: Language;
  requestId: string;
  headers: IncomingHttpHeaders;
  /** Scheme, host and port under which the caller reached Ebb. */
  endpoint: string;
}

export interface Reply {
  /** Defaults to the operation's `success`. */
  status?: number;
  /** An object is sent as JSON; a stream as it comes, with the content type of `headers`. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "HEAD";

interface Shape<P, Q, B> {
  /** The vendor's name of the operation. */
  id: string;
  method: Method;
  /** With `{name}` for parameters. A `{project_id}` must be the caller's project. */
  path: string;
  summary: string;
  /** The IAM action that the caller needs; null where the vendor asks none. */
  action: string | null;
  /** Status of success. */
  success: number;
  /**
   * Who may call: `project` (the default) needs a project, `account` takes any credentials, `anyone` none at all, and
   * `operator` is who runs this Ebb.
   */
  access?: "project" | "account" | "anyone" | "operator";
  /** Has no deadline: it may take as long as what it carries out. */
  unhurried?: boolean;
  params?: P;
  query?: Q;
  body?: B;
  /** A request with no body is checked as if it had sent this. */
  emptyBody?: unknown;
}

/** An operation of a service, as the gateway serves it. */
export interface Operation extends Shape<TObject, TObject, TSchema> {
  handle(call: Call, house: House): Promise<Reply>;
}

type Of<T> = T extends TSchema ? Static<T> : Record<string, never>;

/**
 * Declares an operation: its schemas are the only place where its fields are written, and give the handler its types.
 *
 * @example
 * export const showThing = operation({
 *   id: "ShowThing", method: "GET", path: "/v1/{project_id}/things/{id}", summary: "Shows a thing", action: "svc:thing:get",
 *   success: 200, params: Type.Object({ project_id: ProjectId, id: ThingId }),
 *   handle: async ({ params, caller }, { lifecycle }) => ({ body: view(await lifecycle.get(caller.tenant, "svc.thing", params.id)) }),
 * });
 */
export function operation<
  P extends TObject | undefined = undefined,
  Q extends TObject | undefined = undefined,
  B extends TSchema | undefined = undefined,
>(shape: Shape<P, Q, B> & { handle(call: Call<Of<P>, Of<Q>, Of<B>>, house: House): Promise<Reply> }): Operation {
  return shape;
}
