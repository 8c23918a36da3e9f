import { techniqueById } from '../../../domain/attack/catalogue.ts';
import { attacksFor, type OcsfAttack } from '../../../domain/ocsf/attacks.ts';

/**
 * The vendor's technique names with ATT&CK ids. The ids are our assignment (reference, section 10: to be confirmed on a
 * tenant); those marked `near` stand for a neighbour because ATT&CK has no exact technique. Tactics (TA…) stand for names that say no more.
 */
const IDS: Readonly<Record<string, string>> = {
  exploitationForPrivilegeEscalation: 'T1068',
  exploitPublicFacingApplication: 'T1190',
  applicationExploitRCE: 'T1190', // near
  networkServiceScanning: 'T1046',
  endpointDenialOfService: 'T1499',
  exfiltrationGeneral: 'TA0010',
  commandAndControlGeneral: 'TA0011',
  systemNetworkConfigurationDiscovery: 'T1016',
  systemNetworkConnectionDiscovery: 'T1049',
  systemInformationDiscovery: 'T1082',
  systemUserDiscovery: 'T1033',
  accountDiscovery: 'T1087',
  softwareDiscovery: 'T1518',
  fileAndDirectoryDiscovery: 'T1083',
  unsecuredCredentials: 'T1552',
  credentialDumping: 'T1003',
  cloudInstanceMetadataAPI: 'T1552.005',
  kubernetesSecrets: 'T1552.007',
  accessKubeletMainAPI: 'T1613', // near
  queryKubeletReadonlyAPI: 'T1613', // near
  accessKubernetesAPIServer: 'T1613', // near
  softwareDeploymentTools: 'T1072',
  ingressToolTransfer: 'T1105',
  lateralToolTransfer: 'T1570',
  exploitationOfRemoteServices: 'T1210',
  resourceHijacking: 'T1496',
  manInTheMiddle: 'T1557',
  nativeBinaryExecution: 'T1059', // near
  foreignBinaryExecution: 'T1105', // near
  createAccount: 'T1136',
  accountManipulation: 'T1098',
  accountAccessRemoval: 'T1531',
  abuseElevationControlMechanisms: 'T1548',
  supplyChainCompromise: 'T1195',
  obfuscatedFiles: 'T1027',
  compileAfterDelivery: 'T1027.004',
  masquerading: 'T1036',
  hijackExecutionFlow: 'T1574',
  impairDefences: 'T1562',
  scheduledTaskJob: 'T1053',
  eventTriggeredExecution: 'T1546',
  webShell: 'T1505.003',
  privilegedContainer: 'T1611', // near
  writableVolumes: 'T1611', // near
  execIntoContainer: 'T1609',
  createContainer: 'T1610',
};

export interface TechniqueReading {
  readonly attacks: readonly OcsfAttack[];
  /** One sentence for each name or id that was dropped. */
  readonly notes: readonly string[];
}

/** OCSF attacks for vendor technique names; unknown names and ids not in force are dropped and noted. */
export function readTechniques(names: readonly string[]): TechniqueReading {
  const notes: string[] = [];
  const ids = names.flatMap((name) => {
    const id = idOf(name);
    if (id === undefined)
      notes.push(
        `the vendor's technique name ${JSON.stringify(name.slice(0, 80))} has no ATT&CK id here and was dropped`,
      );
    return id === undefined ? [] : [id];
  });
  const { attacks, unknown } = attacksFor(ids);
  for (const id of unknown) notes.push(`ATT&CK id ${id} is not in force in the pinned catalogue and was dropped`);
  return { attacks, notes };
}

/** ATT&CK technique ids in force for vendor names, without the tactics: what an alert fact lists. */
export function techniqueIdsFor(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => idOf(name) ?? []))].filter((id) => techniqueById(id) !== undefined);
}

function idOf(name: string): string | undefined {
  return Object.hasOwn(IDS, name) ? IDS[name] : undefined;
}

export const TECHNIQUE_IDS: readonly string[] = Object.values(IDS);
