/** Colours of the terminal, or none. */

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

export type StyleName = keyof typeof codes;

/** Puts a style around text; nothing where colour is off. */
export type Style = (name: StyleName, text: string) => string;

export const plainStyle: Style = (_, text) => text;

export const ansiStyle: Style = (name, text) => (text === "" ? "" : `\u001b[${codes[name]}m${text}\u001b[0m`);

/** https://no-color.org: any value switches colour off; FORCE_COLOR switches it on where there is no terminal. */
export const styleFor = (isTerminal: boolean, environment: NodeJS.ProcessEnv): Style => {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return plainStyle;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return ansiStyle;
  return isTerminal && TERM !== "dumb" ? ansiStyle : plainStyle;
};
