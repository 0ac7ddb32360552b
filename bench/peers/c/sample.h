/* SPDX-License-Identifier: MIT */
/* What the sample packets that programs are repeated on have in common: undoing puts it back. */
#ifndef PEERS_SAMPLE_H
#define PEERS_SAMPLE_H

#include "packet.h"

/* Of samples over IPv4. */
#define SAMPLE_ETHERNET                                  \
	{                                                \
		.h_dest = { 0x02, 0, 0, 0, 0, 0x02 },    \
		.h_source = { 0x02, 0, 0, 0, 0, 0x01 },  \
		.h_proto = bpf_htons(ETH_P_IP),          \
	}

/* The trace of the IOAM sample: behind Ethernet, IPv6, Hop-by-Hop, PadN and the option's own four bytes. */
#define SAMPLE_TRACE_OFFSET (14 + 40 + 2 + 2 + 4)
#define SAMPLE_TRACE_WORDS 21

#endif
