import { describe, expect, it } from 'vitest'
import type { Message } from '@/api/schema'
import { placesOf } from './shown'

const message = (extra: unknown) => ({ extra: { extra } }) as unknown as Message

describe('pictures of a message', () => {
  it.each([
    ['none', undefined, []],
    ['an older file has one', { image: '/user/images/Maren/a.png' }, ['/user/images/Maren/a.png']],
    [
      'one of several is shown, the others are its alternatives',
      { image: 'user/images/a.png', image_swipes: ['user/images/a.png', 'user/images/b.png'] },
      ['user/images/a.png', 'user/images/b.png'],
    ],
    [
      'today they stand in a list, with what is no picture',
      { media: [{ url: '/user/images/a.png', type: 'image' }, { url: '/user/images/b.mp4', type: 'video' }, { url: '/user/images/c.png' }] },
      ['/user/images/a.png', '/user/images/c.png'],
    ],
    ['what is no address is passed over', { image: 7, media: ['x', null, { url: {} }, { url: '' }] }, []],
    ['a picture inside of the message itself is not asked for', { image: 'data:image/png;base64,AA==' }, []],
    ['odd forms count as none', [1, 2], []],
  ])('%s', (_, extra, places) => {
    expect(placesOf(message(extra))).toEqual(places)
  })
})
