/** A wrong program as a test's table says it: the place of the complaint is marked in the text. */
import type { DiagnosticCode } from "../../../src/compiler/diagnostics.ts";

export interface WrongProgram {
  readonly code: DiagnosticCode;
  /** The program's statements. `¦` stands in front of the character that the diagnostic points at, and is taken out. */
  readonly body: string;
  /** The diagnostic points at the program's last character, and nothing is marked. */
  readonly isAtEnd?: boolean;
  /** What the module declares besides. */
  readonly module?: string;
  readonly type?: "xdp" | "tc" | "cgroupSkb" | "sockOps";
  /** The call that makes the program, up to its body; of `type` without it. */
  readonly head?: string;
  /** Without the kernel's types. */
  readonly kernel?: false;
  /** Words that the message must have. */
  readonly says?: string;
}

export const headerOfModules = `import {
  array, arrayMap, be16, be32, be64, bits, fetchAdd, hashMap, header, i32, i64, ipv4, ipv4Address, ipv6, ipv6Address, mac,
  cgroupSkb, sockOps, macAddress, monotonicNs, randomU32, range, ringBuffer, struct, subprogram, tc, u16, u32, u64, u8, variable, xdp,
} from "../../../src/kernel/index.ts";
import { Tc, Xdp, arrayOfMaps, devMap, programArray, skStorage } from "../../../src/kernel/index.ts";
const Header = header("Header", "", { byte: u8, port: be16, word: be32, wide: be64, four: ipv4Address, six: ipv6Address, bytes: array(u8, 6) });
const Value = struct("Value", { count: u64, last: u32 });
const Small = struct("Small", { port: be16 });
export const values = hashMap(u32, Value, { entries: 8, name: "values" });
export const slots = arrayMap(Value, { entries: 8, name: "slots" });
export const ports = devMap({ entries: 4, name: "ports" });
export const carried = skStorage(u64, { name: "carried" });
export const jumps = programArray({ entries: 4, name: "jumps" });
export const ring = ringBuffer({ bytes: 4096, name: "ring" });
export const total = variable(u32, 0, { name: "total" });
`;

const MARK = "¦";

/** The module's text, and where in it the diagnostic must point; both 1-based. */
export const moduleOf = ({
  body,
  module = "",
  type = "tc",
  head = `${type}((ctx) => {`,
  isAtEnd = false,
}: WrongProgram): { text: string; line: number; column: number } => {
  const marked = `${headerOfModules}${module}\nexport const program = ${head}\n${body.replaceAll(/^\n|\n\s*$/g, "")}\n${isAtEnd ? MARK : ""}});\n`;
  const at = marked.indexOf(MARK);
  if (at === -1 || marked.indexOf(MARK, at + 1) !== -1) throw new Error(`one place must be marked in: ${body}`);
  const before = marked.slice(0, at).split("\n");
  return { text: marked.replace(MARK, ""), line: before.length, column: (before.at(-1) as string).length + 1 };
};
