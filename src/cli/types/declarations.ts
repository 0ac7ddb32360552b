/** TypeScript declarations of what tracing programs see of the kernel. */
import type { KernelBtf } from "../../bpf/btf/kernel-btf.ts";
import type { KernelMember, KernelStructure } from "../../compiler/kernel-types.ts";
import { iteratorParameters, tracepointParameters, type Parameter } from "./kernel-names.ts";
import { reachable, type Selection } from "./reachable.ts";

export interface DeclarationOptions extends Selection {
  /** How the file was made, for whoever finds it: `hopmark types tcp_retransmit_skb`. */
  readonly command: string;
  /** `6.18.0`. */
  readonly release: string;
  /** The module that the declarations merge into. */
  readonly module?: string;
}

/** A `.d.ts` that declares tracepoints, iterators and structures, the latter in the namespace `Kernel`. */
export const declarations = (btf: KernelBtf, options: DeclarationOptions): string =>
  new Declarations(btf, reachable(btf, options)).write(options);

/** Words that nothing may be called: JavaScript's own, and TypeScript's types. */
const RESERVED: ReadonlySet<string> = new Set(
  `any await bigint boolean break case catch class const continue debugger default delete do else enum export extends false
finally for function if implements import in instanceof interface let never new null number object package private protected
public return static string super switch symbol this throw true try typeof undefined unknown var void while with yield`.split(
    /\s+/,
  ),
);

class Declarations {
  readonly #btf: KernelBtf;
  readonly #listed: ReadonlyMap<number, KernelStructure>;
  /** Structures that are named and not listed. */
  readonly #mentioned = new Set<string>();

  constructor(btf: KernelBtf, listed: ReadonlyMap<number, KernelStructure>) {
    this.#btf = btf;
    this.#listed = listed;
  }

  write({ tracepoints, iterators, command, release, module = "hopmark/kernel" }: DeclarationOptions): string {
    const structures = [...this.#listed.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
    const body = [
      ...section(
        "interface Tracepoints",
        tracepoints.flatMap((name) => this.#tracepoint(name)),
      ),
      ...section(
        "interface Iterators",
        iterators.flatMap((name) => this.#iterator(name)),
      ),
      ...section(
        "interface KernelStructures",
        structures.map(({ name }) => `${name}: Kernel.${typeName(name)};`),
      ),
      ...section("namespace Kernel", [
        ...structures.flatMap((structure) => this.#structure(structure)),
        ...this.#unlisted(structures),
      ]),
    ];
    return [
      `// Written by \`${command}\` of Linux ${release}; write it again instead of changing it. Programs ask the kernel that`,
      "// they are compiled for, not this file.",
      `import type { KernelPointer } from "${module}";`,
      "",
      `declare module "${module}" {`,
      ...body.map((line) => (line === "" ? "" : `  ${line}`)),
      "}",
      "",
    ].join("\n");
  }

  #tracepoint(name: string): string[] {
    const parameters = tracepointParameters(this.#btf, name);
    const c = parameters.map((parameter) => this.#btf.declaration(parameter.type, parameter.name)).join(", ");
    const list = parameters.map((parameter) => `${safe(parameter.name)}: ${this.#argument(parameter, "Kernel.")}`);
    return [comment(`\`${c}\``), `${name}: (${list.join(", ")}) => void;`];
  }

  #iterator(name: string): string[] {
    const members = iteratorParameters(this.#btf, name).map((parameter) => {
      const nullable = parameter.name === "meta" || !this.#isPointer(parameter.type) ? "" : " | null";
      return `readonly ${parameter.name}: ${this.#argument(parameter, "Kernel.")}${nullable};`;
    });
    return [`${name}: {`, ...members.map((line) => `  ${line}`), "};"];
  }

  #isPointer(type: number): boolean {
    return this.#btf.shape(type).kind === "pointer";
  }

  /** The kernel's verifier knows which arguments may be null; here they are taken as present. */
  #argument({ type }: Parameter, prefix: string): string {
    return this.#type(type, prefix, "");
  }

  #structure({ name, members }: KernelStructure): string[] {
    return [`interface ${typeName(name)} {`, ...this.#members(members).map((line) => `  ${line}`), "}"];
  }

  /** Members of unnamed structures and unions are the outer one's. */
  #members(members: readonly KernelMember[]): string[] {
    return members.flatMap((member) => {
      const inner = this.#btf.shape(member.type);
      if (member.name === "") return inner.kind === "structure" ? this.#members(inner.members) : [];
      const width = member.bitFieldBits === 0 ? "" : ` : ${member.bitFieldBits}`;
      const type = this.#memberType(member);
      return type === null
        ? []
        : [
            comment(`\`${this.#btf.declaration(member.type, member.name)}${width}\``),
            `readonly ${member.name}: ${type};`,
          ];
    });
  }

  #memberType(member: KernelMember): string | null {
    const shape = this.#btf.shape(member.type);
    if (member.bitFieldBits !== 0) return member.bitFieldBits > 48 ? "bigint" : "number";
    if (shape.kind === "other" || shape.kind === "function") return null;
    // Marks of where cache lines begin, and arrays of unknown length: there is no element that could be read.
    if (shape.kind === "array" && shape.length === 0) return null;
    return this.#type(member.type, "", shape.kind === "pointer" ? " | null" : "");
  }

  #type(type: number, prefix: string, suffix: string): string {
    const shape = this.#btf.shape(type);
    switch (shape.kind) {
      case "integer":
        return shape.isBoolean ? "boolean" : shape.sizeBytes === 8 ? "bigint" : "number";
      case "structure":
        return shape.name === "" ? inline(this.#members(shape.members)) : this.#mention(shape.name, prefix);
      case "array": {
        const element = this.#type(shape.element, prefix, "");
        return /^[\w.]+$/.test(element) ? `${element}[]` : `(${element})[]`;
      }
      case "pointer":
        return this.#pointer(shape.target, prefix) + suffix;
      default:
        return "never";
    }
  }

  #pointer(target: number, prefix: string): string {
    const shape = target === 0 ? undefined : this.#btf.shape(target);
    if (shape?.kind === "structure" && shape.name !== "") return this.#mention(shape.name, prefix);
    return `KernelPointer<${JSON.stringify(this.#btf.declaration(target))}>`;
  }

  #mention(name: string, prefix: string): string {
    this.#mentioned.add(name);
    return prefix + typeName(name);
  }

  #unlisted(listed: readonly KernelStructure[]): string[] {
    const names = new Set(listed.map(({ name }) => name));
    const others = [...this.#mentioned].filter((name) => !names.has(name)).sort();
    return others.flatMap((name) => [
      comment(`Not listed: \`hopmark types --struct ${name}\` lists it.`),
      `interface ${typeName(name)} {}`,
    ]);
  }
}

const typeName = (name: string): string => (RESERVED.has(name) ? `struct_${name}` : name);

const safe = (name: string): string => (RESERVED.has(name) ? `${name}_` : name);

const comment = (text: string): string => `/** ${text.replaceAll("*/", "* /")} */`;

const inline = (lines: readonly string[]): string => `{ ${lines.filter((line) => !line.startsWith("/**")).join(" ")} }`;

const section = (head: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${head} {`, ...lines.map((line) => `  ${line}`), "}"];
