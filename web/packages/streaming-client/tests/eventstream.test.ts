import { expect, test } from 'vitest'

import { readEvents } from '../src/eventstream'

test.each([
  ['one event', 'id: 1-2\ndata: {}\n\n', [{ id: '1-2', event: 'message', data: '{}' }]],
  ['several lines of data', 'data: a\ndata: b\n\n', [{ id: null, event: 'message', data: 'a\nb' }]],
  ['comments and retry', ': hi\nretry: 10\n\ndata: x\n\n', [{ id: null, event: 'message', data: 'x' }]],
  ['other line ends', 'event: end\r\ndata:x\r\n\r\n', [{ id: null, event: 'end', data: 'x' }]],
  ['an event that was cut off', 'data: a\n\ndata: b', [{ id: null, event: 'message', data: 'a' }]],
  ['nothing', '', []],
])('%s', (_, text, events) => {
  expect(readEvents(text)).toEqual(events)
})
