// SPDX-License-Identifier: MIT
/* Sends each flow to the backend that a consistent-hashing table (Maglev) names, by its MAC address. */
#include "flow-hash.h"

enum { FORWARDED, NOT_A_FLOW, MALFORMED, NO_BACKEND, OUTCOMES };

#define TABLE_SLOTS 65537
#define MAX_BACKENDS 1024

struct backend {
	__u8 mac[ETH_ALEN];
	__u8 pad[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TABLE_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_BACKENDS);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 outcome)
{
	__u64 *packets = bpf_map_lookup_elem(&counters, &outcome);

	if (packets)
		(*packets)++;
}

static __always_inline struct backend *choose(__u64 hash)
{
	__u32 slot = ((hash >> 32) * TABLE_SLOTS) >> 32;
	__u32 *backend = bpf_map_lookup_elem(&table, &slot);

	return backend ? bpf_map_lookup_elem(&backends, backend) : NULL;
}

static __always_inline __u32 forward(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct backend *backend;
	struct ports *ports;
	__u64 hash;

	if ((void *)(eth + 1) > data_end)
		return MALFORMED;

	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > data_end || ip->ihl < 5)
			return MALFORMED;
		if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
			return NOT_A_FLOW;
		if (ip->frag_off & bpf_htons(IP_MF | IP_OFFSET))
			return NOT_A_FLOW;
		ports = (void *)ip + ip->ihl * 4;
		if ((void *)(ports + 1) > data_end)
			return MALFORMED;
		hash = hash_ipv4(ip, ports);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > data_end)
			return MALFORMED;
		if (ip6->nexthdr != IPPROTO_TCP && ip6->nexthdr != IPPROTO_UDP)
			return NOT_A_FLOW;
		ports = (void *)(ip6 + 1);
		if ((void *)(ports + 1) > data_end)
			return MALFORMED;
		hash = hash_ipv6(ip6, ports);
	} else {
		return NOT_A_FLOW;
	}

	backend = choose(hash);
	if (!backend)
		return NO_BACKEND;
	memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	memcpy(eth->h_dest, backend->mac, ETH_ALEN);
	return FORWARDED;
}

SEC("xdp")
int maglev(struct xdp_md *ctx)
{
	__u32 outcome = forward(ctx);

	count(outcome);
	if (outcome == FORWARDED)
		return XDP_TX;
	return outcome == NOT_A_FLOW ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
