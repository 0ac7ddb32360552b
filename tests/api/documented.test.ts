import { describe, expect, test } from "vitest";
import { publicNames } from "./public-names.ts";
import { bareMembers } from "./bare-members.ts";

describe.each(["wire", "kernel", "compiler", "bpf", "follow", "lab"])("hopmark/%s", (room) => {
  const names = publicNames(`src/${room}/index.ts`);

  test("exports something", () => {
    expect(names.length).toBeGreaterThan(5);
  });

  test("every exported name has a doc comment", () => {
    const bare = names.filter(({ doc }) => doc === undefined || !/\w{3}/.test(doc));
    expect(bare.map(({ name, place }) => `${place} ${name}`)).toEqual([]);
  });

  test("doc comments are sentences", () => {
    const loose = names.filter(({ doc }) => doc !== undefined && !/[.:?]\s*(?:\n|$)/.test(doc));
    expect(loose.map(({ name, place }) => `${place} ${name}`)).toEqual([]);
  });
});

test("numbers and methods of what hopmark/kernel, hopmark/compiler and hopmark/bpf export are explained one by one", () => {
  expect(bareMembers(["kernel", "compiler", "bpf"].map((room) => `src/${room}/index.ts`))).toEqual([]);
});
