/** Every kernel program of IOAM. */
import { encapSubjects } from "./encap-subjects.ts";
import { sinkSubjects } from "./sink-subjects.ts";
import type { Subject } from "./subject.ts";
import { transitSubjects } from "./transit-subjects.ts";

export const subjects: readonly Subject[] = [...transitSubjects, ...sinkSubjects, ...encapSubjects];
