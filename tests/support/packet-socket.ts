export * from "../../src/linux/packet-socket.ts";
