import { lambda } from '../../connectors/runtime/handler.ts';
import { claimIncident } from './claim-incident.ts';
import { compose } from './composition.ts';

export const handler = lambda('claim-incident', compose, claimIncident);
