import { describe, expect, it } from 'vitest'
import type { Message } from '@/api/schema'
import { placesOf } from './shown'

const message = (extra: unknown) => ({ extra: { extra } }) as unknown as Message

describe('pictures and files of a message', () => {
  it.each([
    ['none', undefined, []],
    ['an older file has one', { image: '/user/images/Maren/a.png' }, ['/user/images/Maren/a.png']],
    [
      'one of several is shown, the others are its alternatives',
      { image: 'user/images/a.png', image_swipes: ['user/images/a.png', 'user/images/b.png'] },
      ['user/images/a.png', 'user/images/b.png'],
    ],
    [
      'today they stand in a list, videos among them',
      { media: [{ url: '/user/images/a.png', type: 'image' }, { url: '/user/images/b.mp4', type: 'video' }, { url: '/user/images/c.png' }] },
      ['/user/images/a.png', '/user/images/b.mp4', '/user/images/c.png'],
    ],
    [
      'files stand in a list of their own, and in older files alone',
      { files: [{ url: '/user/files/map.txt', name: 'map.txt', size: 3 }], file: { url: '/user/files/old.pdf' }, video: 'user/images/walk.mp4' },
      ['/user/files/map.txt', '/user/files/old.pdf', 'user/images/walk.mp4'],
    ],
    ['what is no address is passed over', { image: 7, media: ['x', null, { url: {} }, { url: '' }] }, []],
    ['a picture inside of the message itself is not asked for', { image: 'data:image/png;base64,AA==' }, []],
    ['odd forms count as none', [1, 2], []],
  ])('%s', (_, extra, places) => {
    expect(placesOf(message(extra))).toEqual(places)
  })
})
