/** What our programs tell the kernel: helpers that only GPL programs may call are open to it. */
export const LICENSE = "Dual MIT/GPL";
