import { describe, expect, it } from 'vitest'
import { withoutBeginning } from './beginning'

const NAMES = { user: 'Ada', char: 'Mira' }

describe('the words that every reply begins with', () => {
  it('are left out where they are not to be seen', () => {
    expect(withoutBeginning('Well, Ada: yes.', { words: 'Well, {{user}}: ', shown: false }, NAMES)).toBe('yes.')
  })

  it('stay where they are to be seen', () => {
    expect(withoutBeginning('Well, yes.', { words: 'Well, ', shown: true }, NAMES)).toBe('Well, yes.')
  })

  it.each(['', ' '])('leave all else as it is: “%s”', (words) => {
    expect(withoutBeginning(' Well, yes.', { words, shown: false }, NAMES)).toBe(' Well, yes.')
    expect(withoutBeginning('No.', { words: 'Well, ', shown: false }, NAMES)).toBe('No.')
  })
})
