// SPDX-License-Identifier: MIT
/* Walks IPv6 extension headers to the upper-layer protocol. */
#include "packet.h"

/* Classes of packets beside the 256 protocols. */
enum { LATER_FRAGMENT = 256, TOO_MANY_HEADERS, TRUNCATED, NOT_IPV6, CLASSES };

#define MAX_HEADERS 8

struct counter {
	__u64 packets;
	/* Of extension headers. */
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CLASSES);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

/* Returns the class; `bytes` grows by each extension header that was walked over. */
static __always_inline __u32 walk(__u8 protocol, void *next, void *data_end, __u32 *bytes)
{
	for (int i = 0; i < MAX_HEADERS; i++) {
		struct ipv6_opt_hdr *header = next;
		struct frag_hdr *fragment = next;
		__u32 length;

		switch (protocol) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_MH:
			if ((void *)(header + 1) > data_end)
				return TRUNCATED;
			length = (header->hdrlen + 1) * 8;
			break;
		case IPPROTO_AH:
			if ((void *)(header + 1) > data_end)
				return TRUNCATED;
			length = (header->hdrlen + 2) * 4;
			break;
		case IPPROTO_FRAGMENT:
			if ((void *)(fragment + 1) > data_end)
				return TRUNCATED;
			if (fragment->frag_off & bpf_htons(0xfff8))
				return LATER_FRAGMENT;
			length = sizeof(*fragment);
			break;
		default:
			return protocol;
		}
		if (next + length > data_end)
			return TRUNCATED;
		protocol = header->nexthdr;
		next += length;
		*bytes += length;
	}
	return TOO_MANY_HEADERS;
}

SEC("xdp")
int ipv6_extensions(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct counter *counter;
	__u32 bytes = 0;
	__u32 class;

	if ((void *)(eth + 1) > data_end)
		class = TRUNCATED;
	else if (eth->h_proto != bpf_htons(ETH_P_IPV6))
		class = NOT_IPV6;
	else if ((void *)(ip6 + 1) > data_end)
		class = TRUNCATED;
	else
		class = walk(ip6->nexthdr, ip6 + 1, data_end, &bytes);

	counter = bpf_map_lookup_elem(&counters, &class);
	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
	return class == TRUNCATED || class == TOO_MANY_HEADERS ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
