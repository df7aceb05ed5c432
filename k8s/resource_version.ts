/** resourceVersions of one object are decimal numbers that grow (KEP-5504); anything else counts as new. */
export function isOlderVersion(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}
