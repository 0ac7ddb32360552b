/** JSON in the comments of a pcapng file: what its packets cannot hold, where every reader of such files shows it. */
import { OptionCode } from "../../../wire/pcapng/block.ts";
import { optionTexts, type BlockOption } from "../../../wire/pcapng/options.ts";
import type { OptionsPlace } from "../../../wire/pcapng/reader.ts";
import { jsonText } from "./session-json.ts";

const PREFIX = "hopmark ";
/** Characters of at most three bytes, so that an option holds them. */
const LONGEST = 20_000;

/** A value as comments, several when it is long. */
export const commentsOf = (value: unknown): BlockOption[] => {
  const text = jsonText(value);
  const parts = Array.from({ length: Math.ceil(text.length / LONGEST) }, (_, part) =>
    text.slice(part * LONGEST, (part + 1) * LONGEST),
  );
  return parts.map((part) => [OptionCode.Comment, { text: `${PREFIX}${part}` }]);
};

/** The value in a block's comments; undefined when there is none of ours. */
export const valueInComments = ({ view, from, to, little }: OptionsPlace): unknown => {
  if (from === to) return undefined;
  const ours = optionTexts(view, from, to, little, OptionCode.Comment).filter((text) => text.startsWith(PREFIX));
  try {
    return JSON.parse(ours.map((text) => text.slice(PREFIX.length)).join(""));
  } catch {
    return undefined; // somebody else's, or changed by hand
  }
};
