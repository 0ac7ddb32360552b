/** The golden captures: what Debian's tcpdump prints of them, and what Hopmark does. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { captures, flagSets } from "./captures/all.ts";
import { differences, type Difference } from "./captures/differences.ts";
import { fileOf, grouped, judge } from "./captures/judge.ts";
import { fieldsInFile, isInstalled } from "./tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hopmark-captures-"));
afterAll(() => rmSync(folder, { recursive: true }));

const isFor = ({ flags }: Difference, given: readonly string[]): boolean => flags?.test(given.join(" ")) ?? true;

test("there are 60 captures and more", () => {
  expect(captures.length).toBeGreaterThanOrEqual(60);
});

test.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))(
  "tshark opens them, and finds the link types",
  () => {
    const others = grouped(captures.filter(({ snapLength }) => snapLength === undefined));
    const paths = others.map((members, index) => {
      const path = join(folder, `link-${index}.pcap`);
      writeFileSync(path, fileOf(members));
      return path;
    });
    const merged = join(folder, "links.pcapng");
    // One after the other: a file of several link types.
    expect(spawnSync("mergecap", ["-a", "-w", merged, ...paths], { encoding: "utf8" })).toMatchObject({ status: 0 });
    const seen = fieldsInFile(merged, ["frame.encap_type"]);
    expect(seen).toHaveLength(others.flat().flatMap(({ packets }) => packets).length);
    // Raw IP is one type to tshark, by whichever of its two numbers.
    expect(new Set(seen.map((fields) => fields["frame.encap_type"])).size).toBe(others.length - 1);
  },
);

describe.skipIf(process.env["CI"] !== "true" && !isInstalled("tcpdump"))("tcpdump", () => {
  const files = grouped(captures).map((members, index) => {
    const path = join(folder, `${index}.pcap`);
    writeFileSync(path, fileOf(members));
    return { members, path };
  });

  test.each(flagSets)("prints the same with %j", (flags, options) => {
    const unexplained = judge(files, flags, options).filter(
      ({ name, ours, tcpdump }) =>
        ours !== tcpdump &&
        !differences.some(
          (one) =>
            one.packets.test(name) &&
            isFor(one, flags) &&
            (one.alike === undefined || one.alike(ours ?? "") === one.alike(tcpdump ?? "")),
        ),
    );
    expect(unexplained).toEqual([]);
  });

  test("every difference that is explained is one", () => {
    const seen = new Set<Difference>();
    for (const [flags, options] of flagSets) {
      for (const { name, ours, tcpdump } of judge(files, flags, options)) {
        if (ours === tcpdump) continue;
        for (const one of differences) if (one.packets.test(name) && isFor(one, flags)) seen.add(one);
      }
    }
    expect(differences.filter((one) => !seen.has(one))).toEqual([]);
  });
});
