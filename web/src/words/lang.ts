/** The language a text is set in: it decides between the faces, and so how wide its quotation marks and apostrophes are. */
const LOOKED_AT = 2000
// One Chinese character says about as much as so many letters.
const LETTERS = 4

/** `zh-CN`, `en` for all that is written in Latin letters, or undefined: then it is set as what stands around it. */
export function langOf(text: string): 'en' | 'zh-CN' | undefined {
  const beginning = text.slice(0, LOOKED_AT)
  if (/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(beginning)) return undefined
  const han = beginning.match(/\p{Script=Han}/gu)?.length ?? 0
  const latin = beginning.match(/\p{Script=Latin}/gu)?.length ?? 0
  if (han + latin === 0) return undefined
  return han * LETTERS >= latin ? 'zh-CN' : 'en'
}
