/** Who is signed in, and what they chose for the whole page. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { accountApi } from '@/api/account'
import { authApi } from '@/api/auth'
import { AppProblem, keepAccess, onSignedOut, refresh } from '@/api/http'
import type { Account, Choices, ChoicesChange, OidcSignIn, SignedIn, SignIn, SignUp } from '@/api/schema'
import { speak } from '@/words/i18n'
import { wear } from './look'

const WAS_HERE = 'tavern.signed-in'

export const useSession = defineStore('session', () => {
  const account = ref<Account | null>(null)
  const settled = ref(false)
  const choices = computed<Choices | null>(() => account.value?.choices ?? null)
  const isAdmin = computed(() => account.value?.role === 'admin')
  /** Before it is known: whether somebody was here, so that the page can stand as it will. */
  const expected = computed(() => !settled.value && remembered())
  let restoring: Promise<void> | null = null

  onSignedOut(forget)

  /** Comes back from the refresh cookie, once a visit. Never raises: whoever fails is signed out, or offline. */
  function restore(): Promise<void> {
    restoring ??= (async () => {
      // Asking costs a refused request that browsers print in red: only those who were here are asked for.
      if (remembered()) {
        try {
          await enter(await refresh())
        } catch (problem) {
          if (problem instanceof AppProblem && problem.status === 401) forget()
          else restoring = null
        }
      }
      settled.value = true
    })()
    return restoring
  }

  async function enter(signedIn: SignedIn): Promise<void> {
    keepAccess(signedIn)
    remember(true)
    await take(signedIn.account)
  }

  async function take(fresh: Account): Promise<void> {
    account.value = fresh
    wear(fresh.choices)
    await speak(fresh.choices.locale)
  }

  async function signIn(body: SignIn): Promise<void> {
    await enter(await authApi.signIn(body))
  }

  async function signInByIssuer(body: OidcSignIn): Promise<void> {
    await enter(await authApi.signInByIssuer(body))
  }

  async function signUp(body: SignUp): Promise<void> {
    await enter(await authApi.signUp(body))
  }

  async function signOut(): Promise<void> {
    try {
      await authApi.signOut()
    } finally {
      forget()
    }
  }

  function forget(): void {
    keepAccess(null)
    remember(false)
    account.value = null
  }

  /** Shown at once, kept on the server, taken back when that fails. */
  async function choose(change: ChoicesChange): Promise<void> {
    const before = account.value
    if (!before) return
    await take({ ...before, choices: { ...before.choices, ...(change as Partial<Choices>) } })
    try {
      await take(await accountApi.change({ choices: change }))
    } catch (problem) {
      await take(before)
      throw problem
    }
  }

  return { account, settled, expected, choices, isAdmin, restore, enter, take, signIn, signInByIssuer, signUp, signOut, forget, choose }
})

function remembered(): boolean {
  try {
    return localStorage.getItem(WAS_HERE) === 'yes'
  } catch {
    return true
  }
}

function remember(here: boolean): void {
  try {
    if (here) localStorage.setItem(WAS_HERE, 'yes')
    else localStorage.removeItem(WAS_HERE)
  } catch {
    // Without storage the next visit asks the server.
  }
}
