/** How packets are written to a file of this name: in the older format where it ends so, as tcpdump's users expect. */
export const formatFor = (path: string): "pcap" | "pcapng" => (/\.p?cap$/i.test(path) ? "pcap" : "pcapng");
