/** What the architecture's rules ask about one source file, read from its syntax tree. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { forEachChild, parseModule, type Ast } from "../../src/compiler/source/parse.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Import {
  /** A path from the project's root for a relative import (`src/wire/hex.ts`), else the name as written (`node:fs`). */
  readonly target: string;
  /** `type`: nothing of it is left when types are erased. `late`: evaluated when the code gets there, not before. */
  readonly kind: "type" | "static" | "late";
}

export interface SourceFile {
  /** From the project's root: `src/wire/hex.ts`. */
  readonly path: string;
  /** The folder below `src`, or the file's own name where it lies in `src` itself: `wire`, `errors.ts`. */
  readonly room: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Values that it exports by a declaration. */
  readonly exports: readonly string[];
  /** Every word of its text. */
  readonly words: ReadonlySet<string>;
  /** What the rules about style refuse. */
  readonly offences: readonly Offence[];
}

export interface Offence {
  readonly kind: "default export" | "any" | "double cast" | "prints or exits";
  readonly line: number;
}

/** Every TypeScript file below a folder of the project, by path. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name))
    .sort();

export const readSourceFile = (path: string): SourceFile =>
  describeSource(path, readFileSync(join(root, path), "utf8"));

export const describeSource = (path: string, text: string): SourceFile => {
  const { program } = parseModule({ url: path, text });
  const imports: Import[] = [];
  const offences: Offence[] = [];
  const visit = (node: Ast.Node): void => {
    const specifier = importedBy(node);
    if (specifier !== null) imports.push({ target: targetOf(path, specifier), kind: kindOf(node) });
    const kind = offenceOf(node);
    if (kind !== null) offences.push({ kind, line: text.slice(0, node.start).split("\n").length });
    forEachChild(node, visit);
  };
  visit(program);
  return {
    path,
    room: path.split("/")[1] ?? path,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports,
    exports: program.body.flatMap(exportedNames),
    words: new Set(text.match(/\w+/g)),
    offences,
  };
};

const targetOf = (importer: string, specifier: string): string =>
  specifier.startsWith(".") ? relative(root, join(root, dirname(importer), specifier)) : specifier;

/** Static, dynamic and type imports, and `new URL("./worker.js", import.meta.url)`. */
const importedBy = (node: Ast.Node): string | null => {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
      return node.source.value;
    case "ExportNamedDeclaration":
      return node.source?.value ?? null;
    case "ImportExpression":
    case "TSImportType":
      return literalOf(node.source);
    case "NewExpression": {
      const [path, base] = node.arguments;
      const isModule = isNamed(node.callee, "URL") && base?.type === "MemberExpression" && path !== undefined;
      const literal = isModule ? literalOf(path) : null;
      return literal !== null && /^\.{1,2}\/.*\.ts$/.test(literal) ? literal : null;
    }
    default:
      return null;
  }
};

const literalOf = (node: Ast.Node): string | null =>
  node.type === "Literal" && typeof node.value === "string" ? node.value : null;

const isNamed = (node: Ast.Node, name: string): boolean => node.type === "Identifier" && node.name === name;

const kindOf = (node: Ast.Node): Import["kind"] => {
  switch (node.type) {
    case "ImportDeclaration":
      return node.importKind === "type" || allTypes(node.specifiers) ? "type" : "static";
    case "ExportNamedDeclaration":
      return node.exportKind === "type" || allTypes(node.specifiers) ? "type" : "static";
    case "ExportAllDeclaration":
      return node.exportKind === "type" ? "type" : "static";
    default:
      return node.type === "TSImportType" ? "type" : "late";
  }
};

/** `import { type A, type B }`. An empty list imports for the effect. */
const allTypes = (specifiers: readonly Ast.Node[]): boolean =>
  specifiers.length > 0 &&
  specifiers.every(
    (specifier) =>
      (specifier.type === "ImportSpecifier" && specifier.importKind === "type") ||
      (specifier.type === "ExportSpecifier" && specifier.exportKind === "type"),
  );

const exportedNames = (statement: Ast.Node): string[] => {
  if (statement.type !== "ExportNamedDeclaration") return [];
  const { declaration } = statement;
  switch (declaration?.type) {
    case "VariableDeclaration":
      return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return declaration.id === null ? [] : [declaration.id.name];
    default:
      return [];
  }
};

const offenceOf = (node: Ast.Node): Offence["kind"] | null => {
  switch (node.type) {
    case "ExportDefaultDeclaration":
      return "default export";
    case "TSAnyKeyword":
      return "any";
    case "TSAsExpression":
      return node.expression.type === "TSAsExpression" && node.typeAnnotation.type !== "TSUnknownKeyword"
        ? "double cast"
        : null;
    case "MemberExpression":
      return printsOrExits(node) ? "prints or exits" : null;
    default:
      return null;
  }
};

const processMembers = new Set(["exit", "exitCode", "stdout", "stderr", "argv"]);

const printsOrExits = ({ object, property }: Ast.MemberExpression): boolean =>
  isNamed(object, "console") ||
  (isNamed(object, "process") && property.type === "Identifier" && processMembers.has(property.name));
