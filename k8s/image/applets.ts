/** Other programs' names that ours answers to, for there is nothing else in the image: links in `/bin`. */
export const appletNames = ["arp", "ip", "wget"] as const;
export type AppletName = (typeof appletNames)[number];
