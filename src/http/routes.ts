/** Every route of the API, by what it is about. */
import type { Route } from './route.ts'
import { agencyRoutes } from './routes/agencies.ts'
import { agentRoutes } from './routes/agents.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { changeRoutes } from './routes/changes.ts'
import { lockRoutes } from './routes/locks.ts'
import { logRoutes } from './routes/log.ts'
import { messageRoutes } from './routes/messages.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { noticeRoutes } from './routes/notices.ts'
import { overviewRoutes } from './routes/overview.ts'
import { sandboxRoutes } from './routes/sandboxes.ts'
import { taskRoutes } from './routes/tasks.ts'
import { templateRoutes } from './routes/templates.ts'
import { worktreeRoutes } from './routes/worktrees.ts'

export const routes: readonly Route[] = [
  ...messageRoutes,
  ...agencyRoutes,
  ...agentRoutes,
  ...templateRoutes,
  ...taskRoutes,
  ...approvalRoutes,
  ...noticeRoutes,
  ...overviewRoutes,
  ...logRoutes,
  ...changeRoutes,
  ...worktreeRoutes,
  ...metricsRoutes,
  ...lockRoutes,
  ...sandboxRoutes,
]
