import { afterAll, expect, test } from "vitest";
import { runHopmark } from "../fixtures/program.ts";
import { UserFolder } from "../fixtures/user-folder.ts";

const folder = new UserFolder();
afterAll(() => folder.remove());

test("a misspelt import names its line, the module and what was meant", { timeout: 60_000 }, async () => {
  const file = folder.write(
    "slip.bpf.ts",
    'import {\n  Xdp,\n  variabel,\n  xdp,\n} from "hopmark/kernel";\nexport const pass = xdp(() => Xdp.Pass);\nvoid variabel;\n',
  );
  const { status, stderr } = await runHopmark(["compile", file]);
  expect(status).toBe(1);
  expect(stderr).toBe(`${file}:3: hopmark/kernel has no variabel; did you mean variable?\n    variabel,\n`);
});

test("a name of another part of Hopmark", { timeout: 60_000 }, async () => {
  const file = folder.write("other.bpf.ts", 'import { Ipv4 } from "hopmark/kernel";\nvoid Ipv4;\n');
  const { status, stderr } = await runHopmark(["compile", file]);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `${file}:1: hopmark/kernel has no Ipv4; it is in hopmark/wire\n  import { Ipv4 } from "hopmark/kernel";\n`,
  );
});

test("a part of Hopmark that is misspelt", { timeout: 60_000 }, async () => {
  const file = folder.write("part.bpf.ts", '// one\nimport { xdp } from "hopmark/kernels";\nvoid xdp;\n');
  const { status, stderr } = await runHopmark(["compile", file]);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `${file}:2: there is no hopmark/kernels; did you mean hopmark/kernel?\n  import { xdp } from "hopmark/kernels";\n`,
  );
});

test("of the user's own modules, too", { timeout: 60_000 }, async () => {
  folder.write("sizes.ts", "export const LIMIT = 3;\n");
  const file = folder.write(
    "own.bpf.ts",
    'import { Xdp, xdp } from "hopmark/kernel";\nimport { LIMTI } from "./sizes.ts";\nexport const pass = xdp(() => LIMTI);\nvoid Xdp;\n',
  );
  const { stderr } = await runHopmark(["compile", file]);
  expect(stderr).toBe(
    `${file}:2: ./sizes.ts has no LIMTI; did you mean LIMIT?\n  import { LIMTI } from "./sizes.ts";\n`,
  );
});

test("in a module that the file imports", { timeout: 60_000 }, async () => {
  folder.write("sizes.ts", "export const LIMIT = 3;\n");
  const between = folder.write("between.ts", 'import { LIMTI } from "./sizes.ts";\nexport const twice = LIMTI * 2;\n');
  const file = folder.write(
    "main.bpf.ts",
    'import { Xdp, xdp } from "hopmark/kernel";\nimport { twice } from "./between.ts";\nexport const pass = xdp(() => twice);\nvoid Xdp;\n',
  );
  const { stderr } = await runHopmark(["compile", file]);
  expect(stderr).toBe(
    `${between}:1: ./sizes.ts has no LIMTI; did you mean LIMIT?\n  import { LIMTI } from "./sizes.ts";\n`,
  );
});
