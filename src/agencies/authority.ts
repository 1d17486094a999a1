/** What only the person may do, and what a coordinator may do with its own specialists. */
import { AgencyError } from '../kernel/errors.ts'
import { type Address, agencyOf, EXTERNAL, HUMAN } from '../model/names.ts'
import type { Roster } from './roster.ts'

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

/** The person, or the coordinator of this specialist. `agent`: undefined for a whole agency, which is the person's. */
export function personOrCoordinator(
  roster: Roster,
  caller: Address,
  target: { readonly agency: string; readonly agent: Address | undefined },
  what: string,
): void {
  const isOwn = target.agent !== undefined && target.agent !== caller && agencyOf(caller) === target.agency
  if (!isOwn || !roster.isCoordinator(caller)) onlyPerson(caller, what)
}
