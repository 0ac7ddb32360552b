/** VLAN tags in the way: the kernel opens and closes room in packets behind which it sees the IP header at once. */
import type { TcContext } from "../../kernel/context.ts";
import { be16, header } from "../../wire/layout.ts";
import { EtherType } from "../../wire/numbers.ts";

/** EtherType of a tag that stands in the packet, and its value. */
const TagInPacket = header("VLAN tag", "IEEE 802.1Q, section 9.6", { protocol: be16, tci: be16 });
const TAG_AT = 12;

interface Otherwise {
  /** The answer for packets with more tags than two. */
  readonly otherwise: number;
  /** The answer when the tags could not be moved. */
  readonly failed: number;
}

/**
 * Runs on the packet as it is behind its tags, which are afterwards what they were. The kernel carries the outermost beside
 * the packet as a rule; one that stands in the packet comes off, and goes on again.
 */
export const behindTag = (ctx: TcContext, { otherwise, failed }: Otherwise, run: () => number): number => {
  if (ctx.protocol !== EtherType.Vlan && ctx.protocol !== EtherType.ProviderVlan) return run();
  const inPacket = ctx.packet.at(TagInPacket, TAG_AT);
  if (inPacket === null) return otherwise;
  const isBeside = ctx.vlanPresent !== 0;
  const protocol = isBeside ? ctx.vlanProtocol : inPacket.protocol;
  const tci = isBeside ? ctx.vlanTci : inPacket.tci;
  if (!ctx.vlanPop()) return failed;
  // The next one, if there is, has come beside the packet.
  const hasSecond = ctx.vlanPresent !== 0;
  const { vlanProtocol, vlanTci } = ctx;
  if (hasSecond && !ctx.vlanPop()) return failed;
  const hasThird = hasSecond && ctx.vlanPresent !== 0;
  const outcome = hasThird ? otherwise : run();
  const isBack = (!hasSecond || ctx.vlanPush(vlanProtocol, vlanTci)) && ctx.vlanPush(protocol, tci);
  return isBack ? outcome : failed;
};
