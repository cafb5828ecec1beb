import { Type } from "typebox";

/** Any id that a service gives its resources, or the kernel its operations. */
export const Id = Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9._:-]+$" });

/** The name of a kind, a verb, a step. */
export const Word = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9._-]+$" });

/** How many a list answers when it is not told. */
export const MANY = 100;

export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1000, description: `At most so many; ${MANY} if left out` }),
);

/** A place in an order that only grows. */
export const Place = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));
