/** About how many tokens a text is: counted like this while typing; the server counts exactly when it builds a prompt. */
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu
const TOKENS_OF_A_HAN_CHARACTER = 0.9
const LETTERS_OF_A_TOKEN = 4.2

export function tokensAbout(text: string): number {
  const han = text.match(HAN)?.length ?? 0
  return Math.ceil(han * TOKENS_OF_A_HAN_CHARACTER + (text.length - han) / LETTERS_OF_A_TOKEN)
}
