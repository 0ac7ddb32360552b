/** Why an interface may show no marks, although marked packets come: a pval device has them first. */
import { HopmarkError } from "../../errors.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { openNamespace } from "../../mark/ioam/device.ts";
import { findDevices, type FoundDevice } from "../../mark/pval/find.ts";

/** Null: nothing is known to hide them. Of what `device` receives. */
export const hiddenMarks = (device: string, netns: string | undefined): string | null => {
  const found = devicesIn(netns).find(({ upper, lower }) => upper?.name === device || lower?.name === device);
  if (found?.note === undefined) return null;
  const { note, name } = found;
  if (note.options.strip)
    return `${name} takes marks off before they are seen here: hopmark marks --ring ${name}-rx sees them, with rxcopy on`;
  return note.far !== null && device === found.lower?.name
    ? `what ${device} receives is received by ${name}: hopmark marks ${name} sees it`
    : null;
};

/** None where one may not look, or there is nothing to look into. */
const devicesIn = (reference: string | undefined): FoundDevice[] => {
  const netns = openNamespace(reference);
  const route = openRtnetlink(netns);
  try {
    return findDevices(netns, route);
  } catch (error) {
    if (error instanceof HopmarkError) return [];
    throw error;
  } finally {
    route.close();
    netns.close();
  }
};
