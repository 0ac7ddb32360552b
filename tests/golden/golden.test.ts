import { describe, expect, test } from "vitest";
import { decodePacket, encodePacket, formatPacket, toHex } from "../../src/wire/index.ts";
import { goldenPackets } from "./packets.ts";
import { isInstalled, tcpdumpLines, tsharkComplaints, tsharkFields } from "./tools.ts";

const inCi = process.env["CI"] === "true";
const packets = goldenPackets.map(({ layers }) => encodePacket(layers));

test("the bytes are those pinned in packets.hex", async () => {
  const text = goldenPackets.map(
    ({ name, line }, index) => `# ${name}\n# ${line.split("\n")[0]}\n${toHex(packets[index]!).slice(2)}\n`,
  );
  await expect(text.join("\n")).toMatchFileSnapshot("packets.hex");
});

describe.each(goldenPackets.map((packet, index) => ({ ...packet, bytes: packets[index]! })))("$name", (golden) => {
  test("prints its line", () => {
    expect(formatPacket(golden).trimEnd()).toBe(golden.line);
    if (golden.verbose !== undefined) expect(formatPacket(golden, { verbose: 1 })).toBe(golden.verbose);
  });

  test("decodes to layers that give back its bytes", () => {
    const packet = decodePacket(golden.bytes);
    expect(packet).toMatchObject({ truncated: null, malformed: null });
    expect(packet.layers.map(({ protocol }) => protocol)).toEqual(golden.layers.map(({ protocol }) => protocol));
    expect(toHex(encodePacket(packet.layers))).toBe(toHex(golden.bytes));
  });
});

describe.skipIf(!inCi && !isInstalled("tshark"))("tshark", () => {
  test("reads the fields that were meant", () => {
    const fields = [...new Set(goldenPackets.flatMap(({ tshark }) => Object.keys(tshark)))];
    const seen = tsharkFields(packets, fields);
    goldenPackets.forEach(({ name, tshark }, index) => {
      const own = Object.fromEntries(Object.keys(tshark).map((field) => [field, seen[index]![field]]));
      expect({ name, ...own }).toEqual({ name, ...tshark });
    });
  });

  test("complains about nothing", () => {
    const complaints = tsharkComplaints(packets).map((complaint, index) => ({
      name: goldenPackets[index]!.name,
      complaint,
    }));
    expect(complaints.filter(({ complaint }) => complaint !== "")).toEqual([]);
  });
});

describe.skipIf(!inCi && !isInstalled("tcpdump"))("tcpdump", () => {
  test.each([
    ["", {}],
    ["-e", { link: true }],
  ])("prints the same lines %s", (option, format) => {
    const lines = tcpdumpLines(packets, option === "" ? [] : [option]);
    expect(lines.length).toBe(packets.length);
    goldenPackets.forEach(({ name, tcpdump }, index) => {
      if (tcpdump === null) return;
      const line = formatPacket({ bytes: packets[index]! }, format).split("\n")[0]!.trimEnd();
      expect({ name, line: tcpdump ?? line }).toEqual({ name, line: lines[index]!.trimEnd() });
    });
  });
});
