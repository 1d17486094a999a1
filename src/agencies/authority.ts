/** What only the person may do. */
import { AgencyError } from '../kernel/errors.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN } from '../model/names.ts'

/** AgencyError('NOT_ALLOWED') unless the caller is the person; `what` follows "may not". */
export function onlyPerson(caller: Address, what: string): void {
  if (caller === HUMAN) return
  throw new AgencyError('NOT_ALLOWED', `${caller} may not ${what}: that is for the person`, {
    hint:
      caller === EXTERNAL || agencyOf(caller) === undefined
        ? 'use the person’s own shell'
        : '"$AGENCY_BIN" send human "…" asks for it',
  })
}
