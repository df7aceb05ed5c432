/** Listens on the wanted port, or on any free one where that is taken. */
export async function onFreePort<T>(wanted: number, listen: (port: number) => T | Promise<T>): Promise<T> {
  try {
    return await listen(wanted);
  } catch (error) {
    if (wanted === 0) throw error;
    return await listen(0);
  }
}
