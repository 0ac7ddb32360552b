/** `athos ▶ porthos ▶ aramis`; a node without a name or id is a question mark. */
export const pathLabel = (nodes: readonly (string | null)[]): string => nodes.map((node) => node ?? "?").join(" ▶ ");
