import type { Attachment } from "./attachment.ts";

/** Packets that come in, or that go out. */
export type Direction = "ingress" | "egress";

/** Where among the programs at the hook: they run in order until one returns something else than `Tc.Next`. */
export type TcOrder = "first" | "last" | { readonly before: Attachment } | { readonly after: Attachment };
