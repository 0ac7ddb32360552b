// SPDX-License-Identifier: MIT
/* Verifies the checksum of IPv4 headers, options included. */
#include "packet.h"

enum { RIGHT, WRONG, NOT_IPV4, MALFORMED, OUTCOMES };

#define MAX_OPTION_WORDS 10

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

static __always_inline __u32 verify(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	word *option = (word *)(ip + 1);
	__u32 option_words;
	__u64 sum;

	if ((void *)(eth + 1) > data_end)
		return MALFORMED;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return NOT_IPV4;
	if ((void *)(ip + 1) > data_end || ip->ihl < 5)
		return MALFORMED;

	sum = ip_sum(ip);
	option_words = ip->ihl - 5;
	for (int i = 0; i < MAX_OPTION_WORDS; i++) {
		if (i == option_words)
			break;
		if ((void *)(option + 1) > data_end)
			return MALFORMED;
		sum += *option++;
		barrier_var(option);
	}
	return csum_fold(sum) == 0 ? RIGHT : WRONG;
}

SEC("xdp")
int ip_checksum_verify(struct xdp_md *ctx)
{
	__u32 outcome = verify(ctx);

	count(outcome);
	return outcome == RIGHT || outcome == NOT_IPV4 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
