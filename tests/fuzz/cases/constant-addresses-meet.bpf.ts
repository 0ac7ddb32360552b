/** Two constant addresses on two paths are one address afterwards. */
import { header, ipv4, ipv6, ipv6Address, mac, macAddress, tc } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Addresses = header("addresses", "", { mac: macAddress, ipv6: ipv6Address });

export const program = tc((ctx) => {
  const view = ctx.packet.at(Addresses, 0);
  if (view === null) return 0;
  let own = mac("02:00:00:00:00:01");
  if (ctx.mark > 1) own = mac("02:00:00:00:00:02");
  view.mac = own;
  view.ipv6 = ctx.mark === 1 ? ipv6("db01::1") : ipv6("::ffff:10.0.0.1");
  return (ctx.mark > 1 ? ipv4("10.0.0.1") : ipv4("10.0.0.2")) === ipv4("10.0.0.1") ? 2 : 1;
});

export const runs: readonly CaseRun[] = [
  {
    packet: "00".repeat(22),
    mark: 1,
    expected: { verdict: 1, packet: "020000000001db010000000000000000000000000001" },
  },
  {
    packet: "00".repeat(22),
    mark: 2,
    expected: { verdict: 2, packet: "02000000000200000000000000000000ffff0a000001" },
  },
];
