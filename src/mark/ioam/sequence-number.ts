/**
 * How Hopmark divides the 64 bits of an Edge-to-Edge sequence number. RFC 9197, section 4.6, counts within a "packet group"
 * that the encapsulating node defines; the upper 20 bits say which group it is, so that each counts from a number of its own:
 *
 *     origin:15  whole:1  bucket:4  sequence:44
 *
 * `origin` is drawn at random when a rule is made. `whole` packets stand for several of the wire (GSO), which all get their
 * number. `bucket` is a hash of the flow: packets of one flow are in one group, so that what overtakes within a group has, as
 * good as always, overtaken within its flow.
 */

export const SEQUENCE_BITS = 44n;
export const BUCKETS = 16;
/** Groups of one rule. */
export const GROUPS = 2 * BUCKETS;
export const MAX_ORIGIN = 0x7fff;

/** Which of its rule's groups a packet is in. */
export const groupIndex = (isWhole: boolean, bucket: number): number => (isWhole ? BUCKETS : 0) + bucket;

/** A group's number: what stands above the sequence. */
export const groupOf = (origin: number, index: number): number => origin * GROUPS + index;

export const originOf = (group: number): number => Math.floor(group / GROUPS);

/** Whether the group's packets may stand for several of the wire. */
export const isWholeGroup = (group: number): boolean => group % GROUPS >= BUCKETS;
