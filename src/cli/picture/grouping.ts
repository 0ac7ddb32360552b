/** What a table has a row for. */
export const groupings = ["flow", "path", "link"] as const;
export type Grouping = (typeof groupings)[number];
