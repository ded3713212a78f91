/** Lists to their end: the server gives them page by page. */
import { http } from './http'
import type { Page } from './schema'

const MOST_AT_ONCE = 100

export async function every<T>(path: string): Promise<T[]> {
  const found: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = await http.get<Page<T>>(path, { query: { limit: MOST_AT_ONCE, cursor } })
    found.push(...page.items)
    cursor = page.next
  } while (cursor)
  return found
}
