/**
 * Reading a `text/event-stream` by hand: EventSource can send no Authorization, and the answers are short.
 *
 * Source: the WHATWG HTML standard, "Server-sent events", the parts that the server uses.
 */

export interface ServerEvent {
  id: string | null
  event: string
  data: string
}

/** How long the server asks to wait before the next request, in milliseconds; null when it says nothing. */
export function readRetry(text: string): number | null {
  const found = /^retry: ?(\d{1,9})\r?$/m.exec(text)
  return found ? Number(found[1]) : null
}

/** The complete events in `text`; an event without its closing empty line is left out, the reader asks for it again. */
export function readEvents(text: string): ServerEvent[] {
  const events: ServerEvent[] = []
  let id: string | null = null
  let event = 'message'
  let data: string[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  // What follows the last line end is not a line yet.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) events.push({ id, event, data: data.join('\n') })
      event = 'message'
      data = []
      continue
    }
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'id') id = value
    else if (name === 'event') event = value
    else if (name === 'data') data.push(value)
  }
  return events
}
