/* SPDX-License-Identifier: MIT */
/* A 64-bit hash of a flow's 5-tuple. Addresses and ports are mixed in as they lie in memory, little-endian. */
#ifndef PEERS_FLOW_HASH_H
#define PEERS_FLOW_HASH_H

#include "packet.h"

#define HASH_SEED 0x243f6a8885a308d3ULL
#define HASH_MULTIPLIER 0x9e3779b97f4a7c15ULL

static __always_inline __u64 hash_mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * HASH_MULTIPLIER;
	return hash ^ (hash >> 32);
}

static __always_inline __u64 hash_ports(__u64 hash, const struct ports *ports, __u8 protocol)
{
	__u64 value = ports->source | (__u64)ports->dest << 16 | (__u64)protocol << 32;

	return hash_mix(hash, value);
}

static __always_inline __u64 hash_ipv4(const struct iphdr *ip, const struct ports *ports)
{
	__u64 addresses = ip->saddr | (__u64)ip->daddr << 32;

	return hash_ports(hash_mix(HASH_SEED, addresses), ports, ip->protocol);
}

static __always_inline __u64 hash_in6_addr(__u64 hash, const struct in6_addr *address)
{
	hash = hash_mix(hash, address->u6_addr32[0] | (__u64)address->u6_addr32[1] << 32);
	return hash_mix(hash, address->u6_addr32[2] | (__u64)address->u6_addr32[3] << 32);
}

static __always_inline __u64 hash_ipv6(const struct ipv6hdr *ip6, const struct ports *ports)
{
	__u64 hash = hash_in6_addr(HASH_SEED, &ip6->saddr);

	return hash_ports(hash_in6_addr(hash, &ip6->daddr), ports, ip6->nexthdr);
}

#endif
