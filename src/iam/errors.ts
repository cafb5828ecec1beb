import { Absent, Fault, type WireError } from "../wire/index.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
  500: "Internal Server Error",
};

/** The shape of `/v3`. */
export function keystoneError(status: number, message: string): WireError {
  return { status, body: { error: { message, code: status, title: TITLES[status] ?? "" } } };
}

/** The shape of `/v3.0`; `code` is what follows `IAM.`. */
export function codedError(status: number, code: string, message: string): WireError {
  return { status, body: { error_msg: message, error_code: `IAM.${code}` } };
}

/** What a handler throws to answer `error`. */
export function fault(error: WireError): Fault {
  return new Fault(`answers ${error.status}`, () => error);
}

export const bodyInvalid = (): Fault => fault(keystoneError(400, "The request body is invalid"));

export const notPermitted = (): WireError => keystoneError(403, "You have no right to do this action");

export const couldNotFind = (what: string, id: string): string => `Could not find ${what}: ${id}.`;

const absent = (error: WireError): Absent => new Absent(`answers ${error.status}`, () => error);

export const notFound = (what: string, id: string): Absent => absent(keystoneError(404, couldNotFind(what, id)));

export const codedNotFound = (what: string, id: string): Absent =>
  absent(codedError(404, "0004", couldNotFind(what, id)));
