import { expect, test, vi } from "vitest";
import { Output } from "./output.ts";
import { styleFor } from "./style.ts";

const capture = (json: boolean) => {
  const seen = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof seen) => ({ write: (text: string) => ((seen[name] += text), true) });
  const output = new Output({ json, stdout: stream("stdout"), stderr: stream("stderr"), environment: {} });
  return { seen, output };
};

test.each([
  [false, "7 packets\n"],
  [true, '{"count":"7"}\n'],
])("one call prints text or JSON (%s)", (json, expected) => {
  const { seen, output } = capture(json);
  output.print({ count: 7n }, ({ count }) => `${count} packets`);
  output.note("aside");
  expect(seen).toEqual({ stdout: expected, stderr: "aside\n" });
});

test("a line of JSON can do without the stream; where it cannot, and text, go to the stream", () => {
  const alone: string[] = [];
  let takes = true;
  const seen = { stdout: "" };
  const options = {
    json: true,
    get stdout() {
      return { write: (text: string) => ((seen.stdout += text), true) };
    },
    stderr: { write: () => true },
    environment: {},
    writeAlone: (text: string) => (takes && alone.push(text), takes),
  };
  new Output(options).print({ count: 7n }, () => "");
  takes = false;
  new Output(options).print(8, () => "");
  takes = true;
  new Output({ ...options, json: false }).print(9, String);
  expect({ alone, ...seen }).toEqual({ alone: ['{"count":"7"}\n'], stdout: "8\n9\n" });
});

test("nothing is written once the reader has gone", () => {
  const { seen, output } = capture(false);
  output.close();
  output.print(1, String);
  expect(seen.stdout).toBe("");
});

test("whoever waited for room leaves nothing behind at the signal", async () => {
  let drain = (): void => {};
  const stdout = { write: () => false, once: (_: string, listener: () => void) => (drain = listener) };
  const output = new Output({ json: false, stdout, stderr: stdout, environment: {} });
  const { signal } = new AbortController();
  const add = vi.spyOn(signal, "addEventListener");
  const remove = vi.spyOn(signal, "removeEventListener");
  const waiting = output.drained(signal);
  drain();
  await waiting;
  expect(add).toHaveBeenCalledTimes(1);
  expect(remove).toHaveBeenCalledWith(...(add.mock.calls[0] ?? []));
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [false, { FORCE_COLOR: "1" }, true],
  [true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  [true, { TERM: "dumb" }, false],
])("colour: terminal %s, %j: %s", (terminal, environment, coloured) =>
  expect(styleFor(terminal, environment)("red", "x") !== "x").toBe(coloured),
);
