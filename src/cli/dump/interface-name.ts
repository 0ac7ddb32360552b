/** What interfaces of a network namespace are called, by their indices. */
import { currentNetns, openNetns } from "../../linux/netns.ts";
import { links } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import type { InterfaceName } from "../../wire/packet/protocol.ts";

/** Looked up once: an interface that comes later is looked for when its first packet is printed. */
export const interfaceNames = (reference: string | undefined): InterfaceName => {
  const names = new Map<number, string | undefined>();
  return (index) => {
    if (!names.has(index)) {
      names.set(index, undefined);
      for (const link of linksOf(reference)) names.set(link.index, link.name);
    }
    return names.get(index);
  };
};

const linksOf = (reference: string | undefined) => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  try {
    const route = openRtnetlink(netns);
    try {
      return links(route);
    } finally {
      route.close();
    }
  } finally {
    netns.close();
  }
};
