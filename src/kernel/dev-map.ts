/** Interfaces to send frames out of, by index: redirects of XDP programs that a table decides. */
import { struct, u32 } from "../wire/layout.ts";
import { indexElement, type MapDescriptor, type MapOptions } from "./maps.ts";
import { requireEntries } from "./require-declared.ts";
import { runtime } from "./runtime.ts";

/** What user space puts under an index. */
export interface DevMapEntry {
  /** Number of the interface, in the network namespace of who puts it in. */
  ifindex: number;
}

const Entry = struct("device", { ifindex: u32 });

/** Flags of `redirect` beside the verdict for when nobody is there, with the kernel's names. */
export const RedirectFlag = { Broadcast: 8, ExcludeIngress: 16 } as const;

/** A table of interfaces by index, into which user space puts them: a program sends a frame out of one of them. */
export class DevMap implements MapDescriptor {
  readonly kind = "map";
  readonly type: "devmap" | "devmap_hash";
  readonly name: string;
  readonly keyElement = indexElement;
  readonly valueLayout = Entry;
  readonly keySize = 4;
  readonly valueSize = 4;
  readonly entries: number;
  readonly flags = 0;
  readonly initial = undefined;
  /** Phantoms: the JavaScript types of key and value. */
  declare readonly keyType?: number;
  declare readonly valueType?: DevMapEntry;

  constructor(type: DevMap["type"], options: MapOptions) {
    requireEntries(type, options);
    this.type = type;
    this.name = options.name ?? type;
    this.entries = options.entries;
  }

  /**
   * Sends the frame out of the interface at `index`: the verdict to return, `Xdp.Redirect`. Where no interface is, the verdict is
   * what `flags` says: `Xdp.Aborted`, `Xdp.Drop`, `Xdp.Pass` or `Xdp.Tx`.
   *
   *     return ports.redirect(port, Xdp.Pass);
   *
   * With `RedirectFlag.Broadcast` a copy goes out of every interface in the map, with `ExcludeIngress` not out of the one that the
   * frame came in by. XDP only. The other end of a veth gets such frames only when it has GRO on or an XDP program.
   */
  redirect(index: number, flags = 0): number {
    return runtime().redirectMap(this, index, flags);
  }
}

/** An array of interfaces. User space fills it: `handle.set(0, { ifindex })`; an interface that goes takes its entry with it. */
export const devMap = (options: MapOptions): DevMap => new DevMap("devmap", options);

/** The same under any numbers, of which `entries` are there at most. */
export const devMapHash = (options: MapOptions): DevMap => new DevMap("devmap_hash", options);
