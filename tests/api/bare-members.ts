/** Members of exported interfaces and classes that say nothing by their type: numbers, and what can be called. */
import type { Ast } from "../../src/compiler/source/parse.ts";
import { publicNames, read } from "./public-names.ts";

type Member = Ast.ClassElement | Ast.TSSignature;
type Container = Ast.TSInterfaceDeclaration | Ast.Class;

/** Those without a comment, as `src/kernel/fib.ts FibQuery.ifindex`. What an exported interface asks for has its comment there. */
export const bareMembers = (indexes: readonly string[]): readonly string[] => {
  const names = indexes.flatMap((index) => publicNames(index));
  const containers = names.flatMap(({ name, place }) => {
    const path = place.replace(/:\d+$/, "");
    return declarationsOf(path, name).map((container) => ({ name, path, container }));
  });
  const asked = new Map(
    containers.map(({ name, container }) => [name, new Set(container.body.body.map((member) => nameOf(member)))]),
  );
  return containers.flatMap(({ name, path, container }) => {
    const { text } = read(path);
    const known = interfacesOf(container).flatMap((one) => [...(asked.get(one) ?? [])]);
    const members: readonly Member[] = container.body.body;
    return members
      .filter((member, at) => {
        const own = nameOf(member);
        const isOverload = at > 0 && own === nameOf(members[at - 1]);
        const isTold = text.slice(0, member.start).trimEnd().endsWith("*/");
        return own !== undefined && isToBeTold(member) && !isOverload && !isTold && !known.includes(own);
      })
      .map((member) => `${path} ${name}.${nameOf(member)}`);
  });
};

const declarationsOf = (path: string, name: string): readonly Container[] =>
  read(path).program.body.flatMap((statement) => {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : null;
    if (declaration?.type !== "TSInterfaceDeclaration" && declaration?.type !== "ClassDeclaration") return [];
    return declaration.id?.name === name ? [declaration] : [];
  });

const interfacesOf = (container: Container): readonly string[] =>
  container.type === "TSInterfaceDeclaration"
    ? []
    : (container.implements ?? []).flatMap(({ expression }) =>
        expression.type === "Identifier" ? [expression.name] : [],
      );

const nameOf = (member: Member | undefined): string | undefined =>
  member !== undefined && "key" in member && member.key.type === "Identifier" && !member.computed
    ? member.key.name
    : undefined;

const isToBeTold = (member: Member): boolean => {
  if (member.type === "TSMethodSignature") return true;
  if (member.type === "TSPropertySignature") return isNumeric(member.typeAnnotation);
  if (!("accessibility" in member) || (member.accessibility ?? null) !== null) return false;
  if (member.type === "PropertyDefinition") return isNumeric(member.typeAnnotation);
  if (member.type !== "MethodDefinition") return false;
  return (
    (member.kind === "method" && !member.override) || (member.kind === "get" && isNumeric(member.value.returnType))
  );
};

const isNumeric = (annotation: Ast.TSTypeAnnotation | null | undefined): boolean => {
  const type = annotation?.typeAnnotation;
  if (type?.type !== "TSTypeReference") return type?.type === "TSNumberKeyword" || type?.type === "TSBigIntKeyword";
  return type.typeName.type === "Identifier" && type.typeName.name === "Sequence";
};
