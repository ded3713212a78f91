/** What was changed while a card was taken in: the server tells it in English sentences, one behind the other. */
import { i18n } from '@/words/i18n'

// In the words of chalicelib/cards; notes.test.ts looks for sentences that are missing here.
const SENTENCES: [RegExp, string][] = [
  [/The card has no name; the file's was taken\./g, 'library.notes.no_name'],
  [/The card does not say its version; it was read as version 3\./g, 'library.notes.no_version'],
  [/The card is of version (.+?), newer than 3\.0; what is unknown was kept as it is\./g, 'library.notes.newer'],
  [/The field (\S+) has a form that cannot be read and was left out\./g, 'library.notes.field'],
  [/Parts of the field (\S+) cannot be read and were left out\./g, 'library.notes.parts'],
  [/Some characters could not be read and were replaced\./g, 'library.notes.letters'],
  [/The newer of the two cards in this picture is broken; the older one was taken\./g, 'library.notes.older'],
  [/A checksum inside the picture is wrong; the card could be read all the same\./g, 'library.notes.checksum'],
  [/The portrait was left out\. .*$/gs, 'library.notes.portrait'],
  [/^(\d+) more$/g, 'library.notes.more'],
]

/** A note in the reader's language. A sentence that is not known stays as it came. */
export function inOurWords(note: string): string {
  const { t, locale } = i18n.global
  if (locale.value === 'en') return note
  const told = SENTENCES.reduce((text, [sentence, key]) => text.replace(sentence, (_, name: unknown) => t(key, [String(name)])), note)
  return told.replace(/。 /g, '。')
}
