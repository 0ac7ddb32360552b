import { Tc } from "../../../kernel/context.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import { openRoomAhead } from "../room-ahead.bpf.ts";

/** Opens room in packets of at most `mtu` bytes, and lets them pass. */
export const opening = (mtu: number): Program<"tc"> =>
  tc(
    (ctx) => {
      openRoomAhead(ctx, 14, mtu);
      return Tc.Next;
    },
    { name: "room_ahead" },
  );
