/** What `--fou` says: which UDP ports carry which IP protocol. */
import { IpProtocol } from "../../wire/numbers.ts";
import { FOU_IP, type FouPorts } from "../../wire/packet/protocol.ts";

const protocols: Readonly<Record<string, number>> = {
  ip: FOU_IP,
  ipip: IpProtocol.Ipv4,
  ipv6: IpProtocol.Ipv6,
  gre: IpProtocol.Gre,
};

/** `5555`, `5555=gre,5556=ipip`. Error for what is neither. */
export const readFouPorts = (text: string): FouPorts =>
  new Map(
    text.split(",").map((entry) => {
      const [port = "", name = "ip"] = entry.split("=");
      const protocol = protocols[name];
      if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 0xffff)
        throw new Error(`"${port}" is not a port from 1 to 65535`);
      if (protocol === undefined) throw new Error(`"${name}" is not ${Object.keys(protocols).join(" or ")}`);
      return [Number(port), protocol] as const;
    }),
  );
