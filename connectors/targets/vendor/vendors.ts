import type { Configuration } from '../../../domain/config/schema.ts';
import type { AnswerableVendor } from '../../../domain/evidence/vendor-record.ts';
import { realHttp } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { TableAccess } from '../../store/dynamodb/client.ts';
import type { VendorReader, VendorWriter } from './api.ts';
import type { VendorDeps } from './deps.ts';
import { laceworkVendor } from './lacework/client.ts';
import { prismaCloudVendor } from './prisma-cloud/client.ts';
import { computeVendor } from './prisma-cloud-compute/client.ts';
import { wizVendor } from './wiz/client.ts';

type Sources = Configuration['sources'];

/** Readers by vendor, each made when first asked for; undefined for a vendor that is not configured. */
export function vendorReadersFor(
  sources: Sources,
  deps: VendorDeps,
): (vendor: AnswerableVendor) => VendorReader | undefined {
  return held((vendor) => connected(vendor, sources, 'readSecret', deps));
}

/** For `execute` and `roll-back` only, whose roles alone may read the writing credentials (rule 8). */
export function vendorWritersFor(
  sources: Sources,
  deps: VendorDeps,
): (vendor: AnswerableVendor) => VendorWriter | undefined {
  return held((vendor) => connected(vendor, sources, 'writeSecret', deps));
}

/** @param incidentsTable where calls are counted that the vendor limits for all functions together */
export function realVendorDeps(secrets: Secrets, incidentsTable: TableAccess): VendorDeps {
  return { http: realHttp, secrets, incidentsTable, now: () => new Date() };
}

function held(make: (vendor: AnswerableVendor) => VendorWriter | undefined) {
  const made = new Map<AnswerableVendor, VendorWriter>();
  return (vendor: AnswerableVendor): VendorWriter | undefined => {
    const one = made.get(vendor) ?? make(vendor);
    if (one !== undefined) made.set(vendor, one);
    return one;
  };
}

function connected(
  vendor: AnswerableVendor,
  sources: Sources,
  use: 'readSecret' | 'writeSecret',
  deps: VendorDeps,
): VendorWriter | undefined {
  switch (vendor) {
    case 'prisma-cloud-compute': {
      const config = sources[vendor];
      const secret = config?.api[use];
      return config && secret !== undefined ? computeVendor(config, secret, deps) : undefined;
    }
    case 'prisma-cloud': {
      const config = sources[vendor];
      const secret = config?.api[use];
      return config && secret !== undefined ? prismaCloudVendor(config, secret, deps) : undefined;
    }
    case 'wiz': {
      const config = sources[vendor];
      const secret = config?.api[use];
      return config && secret !== undefined ? wizVendor(config, secret, deps) : undefined;
    }
    case 'lacework': {
      const config = sources[vendor];
      const secret = config?.api[use];
      return config && secret !== undefined
        ? laceworkVendor(config, { secret, writes: use === 'writeSecret' }, deps)
        : undefined;
    }
  }
}
