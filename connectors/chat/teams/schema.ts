import * as z from 'zod';

/** Hosts of Workflows (Power Automate); the ones seen in use. A URL that leads elsewhere is a mistake or worse. */
const HOSTS = ['.logic.azure.com', '.api.powerplatform.com', '.api.powerautomate.com'];

/** The address holds its own signature (`sig=`), so all of it is a secret. */
export const teamsSecretSchema = z.object({ url: z.string().refine(isWorkflow) });

function isWorkflow(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  if (hostname === '127.0.0.1' || hostname === 'localhost') return true;
  return protocol === 'https:' && HOSTS.some((end) => `.${hostname}`.endsWith(end));
}
