import { expect, test } from "vitest";
import { assemble, exit } from "../../bpf/fixtures/assembler.ts";
import { VerifierError } from "../../bpf/verifier/error.ts";
import { ConfigError, HopmarkError, PermissionError, SyscallError, UnsupportedError } from "../../errors.ts";
import { exitStatusOf } from "./exit-status.ts";
import { Output } from "./output.ts";
import { reportError, type CommandLine } from "./report-error.ts";

const cases: [unknown, number][] = [
  [new HopmarkError("busy", "taken"), 1],
  [new SyscallError("bind", "EADDRINUSE"), 1],
  [new Error("a fault"), 1],
  [new ConfigError("wrong"), 2],
  [new HopmarkError("no-netns", "none"), 2],
  [new HopmarkError("ENODEV", "there is no interface eth7"), 2],
  [new SyscallError("RTM_NEWLINK", "ENODEV"), 1],
  [new UnsupportedError("tcx", "no TCX"), 3],
  [new PermissionError("CAP_BPF", "no"), 4],
  [new SyscallError("bpf", "EPERM"), 4],
  [new HopmarkError("EACCES", "cannot read it"), 4],
];
test.each(cases)("%s: %i", (error, status) => expect(exitStatusOf(error)).toBe(status));

const report = (error: unknown, json: boolean, line: CommandLine = {}): string => {
  let text = "";
  const stderr = { write: (part: string) => ((text += part), true) };
  reportError(error, new Output({ json, stdout: stderr, stderr, environment: {} }), line);
  return text;
};

test("an error is a message and what to do", () => {
  const error = new ConfigError("size 5 is wrong", { hint: "write size 8" });
  expect(report(error, false)).toBe("hopmark: size 5 is wrong\n  write size 8\n");
  expect(report(error, true)).toBe(
    '{"type":"error","code":"config","message":"size 5 is wrong","hint":"write size 8"}\n',
  );
});

test("a fault of our own shows where it is", () =>
  expect(report(new TypeError("oops"), false)).toMatch(/^hopmark: this is a fault of Hopmark.*oops\n.*exit-status/s));

test("a refusal by the verifier names the flag that shows all it said, where it was not given", () => {
  const error = new VerifierError(assemble("xdp", "short", [["return 0;", exit()]]), 22, "R0 !read_ok\n");
  expect(report(error, false, { hidesLog: true })).toMatch(
    /hopmark explain HM2\d+; all that the verifier said: --log\n$/,
  );
  expect(report(error, false)).toMatch(/hopmark explain HM2\d+\n$/);
});
