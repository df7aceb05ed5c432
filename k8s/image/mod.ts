/** What the rest of the program knows of the image that it is shipped in. */
export { type AppletName, appletNames } from "./applets.ts";
