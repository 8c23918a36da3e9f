import type { Severity } from '../../../domain/severity.ts';

const H = 'high';
const M = 'medium';
const L = 'low';
/** The names the vendor's own example of a WAAS audit carries for an injection. */
const EXPLOIT = ['exploitPublicFacingApplication', 'applicationExploitRCE'] as const;

/**
 * `type` of a WAAS audit (`waas.AttackType` of the published API; `customRule` is among the words of runtime audits). A request
 * that looks like an attack is a probe until something shows that it worked, whatever the firewall did to it: medium. Data that
 * leaves in an answer is more, an automated client that attacks nothing is less.
 */
export const WEB_ATTACKS: readonly (readonly [
  category: string,
  severity: Severity,
  title: string,
  ...techniques: string[],
])[] = [
  ['xss', M, 'WAAS: cross-site scripting', 'exploitPublicFacingApplication'],
  ['sqli', M, 'WAAS: SQL injection', 'exploitPublicFacingApplication'],
  ['cmdi', M, 'WAAS: command injection', ...EXPLOIT],
  ['lfi', M, 'WAAS: local file inclusion', ...EXPLOIT],
  ['codeInjection', M, 'WAAS: code injection', ...EXPLOIT],
  ['shellshock', M, 'WAAS: Shellshock', ...EXPLOIT],
  ['attackTools', M, 'WAAS: attack tool'],
  ['disallowedFile', M, 'WAAS: upload of a file type that is not allowed'],
  ['malformedRequest', M, 'WAAS: malformed request'],
  ['inspectionLimitExceeded', M, 'WAAS: request too large to inspect'],
  ['informationLeak', H, 'WAAS: information leak in an answer'],
  ['unexpectedAPI', M, 'WAAS: request outside the API definition'],
  ['dos', M, 'WAAS: too many requests', 'endpointDenialOfService'],
  ['violationsExceeded', M, 'WAAS: too many violations'],
  ['deniedIP', M, 'WAAS: address that is not allowed'],
  ['deniedCountry', M, 'WAAS: country that is not allowed'],
  ['header', M, 'WAAS: header that is not allowed'],
  ['sessionValidation', L, 'WAAS: session that did not validate'],
  ['javascriptTimeout', L, 'WAAS: browser check not answered'],
  ['missingCookie', L, 'WAAS: session cookie missing'],
  ['recaptchaRequired', L, 'WAAS: challenge required'],
  ['recaptchaVerificationFailed', L, 'WAAS: challenge failed'],
  ['browserImpersonation', M, 'WAAS: client that poses as a browser'],
  ['botImpersonation', M, 'WAAS: client that poses as a known bot'],
  ['requestAnomalies', M, 'WAAS: anomalies in requests'],
  ['searchEngineCrawler', L, 'WAAS: search engine crawler'],
  ['businessAnalyticsBot', L, 'WAAS: business analytics bot'],
  ['educationalBot', L, 'WAAS: educational bot'],
  ['newsBot', L, 'WAAS: news bot'],
  ['financialBot', L, 'WAAS: financial bot'],
  ['contentFeedClient', L, 'WAAS: content feed client'],
  ['archivingBot', L, 'WAAS: archiving bot'],
  ['careerSearchBot', L, 'WAAS: career search bot'],
  ['mediaSearchBot', L, 'WAAS: media search bot'],
  ['genericBot', L, 'WAAS: generic bot'],
  ['webAutomationTool', L, 'WAAS: web automation tool'],
  ['webScraper', L, 'WAAS: web scraper'],
  ['apiLibrary', L, 'WAAS: API library'],
  ['httpLibrary', L, 'WAAS: HTTP library'],
  ['userDefinedBot', L, 'WAAS: bot of your own definition'],
];
