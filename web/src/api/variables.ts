import { http } from './http'
import type { VariableChange, VariableSet } from './schema'

/** A branch of a chat. */
export interface VariablePlace {
  chatId: string
  branchId: string
}

const way = (place: VariablePlace | null) => (place ? `/chats/${place.chatId}/variables` : '/variables')
const query = (place: VariablePlace | null) => (place ? { branch_id: place.branchId } : {})

/** With null as the place: the variables of everywhere. */
export const variablesApi = {
  get: (place: VariablePlace | null) => http.get<VariableSet>(way(place), { query: query(place) }),
  change: (place: VariablePlace | null, body: Pick<VariableChange, 'revision'> & Partial<VariableChange>) =>
    http.patch<VariableSet>(way(place), { query: query(place), body }),
}
