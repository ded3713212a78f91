import { describe, expect, it } from 'vitest'
import { lookable } from './moves'

describe('what is asked about before anything is sent', () => {
  it('keeps every file at its place, also behind one whose name is too long', () => {
    const files = [{ path: 'a', size: 1 }, { path: 'x'.repeat(1_001), size: 2 }, { path: 'b', size: 3 }]
    expect(lookable(files)).toEqual([{ path: 'a', size: 1 }, { path: '', size: 2 }, { path: 'b', size: 3 }])
  })

  it('is no more than one request holds', () => {
    expect(lookable(Array.from({ length: 60_001 }, () => ({ path: 'a', size: 1 })))).toHaveLength(60_000)
  })
})
