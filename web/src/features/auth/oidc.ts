/**
 * Signing in at the issuer that the server names (OpenID Connect, implicit flow with an ID token): the page goes there
 * and comes back to /sign-in/oidc with the token after the hash sign, which no server's log sees.
 */
import { AppProblem } from '@/api/http'
import type { SignInOptions } from '@/api/schema'

const KEPT = 'tavern.oidc'
export const RETURN_PATH = '/sign-in/oidc'

interface Leaving {
  state: string
  nonce: string
  invitation: string | null
  /** Where somebody wanted to go. */
  to: string | null
}

export interface Returned extends Omit<Leaving, 'state'> {
  idToken: string
}

/** The address to go to; what coming back must show is kept for this tab. Null where there is no such way in. */
export function leave(options: SignInOptions, { invitation, to }: Pick<Leaving, 'invitation' | 'to'>): string | null {
  if (!options.oidc_authorization_url || !options.oidc_client_id) return null
  const leaving: Leaving = { state: random(), nonce: random(), invitation, to }
  sessionStorage.setItem(KEPT, JSON.stringify(leaving))
  const address = new URL(options.oidc_authorization_url)
  const asked = {
    response_type: 'id_token',
    scope: 'openid email profile',
    client_id: options.oidc_client_id,
    redirect_uri: location.origin + RETURN_PATH,
    state: leaving.state,
    nonce: leaving.nonce,
  }
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value)
  return address.href
}

/** What the issuer sent back. Raises AppProblem when it refused, or when this tab never asked for it. */
export function comeBack(hash: string): Returned {
  const answer = new URLSearchParams(hash.replace(/^#/, ''))
  const { state, ...leaving } = taken()
  if (!state || answer.get('state') !== state) throw new AppProblem('sign_in_lost', '', { status: 0 })
  const idToken = answer.get('id_token')
  if (!idToken) throw new AppProblem('sign_in_refused', '', { status: 0 })
  return { idToken, ...leaving }
}

/** A sign-in is good once: what was kept for it is gone afterwards. */
function taken(): Leaving {
  const kept = sessionStorage.getItem(KEPT)
  sessionStorage.removeItem(KEPT)
  return kept ? (JSON.parse(kept) as Leaving) : { state: '', nonce: '', invitation: null, to: null }
}

function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
