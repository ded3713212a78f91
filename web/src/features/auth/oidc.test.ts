import { beforeEach, expect, test } from 'vitest'
import type { SignInOptions } from '@/api/schema'
import { comeBack, leave } from './oidc'

const OPTIONS = {
  oidc_authorization_url: 'https://issuer.example/authorize?tenant=7',
  oidc_client_id: 'tavern',
} as SignInOptions

beforeEach(() => sessionStorage.clear())

function asked(): URLSearchParams {
  return new URL(leave(OPTIONS, { invitation: 'abc', to: '/chats/7' })!).searchParams
}

test('the issuer is asked for a token that only this tab can use', () => {
  const query = asked()
  expect(Object.fromEntries(query)).toMatchObject({
    tenant: '7',
    response_type: 'id_token',
    scope: 'openid email profile',
    client_id: 'tavern',
    redirect_uri: `${location.origin}/sign-in/oidc`,
  })
  expect(query.get('nonce')).not.toBe(query.get('state'))
  expect(asked().get('nonce')).not.toBe(query.get('nonce'))
})

test('what comes back carries the nonce, the invitation and the way on, and is good once', () => {
  const query = asked()
  const hash = `#id_token=a.b.c&state=${query.get('state')}`
  expect(comeBack(hash)).toEqual({ idToken: 'a.b.c', nonce: query.get('nonce'), invitation: 'abc', to: '/chats/7' })
  expect(() => comeBack(hash)).toThrow(expect.objectContaining({ code: 'sign_in_lost' }))
})

test('a token that this tab never asked for is not taken', () => {
  asked()
  expect(() => comeBack('#id_token=a.b.c&state=forged')).toThrow(expect.objectContaining({ code: 'sign_in_lost' }))
  expect(() => comeBack('#id_token=a.b.c')).toThrow(expect.objectContaining({ code: 'sign_in_lost' }))
})

test('a refusal is told as one', () => {
  const state = asked().get('state')
  expect(() => comeBack(`#error=access_denied&state=${state}`)).toThrow(expect.objectContaining({ code: 'sign_in_refused' }))
})

test('while the issuer is away there is no such way in', () => {
  expect(leave({ ...OPTIONS, oidc_authorization_url: null }, { invitation: null, to: null })).toBeNull()
})
