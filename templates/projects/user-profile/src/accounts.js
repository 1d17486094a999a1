/** REQ-1 and REQ-2: the list of people, and one's own account. */

export function listUsers({ directory }) {
  return { status: 200, body: directory.all().map(({ id, displayName }) => ({ id, displayName })) }
}

export function showAccount({ viewer }) {
  if (!viewer) return { status: 401, body: { error: 'sign in to see your account' } }
  const { id, displayName, email } = viewer
  return { status: 200, body: { id, displayName, email } }
}
