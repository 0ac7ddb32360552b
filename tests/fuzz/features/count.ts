/** How many modules have each feature. */
import type { ProgramType } from "../../../src/kernel/program.ts";
import type { Feature } from "./feature.ts";
import { languageFeatures } from "./language.ts";
import { libraryFeatures } from "./library.ts";

export class FeatureCount {
  readonly features: readonly Feature[] = [...libraryFeatures(), ...languageFeatures()];
  readonly #counts = new Map<Feature, number>();
  readonly #enough: number;

  /** `enough`: modules after which a feature is not looked for any more. */
  constructor(enough = Infinity) {
    this.#enough = enough;
  }

  /** Counts what a module has; its imports name everything. */
  add(text: string): void {
    const body = text.slice(text.lastIndexOf("\nimport "));
    const own = body.slice(body.indexOf(";") + 1);
    const type = /export const program = (\w+)\(/.exec(own)?.[1] as ProgramType;
    for (const feature of this.features) {
      if (this.of(feature) >= this.#enough || (feature.types !== null && !feature.types.includes(type))) continue;
      if (feature.pattern.test(own)) this.#counts.set(feature, this.of(feature) + 1);
    }
  }

  of(feature: Feature): number {
    return this.#counts.get(feature) ?? 0;
  }
}
