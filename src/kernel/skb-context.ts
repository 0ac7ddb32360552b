import { PacketContext, type PacketSource } from "./packet-context.ts";

/** `struct __sk_buff`: what all programs may know of a packet that the stack has in hand. */
export abstract class SkbContext<M extends PacketSource = PacketSource> extends PacketContext<M> {
  /** 32 bits that go with the packet through this host: rules for routes and filters read them. */
  get mark(): number {
    return this.machine.field("mark") as number;
  }

  set mark(value: number) {
    this.machine.setField("mark", value);
  }

  /** The band of the queueing discipline that the packet belongs to (SO_PRIORITY). */
  get priority(): number {
    return this.machine.field("priority") as number;
  }

  set priority(value: number) {
    this.machine.setField("priority", value);
  }

  /** EtherType, as a plain number (0x86dd). */
  get protocol(): number {
    return this.machine.field("protocol") as number;
  }

  /** Interface the packet came in by; 0 when this host made it. */
  get ingressIfindex(): number {
    return this.machine.field("ingressIfindex") as number;
  }

  /** Whom the frame is for (PACKET_HOST …): 0 this host, 1 all, 2 a group, 3 another host, 4 from this host. */
  get packetType(): number {
    return this.machine.field("packetType") as number;
  }

  /** As the kernel keeps it: of a packet that came in, the receive queue plus 1, or 0 when none was recorded; of one that leaves, the transmit queue. */
  get queueMapping(): number {
    return this.machine.field("queueMapping") as number;
  }

  /** 1 when a VLAN tag goes beside the packet, where the packet's bytes do not show it. */
  get vlanPresent(): number {
    return this.machine.field("vlanPresent") as number;
  }

  /** How many segments a GSO packet is cut into; 0 of others, and where nobody has counted. */
  get gsoSegments(): number {
    return this.machine.field("gsoSegments") as number;
  }

  /** Bytes of payload in each segment of a GSO packet; 0 of others. */
  get gsoSize(): number {
    return this.machine.field("gsoSize") as number;
  }

  /** ns; at tc, of the clock that `timestampClock` says. */
  get timestamp(): bigint {
    return this.machine.field("timestamp") as bigint;
  }
}
