/** Who asks: by the token alone, and whose pane it is asked from. */
import { AgencyError } from '../kernel/errors.ts'
import type { Address } from '../model/names.ts'
import type { Roster } from './roster.ts'
import type { Tokens } from './tokens.ts'

export class Callers {
  constructor(private readonly parts: { readonly tokens: Tokens; readonly roster: Roster }) {}

  /** The owner of a token. AgencyError('NO_TOKEN') when nobody owns it. */
  identify(token: string | undefined): Address {
    const owner = token === undefined ? undefined : this.parts.tokens.owner(token)
    if (owner !== undefined) return owner
    throw new AgencyError('NO_TOKEN', token ? 'this token is not known here' : 'no token was given', {
      hint: 'agency doctor',
    })
  }

  /** The agent whose program runs in this tmux pane, if it is one of ours: such a caller is never the person. */
  agentInPane(pane: string, serverPid: number): Address | undefined {
    return [...this.parts.roster.agents.values()].find(agent => agent.pane === pane && agent.serverPid === serverPid)
      ?.address
  }
}
