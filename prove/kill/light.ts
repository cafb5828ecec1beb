import { registerHooks } from "node:module";

/**
 * The schemas of requests take two thirds of a start, and no request is checked here: the front door is not part of it.
 * Anything that is asked of this stand-in answers itself.
 */
const STAND_IN = `
  const any = new Proxy(function () {}, {
    get: (_, name) => (name === Symbol.iterator ? function* () {} : name === Symbol.toPrimitive ? () => "" : any),
    apply: () => any, ownKeys: () => [], getOwnPropertyDescriptor: () => undefined });
  export const Type = any, Compile = any, Value = any;`;

/** Loads whatever is imported from here on without the schema library. */
export function withoutSchemas(): void {
  const url = `data:text/javascript,${encodeURIComponent(STAND_IN)}`;
  registerHooks({
    resolve: (name, context, next) =>
      name === "typebox" || name.startsWith("typebox/") ? { url, shortCircuit: true } : next(name, context),
  });
}
