import { describe, expect, it } from 'vitest';
import { droppedBy, LOG4SHELL, POD, said } from '../../../../test/stories/verified.ts';

describe('V5: vulnerabilities stand in the cited evidence', () => {
  it.each([
    ['nobody found', said('The pod is open to CVE-2024-3094.', { evidence: [LOG4SHELL] })],
    ['only other evidence holds', said('The pod is open to CVE-2021-44228.', { evidence: [POD] })],
    ['with spaces', said('The pod is open to CVE 2024 3094.', { evidence: [LOG4SHELL] })],
    ['with other hyphens', said('The pod is open to CVE\u20112024\u20113094.', { evidence: [LOG4SHELL] })],
    ['in small letters without hyphens', said('The pod is open to cve20243094.', { evidence: [LOG4SHELL] })],
    ['that only begins like one', said('The pod is open to CVE-2021-4422.', { evidence: [LOG4SHELL] })],
    ['of GitHub’s list', said('The pod is open to GHSA-jfh8-c2jp-5v3q.', { evidence: [POD] })],
  ])('drops a sentence with a vulnerability %s', (_name, claim) => {
    expect(droppedBy(claim)).toBe('V5');
  });

  it('lets a sentence name what its evidence names, with hyphens of any kind', () => {
    for (const text of ['The image holds CVE-2021-44228.', 'The image holds CVE\u20112021\u201144228.'])
      expect(droppedBy(said(text, { evidence: [LOG4SHELL] }))).toBeUndefined();
  });

  it('is needed: without it people patch what is not there', () => {
    expect(droppedBy(said('The pod is open to CVE-2024-3094.', { evidence: [LOG4SHELL] }), 'V5')).toBeUndefined();
  });
});
