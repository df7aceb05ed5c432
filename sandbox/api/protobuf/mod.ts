/** Request bodies in protobuf, as client-go's typed clients and `kubectl create` send them. Answers are JSON. */
export { decodeProtobuf } from "./decode.ts";
