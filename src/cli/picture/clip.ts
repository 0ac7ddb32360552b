/** Text with colours in it, measured and cut by what is seen. */

const ESCAPE = "\u001b";
const styled = new RegExp(`${ESCAPE}\\[[0-9;]*m`, "g");

/** Columns that a text takes; all that Hopmark draws with is one column wide. */
export const visibleWidth = (text: string): number => [...text.replace(styled, "")].length;

/** At most `width` columns of a text; a colour that is cut off ends there. */
export const clip = (text: string, width: number): string => {
  if (visibleWidth(text) <= width) return text;
  let seen = 0;
  let cut = "";
  for (const part of text.split(new RegExp(`(${ESCAPE}\\[[0-9;]*m)`))) {
    if (part.startsWith(ESCAPE)) {
      cut += part;
      continue;
    }
    const characters = [...part].slice(0, Math.max(0, width - seen));
    cut += characters.join("");
    seen += characters.length;
  }
  return cut;
};

/** A word that would be cut goes as a whole when it is no longer than this. */
const LONGEST_WORD = 12;

/** At most `width` columns of a text, cut between words where that is near, with a sign that there was more. */
export const shorten = (text: string, width: number): string => {
  if (visibleWidth(text) <= width) return text;
  const cut = clip(text, Math.max(0, width - 1));
  const plain = cut.replace(styled, "");
  const isWord = /^\S/.test([...text.replace(styled, "")].slice(width - 1).join(""));
  const word = isWord ? (/ (\S*)$/.exec(plain)?.[1] ?? plain).length : 0;
  const whole = word <= LONGEST_WORD && word < plain.length ? clip(cut, visibleWidth(plain) - word) : cut;
  return `${clip(whole, visibleWidth(whole.replace(styled, "").trimEnd()))}…`;
};

/** Fills a text with blanks to `width` columns. */
export const padVisible = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - visibleWidth(text)));
