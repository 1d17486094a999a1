/** `AGENCY_CRASH_AT=POINT[#n]`: something ends without a word where it passes this point the n-th time. For tests of recovery. */
export function crashAt(env: NodeJS.ProcessEnv, crash: () => void): (point: string) => void {
  const wanted = env.AGENCY_CRASH_AT
  if (!wanted) return () => {}
  const [, name, count] = /^(.+?)(?:#(\d+))?$/.exec(wanted) ?? []
  let left = Number(count ?? 1)
  return point => {
    if (point === name && --left === 0) crash()
  }
}
