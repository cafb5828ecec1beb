import { refuse } from "./dialect.ts";

const CLASSES = [/[A-Z]/, /[a-z]/, /[0-9]/, /[!@$%^\-_=+[{}\]:,./?]/];

/** The administrators of Linux and Windows, forwards and backwards. */
const FORBIDDEN = ["root", "toor", "administrator", "rotartsinimda"];

/** Checks an administrator's password; it is then forgotten. No message repeats any of it. */
export function checkPassword(password: string): void {
  if (CLASSES.filter((one) => one.test(password)).length < 3) {
    throw refuse.value("password needs three of: upper-case letters, lower-case letters, digits, special characters");
  }
  if (FORBIDDEN.some((name) => password.toLowerCase().includes(name))) {
    throw refuse.value("password contains the user name or its reverse");
  }
}
