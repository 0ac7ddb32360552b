/** The names that the package's entry points export, and where each is declared. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseModule, type Ast } from "../../src/compiler/source/parse.ts";
import { root } from "../architecture/source-file.ts";

export interface PublicName {
  readonly name: string;
  /** `src/kernel/maps.ts:12` */
  readonly place: string;
  /** The text of the comment that stands before its declaration. */
  readonly doc: string | undefined;
}

/** What a file exports, by name. Exports are followed to the file that declares them. */
export const publicNames = (path: string): readonly PublicName[] => {
  const { program, text } = read(path);
  return program.body.flatMap((statement) => {
    if (statement.type === "ExportAllDeclaration") return publicNames(join(dirname(path), statement.source.value));
    if (statement.type !== "ExportNamedDeclaration") return [];
    if (statement.declaration !== null) {
      return declared(statement.declaration).map((name) => ({ name, ...described(path, text, statement.start) }));
    }
    return statement.specifiers.map((specifier) => {
      const [local, exported] = [nameOf(specifier.local), nameOf(specifier.exported)];
      return { ...find(path, statement.source?.value, local), name: exported };
    });
  });
};

/** Where a file's own name is declared: in it, or in the file that it is imported from. */
const find = (path: string, source: string | undefined, name: string): PublicName => {
  if (source !== undefined) {
    const target = join(dirname(path), source);
    const found = publicNames(target).find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new Error(`${path} exports ${name}, which ${target} does not`);
  }
  const { program, text } = read(path);
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      const specifier = statement.specifiers.find(({ local }) => local.name === name);
      if (specifier?.type === "ImportSpecifier") return find(path, statement.source.value, nameOf(specifier.imported));
    } else if (declared(statement).includes(name)) {
      return { name, ...described(path, text, statement.start) };
    }
  }
  throw new Error(`${path} exports ${name}, which it does not declare`);
};

interface Parsed {
  readonly program: Ast.Program;
  readonly text: string;
}

const parsed = new Map<string, Parsed>();

/** A file of the repository; each is parsed once. */
export const read = (path: string): Parsed => {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(join(root, path), "utf8");
  const file = { program: parseModule({ url: path, text }).program, text };
  parsed.set(path, file);
  return file;
};

const declared = (declaration: Ast.Node): readonly string[] => {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  }
  return "id" in declaration && isIdentifier(declaration.id) ? [declaration.id.name] : [];
};

const isIdentifier = (id: unknown): id is Ast.BindingIdentifier =>
  typeof id === "object" && id !== null && "type" in id && id.type === "Identifier";

const nameOf = (node: Ast.ModuleExportName): string => (node.type === "Literal" ? node.value : node.name);

const described = (path: string, text: string, start: number): Pick<PublicName, "place" | "doc"> => {
  const before = text.slice(0, start).trimEnd();
  const place = `${path}:${text.slice(0, start).split("\n").length}`;
  const open = before.lastIndexOf("/**");
  const doc =
    before.endsWith("*/") && before.indexOf("*/", open) === before.length - 2 ? before.slice(open + 3, -2) : undefined;
  return { place, doc: isOfTheFile(before, open) ? undefined : doc };
};

/** A comment that opens a file speaks of the file, unless a declaration follows it at once. */
const isOfTheFile = (before: string, open: number): boolean => open === 0 && before.includes("\nimport ");
