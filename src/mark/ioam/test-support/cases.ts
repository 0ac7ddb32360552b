export * from "../conformance/cases.ts";
