/** Makes a module of a page's fragment: what it uses of Hopmark is imported, and statements become the body of a program. */
import * as kernel from "../../src/kernel/index.ts";
import * as wire from "../../src/wire/index.ts";

/** Types that fragments may name. */
const TYPES = ["HashMap", "TypeOf", "XdpContext"];

export const fragmentModule = (text: string): string => {
  const words = new Set(text.match(/\b[A-Za-z]\w*\b/g));
  const used = (names: readonly string[]): string[] => names.filter((name) => words.has(name));
  const isModule = /^export /m.test(text);
  const own = Object.keys(kernel);
  const kernelNames = new Set([
    ...used(own),
    ...used(TYPES).map((name) => `type ${name}`),
    ...(isModule ? [] : ["Xdp", "xdp"]),
  ]);
  const wireNames = used(Object.keys(wire)).filter((name) => !own.includes(name));
  const imports =
    `import { ${[...kernelNames].join(", ")} } from "hopmark/kernel";\n` +
    (wireNames.length === 0 ? "" : `import { ${wireNames.join(", ")} } from "hopmark/wire";\n`);
  return imports + (isModule ? text : `export const program = xdp((ctx) => {\n${text}  return Xdp.Pass;\n});\n`);
};
