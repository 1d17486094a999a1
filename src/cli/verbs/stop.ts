import { lifeVerb } from '../life.ts'

export const verb = lifeVerb('stop', ['agency stop CodeAgency', 'agency stop CodeAgency/python-agent'])
