/**
 * The data plane: everything of a speaker that must be on time, in a worker of its own.
 *
 * ```ts
 * const dataPlane = new DataPlane(options);
 * dataPlane.onReport((report) => console.log(report));
 * dataPlane.own([{ address: "192.168.1.240", interfaces: [] }], 0); // answers, and announces what is new
 * dataPlane.peers([{ node: "node2", address: "192.168.1.12", port: 7947 }]);
 * await dataPlane.stop(); // says goodbye to the peers
 * ```
 */
export type { BfdSessionReport, BfdSessionSettings } from "./bfd/types.ts";
export { DataPlane } from "./data_plane.ts";
export type {
  AddressCounters,
  HeartbeatPeer,
  InterfaceState,
  OwnedAddress,
  Report,
  StandbyAddress,
  WorkerOptions,
} from "./protocol.ts";
