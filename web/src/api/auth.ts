import { http } from './http'
import type { ResetAsked, ResetDone, SignedIn, SignIn, SignInOptions, SignUp } from './schema'

export const authApi = {
  options: () => http.get<SignInOptions>('/auth/options'),
  signUp: (body: SignUp) => http.post<SignedIn>('/auth/sign-up', { body }),
  signIn: (body: SignIn) => http.post<SignedIn>('/auth/sign-in', { body }),
  signOut: () => http.post<undefined>('/auth/sign-out'),
  askReset: (body: ResetAsked) => http.post<undefined>('/auth/password-reset', { body }),
  reset: (body: ResetDone) => http.post<undefined>('/auth/password-reset/confirm', { body }),
}
