import { expect, test } from "vitest";
import { Undo, withUndo } from "./undo.ts";

test("the last done is the first undone, also past a failure", async () => {
  const undo = new Undo();
  const undone: string[] = [];
  undo.add(() => void undone.push("first"));
  undo.add(() => Promise.reject(new Error("second")));
  undo.add(async () => undone.push("third"));
  expect(await undo.run()).toEqual([new Error("second")]);
  expect(undone).toEqual(["third", "first"]);
  expect(await undo.run()).toEqual([]);
});

test("what went wrong first is what is said", async () => {
  const failing = (undo: Undo): Promise<number> => {
    undo.add(() => Promise.reject(new Error("undoing")));
    return Promise.reject(new Error("working"));
  };
  await expect(withUndo(failing)).rejects.toThrow("working");
  const succeeding = async (undo: Undo): Promise<number> => {
    undo.add(() => Promise.reject(new Error("undoing")));
    return 1;
  };
  await expect(withUndo(succeeding)).rejects.toThrow("undoing");
  await expect(withUndo(async () => 1)).resolves.toBe(1);
});
