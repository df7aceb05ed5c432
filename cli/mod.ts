/** The command line: the parts' flags and the admin's verbs. What runs is loaded only when it runs. */
export { appletCalled, appletCommands, runApplet } from "./applets/mod.ts";
export { bundleCommand } from "./bundle.ts";
export { checkCommand } from "./check.ts";
export { convertCommand } from "./convert.ts";
export { explainCommand, statusCommand } from "./inspect.ts";
export { controllerCommand, speakerCommand } from "./parts/mod.ts";
export { sandboxCommand } from "./sandbox.ts";
export { strictArpCommand } from "./strictarp.ts";
