// SPDX-License-Identifier: MIT
/* Counts packets and bytes by IP protocol. */
#include "packet.h"

#define CLASS_NOT_IP 256
#define CLASS_MALFORMED 257
#define CLASSES 258

#define MAX_TAGS 2

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CLASSES);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline __u32 classify(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	void *next = eth + 1;
	__be16 proto;

	if (next > data_end)
		return CLASS_MALFORMED;
	proto = eth->h_proto;

	for (int i = 0; i < MAX_TAGS; i++) {
		struct vlan_hdr *vlan = next;

		if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(vlan + 1) > data_end)
			return CLASS_MALFORMED;
		proto = vlan->h_vlan_encapsulated_proto;
		next = vlan + 1;
	}

	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > data_end || ip->ihl < 5)
			return CLASS_MALFORMED;
		return ip->protocol;
	}
	if (proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = next;

		if ((void *)(ip6 + 1) > data_end)
			return CLASS_MALFORMED;
		return ip6->nexthdr;
	}
	return CLASS_NOT_IP;
}

SEC("xdp")
int parse_count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u32 class = classify(data, data_end);
	struct counter *counter = bpf_map_lookup_elem(&counters, &class);

	if (counter) {
		counter->packets++;
		counter->bytes += data_end - data;
	}
	return class == CLASS_MALFORMED ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
