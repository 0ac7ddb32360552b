/** A queue that fills: a token bucket on an interface. */
import { MessageBuilder } from "../../src/linux/netlink/message.ts";
import { Create, type NetlinkSocket } from "../../src/linux/netlink/socket.ts";

const RTM_NEWQDISC = 36;
const ROOT = 0xffff_ffff;
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TCA_TBF_PARMS = 1;
const TCA_TBF_BURST = 6;

/** Lets `bytesPerSecond` through, `burst` bytes at once, and keeps up to `limit` bytes waiting. */
export const addTokenBucket = (
  route: NetlinkSocket,
  device: number,
  { bytesPerSecond, burst, limit }: { bytesPerSecond: number; burst: number; limit: number },
): void => {
  // struct tcmsg: family, interface, handle, parent, info
  const header = new DataView(new ArrayBuffer(20));
  header.setInt32(4, device, true);
  header.setUint32(12, ROOT, true);
  // struct tc_tbf_qopt: two of struct tc_ratespec (the rate its last word), limit, buffer, mtu
  const parameters = new DataView(new ArrayBuffer(36));
  parameters.setUint8(1, 1); // Ethernet: no tables of times
  parameters.setUint32(8, bytesPerSecond, true);
  parameters.setUint32(24, limit, true);
  const message = new MessageBuilder()
    .bytes(new Uint8Array(header.buffer))
    .attrString(TCA_KIND, "tbf")
    .nest(TCA_OPTIONS, (nested) =>
      nested.attrBytes(TCA_TBF_PARMS, new Uint8Array(parameters.buffer)).attrU32(TCA_TBF_BURST, burst),
    );
  const flags = Create.create | Create.exclusive;
  route.request({ type: RTM_NEWQDISC, name: "RTM_NEWQDISC", flags, object: `tbf on ${device}` }, message);
};
