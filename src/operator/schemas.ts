import { Type } from "typebox";

/** Any id that a service gives its resources, or the kernel its operations. */
export const Id = Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9._:-]+$" });

export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1000, description: "At most so many; 100 if left out" }),
);
