export * from "../conformance/frames.ts";
