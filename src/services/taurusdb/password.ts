import { refused } from "./dialect.ts";

const ALLOWED = /^[A-Za-z0-9~!@#$%^*\-_=+?,()&]{8,32}$/;
const CLASSES = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/];
const CLASSES_LEAST = 3;

/** Refuses a root password of the wrong length or letters, and a weak one. It is checked only: nothing keeps it. */
export function mustBeGoodPassword(password: string): void {
  if (!ALLOWED.test(password)) throw refused("280246");
  if (CLASSES.filter((one) => one.test(password)).length < CLASSES_LEAST) throw refused("280203");
}
