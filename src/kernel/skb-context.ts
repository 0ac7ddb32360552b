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

  get packetType(): number {
    return this.machine.field("packetType") as number;
  }

  get queueMapping(): number {
    return this.machine.field("queueMapping") as number;
  }

  get vlanPresent(): number {
    return this.machine.field("vlanPresent") as number;
  }

  get gsoSegments(): number {
    return this.machine.field("gsoSegments") as number;
  }

  get gsoSize(): number {
    return this.machine.field("gsoSize") as number;
  }

  /** ns; at tc, of the clock that `timestampClock` says. */
  get timestamp(): bigint {
    return this.machine.field("timestamp") as bigint;
  }
}
