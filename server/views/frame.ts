export type Theme = "system" | "light" | "dark";

export const themes = ["system", "light", "dark"] as const satisfies readonly Theme[];

export function isTheme(text: string | undefined): text is Theme {
  return themes.some((theme) => theme === text);
}

/** The places of the navigation, in its order. */
export const sections = [
  "overview",
  "pools",
  "services",
  "layer2",
  "bgp",
  "speakers",
  "configuration",
] as const;

export type ConsoleSection = (typeof sections)[number];

export function sectionPath(section: ConsoleSection): string {
  return section === "overview" ? "/" : `/${section}`;
}
