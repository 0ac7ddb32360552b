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

/** Fills a text with blanks to `width` columns. */
export const padVisible = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - visibleWidth(text)));
