/** docs/reference/headers.md is what the layouts say: `npx vitest run tests/guide/headers.test.ts -u` writes it anew. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as wire from "../../src/wire/index.ts";
import type { FieldType, Layout } from "../../src/wire/layout.ts";

const page = fileURLToPath(new URL("../../docs/reference/headers.md", import.meta.url));

const introduction = `# Headers

The protocol headers of \`hopmark/wire\`, in the order of their names. In a kernel program \`ctx.packet.at(Ipv4, 14)\` reads one in place; in
Node.js \`readLayout(Ipv4, bytes, 14)\` decodes it and \`encodeLayout(Ipv4, { … })\` makes its bytes. Fields are big-endian, and read as the numbers they
mean. \`EtherType\`, \`IpProtocol\` and \`LinkType\`, also of \`hopmark/wire\`, hold assigned numbers.
`;

const isLayout = (value: unknown): value is Layout =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "layout";

const readsAs = (type: FieldType): string => {
  switch (type.kind) {
    case "integer":
      return type.bits > 48 ? "a bigint" : "a number";
    case "bits":
      return "a number";
    case "address":
      return { mac: "a MAC address", ipv4: "an IPv4 address", ipv6: "an IPv6 address" }[type.family];
    case "array":
      return `${type.length} elements`;
    case "nested":
      return `a ${(type.layout as Layout).name}`;
  }
};

const section = (name: string, { size, source, fields }: Layout): string => {
  const rows = fields.map(({ name: field, bitOffset, bits, type }) => {
    const byte = Math.floor(bitOffset / 8);
    const place = bitOffset % 8 === 0 ? `${byte}` : `${byte}, bit ${bitOffset % 8}`;
    return `| \`${field}\` | ${place} | ${bits} | ${readsAs(type)} |`;
  });
  const from = source === undefined || source === "" ? "" : ` ${source}.`;
  return `## ${name}\n\n${size} bytes.${from}\n\n| field | at byte | bits | reads as |\n|---|---|---|---|\n${rows.join("\n")}\n`;
};

test("the page has every header that hopmark/wire exports", async () => {
  const headers = Object.entries(wire).flatMap(([name, value]) => (isLayout(value) ? [[name, value] as const] : []));
  expect(headers.length).toBeGreaterThan(10);
  const sections = headers.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, layout]) => section(name, layout));
  await expect([introduction, ...sections].join("\n")).toMatchFileSnapshot(page);
});
