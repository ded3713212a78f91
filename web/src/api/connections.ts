import { http } from './http'
import type {
  Connection,
  ConnectionChange,
  ModelInfo,
  NearbyServer,
  NewConnection,
  ProviderInfo,
  TestResult,
} from './schema'

export const connectionsApi = {
  list: () => http.get<Connection[]>('/connections'),
  providers: () => http.get<ProviderInfo[]>('/connections/providers'),
  nearby: () => http.get<NearbyServer[]>('/connections/nearby'),
  create: (body: NewConnection) => http.post<Connection>('/connections', { body }),
  change: (id: string, body: ConnectionChange) => http.patch<Connection>(`/connections/${id}`, { body }),
  delete: (id: string) => http.delete(`/connections/${id}`),
  models: (id: string) => http.get<ModelInfo[]>(`/connections/${id}/models`),
  test: (id: string) => http.post<TestResult>(`/connections/${id}/test`),
}
