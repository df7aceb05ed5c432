import type { Diagnostic, SessionState } from "./names_table.ts";

interface Move {
  readonly to: SessionState;
  /** Becomes bfd.LocalDiag; absent where the move is no failure. */
  readonly diag?: Diagnostic;
}

const signaledDown: Move = { to: "Down", diag: "Neighbor Signaled Session Down" };

/**
 * RFC 5880 §6.8.6: what a received state makes of bfd.SessionState; what is missing changes nothing. A session that is
 * AdminDown listens to nobody (§6.8.16).
 */
export const stateTable: Readonly<Record<SessionState, { readonly [Received in SessionState]?: Move }>> = {
  AdminDown: {},
  Down: { Down: { to: "Init" }, Init: { to: "Up" } },
  Init: { AdminDown: signaledDown, Init: { to: "Up" }, Up: { to: "Up" } },
  Up: { AdminDown: signaledDown, Down: signaledDown },
};
