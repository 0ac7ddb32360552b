/** Where labs are known, for whoever asks first whether there are any. */
export const REGISTRY_DIRECTORY = "/run/hopmark/labs";

/** Held while labs are changed; it stays there. */
export const REGISTRY_LOCK = ".lock";
