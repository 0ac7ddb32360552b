/** What UDP ports say: tunnels and DNS. */
import { back, capture, ethernet, frame, four, echo6, payload, raw, six, udp } from "./build.ts";

const question = "07 6578616d706c65 03 636f6d 00 0001 0001";

export const contents = [
  capture("VXLAN", [
    frame(four, udp(50000, 4789), { protocol: "vxlan", header: { vni: 100 } }, ethernet, back, udp(), payload(3)),
    frame(
      six,
      udp(50000, 4789),
      { protocol: "vxlan", header: { vni: 0, vniPresent: 0 } },
      ethernet,
      six,
      echo6(128, 1),
    ),
  ]),
  capture("Geneve", [
    frame(four, udp(50000, 6081), { protocol: "geneve", header: { vni: 100 } }, ethernet, back, udp(), payload(3)),
    frame(four, udp(50000, 6081), { protocol: "geneve", header: { vni: 7 } }, six, echo6(128, 1)),
    frame(
      four,
      udp(50000, 6081),
      { protocol: "geneve", header: { vni: 7, critical: 1 }, data: new Uint8Array(4) },
      back,
      udp(),
    ),
  ]),
  capture("GUE", [frame(four, udp(50000, 6080), { protocol: "gue" }, back, udp(), payload(3))]),
  capture("DNS", [
    frame(four, udp(50000, 53), raw(`1234 0100 0001 0000 0000 0000 ${question}`)),
    frame(four, udp(50000, 53), raw(`1234 0110 0001 0000 0000 0001 ${question} 00 0029 04d0 00000000 0000`)),
    frame(
      back,
      udp(53, 50000),
      raw(
        `1234 8180 0001 0002 0000 0001 ${question} c00c 0005 0001 0000003c 0006 03 777777 c00c c029 0001 0001 00000e10 0004 01020304 00 0029 04d0 00000000 0000`,
      ),
    ),
    frame(
      back,
      udp(53, 50000),
      raw(
        `1234 8583 0001 0000 0001 0000 02 6e78 00 001c 0001 00 0006 0001 0000003c 001a 01 61 00 01 62 00 00000001 00000002 00000003 00000004 00000005`,
      ),
    ),
    frame(
      back,
      udp(53, 50000),
      raw(`0007 8180 0001 0001 0000 0000 ${question} c00c 001c 0001 0000003c 0010 20010db8000000000000000000000001`),
    ),
    frame(
      back,
      udp(53, 50000),
      raw(
        `0007 8180 0001 0003 0000 0000 ${question} c00c 000f 0001 0000003c 0009 000a 04 6d61696c c00c c00c 0010 0001 0000003c 0006 05 68656c6c6f c00c 0021 0001 0000003c 000a 0001 0002 01bb 01 73 c00c`,
      ),
    ),
  ]),
];
