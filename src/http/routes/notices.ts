/** Routes of notices: how each way to the person stands, and trying it. */
import { z } from 'zod'
import { NOTICE_WAYS } from '../../app.ts'
import { none, type Route, route } from '../route.ts'

export const noticeRoutes: readonly Route[] = [
  route('GET', '/v1/notices', none, async ({ app }) => {
    const { quiet, ways } = await app.notices.standing()
    const shown = ways.map(({ last, ...way }) => ({
      ...way,
      ...(last ? { last: { ...last, at: new Date(last.at).toISOString() } } : {}),
    }))
    return { ...(quiet ? { quiet } : {}), ways: shown }
  }),
  route(
    'POST',
    '/v1/notices/test',
    z.strictObject({ way: z.enum(NOTICE_WAYS).optional() }),
    async ({ app, caller, input, signal }) => ({ ways: await app.notices.test(caller, input.way, signal) }),
  ),
]
