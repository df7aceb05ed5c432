/** What tests of the drivers drive this room with: a clock held by hand and a client that plays a script. */
export { FakeClient, keptLog, ScriptedWatch } from "./fake_client.ts";
export { FastClock } from "./fast_clock.ts";
export { ManualClock, settle } from "./manual_clock.ts";
