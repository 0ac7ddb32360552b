import { expect, test } from "vitest";
import { Output } from "../framework/output.ts";
import { LiveTerminal } from "./live-terminal.ts";

const terminal = () => {
  const stdout = {
    isTTY: true,
    columns: 20,
    rows: 5,
    text: "",
    write: (text: string) => ((stdout.text += text), true),
  };
  const output = new Output({ json: false, stdout, stderr: stdout, environment: {} });
  const take = (): string => {
    const { text } = stdout;
    stdout.text = "";
    return text.replaceAll("\u001b[", "^");
  };
  return { stdout, take, live: new LiveTerminal(output) };
};

test("only lines that changed are written again", () => {
  const { take, live } = terminal();
  live.draw(["one", "two", "three"]);
  expect(take()).toBe("^?1049h^?25l^?2026h^2J^1;1Hone^K^2;1Htwo^K^3;1Hthree^K^?2026l");
  live.draw(["one", "2"]);
  expect(take()).toBe("^?2026h^2;1H2^K^3;1H^K^?2026l");
  live.close();
});

test("another size is drawn anew", () => {
  const { stdout, take, live } = terminal();
  live.draw(["one"]);
  take();
  stdout.columns = 30;
  live.draw(["one"]);
  expect(take()).toBe("^?2026h^2J^1;1Hone^K^?2026l");
  live.close();
});

test("the screen before comes back once, and not at all when nothing was drawn", () => {
  const { take, live } = terminal();
  live.close();
  expect(take()).toBe("");
  live.draw([]);
  take();
  live.close();
  live.close();
  expect(take()).toBe("^?25h^?1049l");
});

test("a terminal without a size is taken for one of 80 by 24", () => {
  const { stdout, live } = terminal();
  [stdout.columns, stdout.rows] = [0, 0];
  expect(live.size).toEqual({ width: 80, height: 24 });
});
