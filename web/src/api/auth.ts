import { http } from './http'
import type { OidcSignIn, ResetAsked, ResetDone, SignedIn, SignIn, SignInOptions, SignUp } from './schema'

export const authApi = {
  options: () => http.get<SignInOptions>('/auth/options'),
  signUp: (body: SignUp) => http.post<SignedIn>('/auth/sign-up', { body }),
  signIn: (body: SignIn) => http.post<SignedIn>('/auth/sign-in', { body }),
  signInByIssuer: (body: OidcSignIn) => http.post<SignedIn>('/auth/oidc', { body }),
  signOut: () => http.post<undefined>('/auth/sign-out'),
  askReset: (body: ResetAsked) => http.post<undefined>('/auth/password-reset', { body }),
  reset: (body: ResetDone) => http.post<undefined>('/auth/password-reset/confirm', { body }),
}
