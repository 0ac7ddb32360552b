import { HopmarkError } from "../../errors.ts";
import { Xdp, type XdpContextMachine } from "../context.ts";
import { ETHERNET_BYTES, PacketMachine } from "./packet-machine.ts";
import { PacketMemory } from "./packet-memory.ts";

/** Fields of an XDP program's context. */
export interface XdpFields {
  readonly ifindex: number;
  readonly rxQueue: number;
}

/**
 * A frame as TEST_RUN and most drivers lay it out: one page of 4096 bytes that starts with 256 bytes of headroom, of
 * which the kernel keeps 40, and ends with 320 bytes that are the kernel's.
 */
const HEADROOM = 256 - 40;
const LARGEST = 4096 - 256 - 320;

/** `struct xdp_md` in V8. */
export class XdpMachine extends PacketMachine<XdpFields> implements XdpContextMachine {
  constructor(packet: Uint8Array, fields: Partial<XdpFields>) {
    if (packet.length > LARGEST) {
      throw new HopmarkError("not-simulated", `an XDP frame of ${packet.length} bytes needs fragments`, {
        hint: `simulate frames of at most ${LARGEST} bytes`,
      });
    }
    super(new PacketMemory(packet, HEADROOM, LARGEST - packet.length), { ifindex: 1, rxQueue: 0, ...fields });
  }

  adjustHead(delta: number): boolean {
    this.packet.invalidate("adjustHead");
    return this.packet.move(delta | 0, 0, ETHERNET_BYTES);
  }

  adjustTail(delta: number): boolean {
    this.packet.invalidate("adjustTail");
    return this.packet.move(0, delta | 0, ETHERNET_BYTES);
  }

  protected override missing(): null {
    return null;
  }

  /** The kernel knows no flags for a redirect to an interface. */
  redirect(ifindex: number, flags: number): number {
    if (flags !== 0) return Xdp.Aborted;
    this.redirected = { ifindex, flags };
    return Xdp.Redirect;
  }
}
