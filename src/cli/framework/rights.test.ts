import { expect, test } from "vitest";
import { programLine, rightsScreen, shellQuoted } from "./rights.ts";

const typed = { program: "npx hopmark", argv: ["demo", "--seconds", "5"] };

test("who lacks rights is told what to type", () => {
  const place = { root: false, sudo: true };
  expect(rightsScreen("hopmark demo", ["CAP_BPF", "CAP_NET_ADMIN"], typed, place)).toBe(
    `hopmark demo needs rights that you lack:

  CAP_BPF        to load BPF programs and make maps
  CAP_NET_ADMIN  to attach programs to interfaces, and configure interfaces, routes and IOAM

Run it as root:

  sudo npx hopmark demo --seconds 5`,
  );
  expect(rightsScreen("x", ["CAP_BPF"], typed, { root: false, sudo: false })).toContain(
    "  su -c 'npx hopmark demo --seconds 5'",
  );
  expect(rightsScreen("x", ["CAP_BPF"], typed, { root: true, sudo: false })).toContain("  --cap-add BPF");
});

test.each([
  [["/usr/bin/node", "/usr/bin/x/hopmark.js"], {}, "/usr/bin/node /usr/bin/x/hopmark.js"],
  [["/usr/bin/node", "/a b/hopmark.js"], {}, "/usr/bin/node '/a b/hopmark.js'"],
  [["/usr/bin/node", "/x/.bin/hopmark"], { npm_command: "exec" }, "npx hopmark"],
])("started as %j", (argv, environment, line) => expect(programLine(argv, environment)).toBe(line));

test("quoting", () => expect(shellQuoted("it's")).toBe("'it'\\''s'"));
