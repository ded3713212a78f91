/** Members in another order: pure, so that the keyboard and the mouse do the same. */

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  if (from === to || from < 0 || from >= list.length) return [...list]
  const rest = list.filter((_, place) => place !== from)
  const at = Math.min(Math.max(to, 0), rest.length)
  return [...rest.slice(0, at), list[from]!, ...rest.slice(at)]
}
