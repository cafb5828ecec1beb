import { type Mutation, under } from "../mutation.ts";

const HERE = "src/drivers/redfish";
const WIPE = `${HERE}/wipe.test.ts`;
const TROUBLE = `${HERE}/bmc-trouble.test.ts`;
const HOST = `${HERE}/host.test.ts`;
const SKIPPED = "what a skipped delete has left on a server does not cost the next system its disks or its power";

/** What a BMC says is believed as far as it goes, and real disks are wiped for the right system only. */
export const redfish: Mutation[] = under("redfish", [
  {
    name: "asked-before-noted",
    rule: "what is begun on a machine is written down before its BMC is asked",
    file: `${HERE}/host.ts`,
    find: "    await notes.write(ref, note);\n    const meant",
    put: "    const meant",
    test: [HOST, "what was begun is known, and pushed on, though its machine has not answered yet"],
  },
  {
    name: "next-systems-disks-wiped",
    rule: "what a skipped wipe has left is not wiped under a later system",
    file: `${HERE}/host.ts`,
    find: 'if (type === "disks" && note && successor !== undefined) throw inUse(note.server, ref, successor);',
    put: "",
    test: [HOST, SKIPPED],
  },
  {
    name: "next-system-switched-off",
    rule: "a machine on which a later system stands is not switched for an earlier one",
    file: `${HERE}/host.ts`,
    find: 'const away = successor === undefined ? "uninstall" : "withdraw";',
    put: 'const away = "uninstall";',
    test: [HOST, SKIPPED],
  },
  {
    name: "wipe-takes-later-ones-along",
    rule: "a wipe proves nothing of systems that came after it",
    file: `${HERE}/notes.ts`,
    find: "if (wiped && turnOf(one.note) < turn && ",
    put: "if (wiped && ",
    test: [HOST, "a wipe takes along what earlier systems have left on the disks"],
  },
  {
    name: "page-taken-for-nothing",
    rule: "an answer that is no JSON object does not prove that something is gone",
    file: `${HERE}/bmc.ts`,
    find: "if (body === undefined) throw",
    put: "if (body === undefined) return {}; else if (path === undefined) throw",
    test: [TROUBLE, "a page, nothing at all and an answer without end are trouble, not a thing that is empty"],
  },
  {
    name: "redirection-taken-for-the-answer",
    rule: "an answer that sends elsewhere says nothing of the thing",
    file: `${HERE}/bmc.ts`,
    find: "if (status < 300) return reply;",
    put: "if (status < 400) return reply;",
    test: [TROUBLE, "a BMC that sends elsewhere is not followed: the session would go along"],
  },
  {
    name: "list-without-members-is-empty",
    rule: "a list without members is broken, not empty",
    file: `${HERE}/resource.ts`,
    find: "if (!Array.isArray(Members)) throw",
    put: "if (!Array.isArray(Members)) return found; else if (page < 0) throw",
    test: [TROUBLE, "a list is read over all its pages, and one that is none is not taken for empty"],
  },
  {
    name: "gentle-end-only",
    rule: "a system that cannot be asked to end is switched off",
    file: `${HERE}/stages.ts`,
    find: ".catch(turnedAway)",
    put: "",
    test: [`${HERE}/stages.test.ts`, "a system that cannot be asked to end is switched off after its time"],
  },
  {
    name: "erased-twice",
    rule: "an erasure is noted before it is looked at",
    file: `${HERE}/wipe.ts`,
    find: "note.erasing[path] ??= await begin(site, drives[n] ?? {}, path);\n    const left = await ended(site, path, note.erasing[path]);",
    put: "const begun = note.erasing[path] ?? (await begin(site, drives[n] ?? {}, path));\n    const left = await ended(site, path, begun);",
    test: [WIPE, "an erasure that could not be looked at is not begun again"],
  },
  {
    name: "no-drives-are-wiped-drives",
    rule: "a BMC that does not list the drives proves no wipe",
    file: `${HERE}/wipe.ts`,
    find: "if (paths.length > 0 && lost.length === 0) return;",
    put: "return;",
    test: [WIPE, "a BMC that lists no drive, or not every one that is being erased, proves nothing"],
  },
  {
    name: "forgotten-erasure-is-done",
    rule: "a task that its BMC has forgotten proves no wipe",
    file: `${HERE}/wipe.ts`,
    find: 'if (end === "forgotten") return (await works(machine.bmc, path)) ? path : "";',
    put: 'if (end === "forgotten") return (await works(machine.bmc, path)) ? path : null;',
    test: [WIPE, "an erasure whose task is forgotten begins again: nothing proves that it has ended"],
  },
]);
