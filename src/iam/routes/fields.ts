import { Type } from "typebox";

/** Text without the NUL that no store keeps. */
export const Text = (maxLength: number) => Type.String({ maxLength, pattern: "^[^\\u0000]*$" });

/** Something named by its id or its name. */
export const Named = Type.Object({ id: Type.Optional(Text(64)), name: Type.Optional(Text(255)) });
