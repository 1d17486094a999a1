import { lifeVerb } from '../life.ts'

export const verb = lifeVerb('start', ['agency start CodeAgency', 'agency start CodeAgency/python-agent'])
