/**
 * The page's words. A feature brings `locales/en.json` and `locales/zh-CN.json`; they are found under the feature's name:
 * `t('library.search')`. A language is one file that is fetched when it is chosen.
 */
import { createI18n } from 'vue-i18n'

export const LOCALES = ['en', 'zh-CN'] as const
export type Locale = (typeof LOCALES)[number]

const LOADERS: Record<Locale, () => Promise<{ words: Words }>> = {
  en: () => import('./en'),
  'zh-CN': () => import('./zh-CN'),
}

export interface Words {
  [key: string]: string | Words
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  missingWarn: import.meta.env.DEV,
  fallbackWarn: import.meta.env.DEV,
  messages: {} as Record<string, Words>,
})

/** Switches the whole page, its `lang` included, once the words are here. */
export async function speak(locale: Locale): Promise<void> {
  const { global } = i18n
  if (!global.availableLocales.includes(locale)) {
    const { words } = await LOADERS[locale]()
    global.setLocaleMessage(locale, words as never)
  }
  global.locale.value = locale
  document.documentElement.lang = locale
}

/** The language to begin with: the one chosen before, else the browser's. */
export function firstLocale(): Locale {
  const lang = document.documentElement.lang
  return LOCALES.find((locale) => locale === lang) ?? 'en'
}

/** Puts each feature's words under the feature's name. */
export function gathered(files: Record<string, Words>): Words {
  const words: Words = {}
  for (const [path, content] of Object.entries(files)) {
    const area = /features\/([\w-]+)\/locales\//.exec(path)?.[1]
    if (area) words[area] = content
    else Object.assign(words, content)
  }
  return words
}
