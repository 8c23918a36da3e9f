import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/configuration.ts';
import { ACTION_CLASSES } from '../actions/action.ts';
import { ACTION_TRAITS } from '../actions/traits.ts';
import { EXECUTABLE_ACTIONS } from '../analysis/analysis.ts';
import { mayDecideByLink, whyNotByLink } from './by-link.ts';

const usual = sampleConfiguration();
const everyClass = sampleConfiguration({ approvals: { linkMayApprove: [...ACTION_CLASSES] } });

describe('what the holder of a link may approve', () => {
  it('is, unless somebody says otherwise, what marks, copies or cuts off one thing', () => {
    expect(usual.approvals.linkMayApprove).toEqual(['annotation', 'evidence', 'network-isolation']);
    expect(mayDecideByLink(usual, 'kubernetes.quarantine-pod')).toBe(true);
    expect(mayDecideByLink(usual, 'kubernetes.annotate')).toBe(true);
    expect(whyNotByLink(usual, 'kubernetes.remove-role-binding')).toBe(
      'actions of class identity are not among those the configuration lets a link approve',
    );
  });

  it.each(EXECUTABLE_ACTIONS)(
    'is never %s when it cannot be undone or is wide, whatever the configuration names',
    (action) => {
      const { reversible, wide } = ACTION_TRAITS[action];
      expect(mayDecideByLink(everyClass, action)).toBe(reversible && !wide);
      if (!reversible) expect(whyNotByLink(everyClass, action)).toBe('it cannot be undone');
    },
  );

  it('can be nothing at all', () => {
    const nothing = sampleConfiguration({ approvals: { linkMayApprove: [] } });
    expect(EXECUTABLE_ACTIONS.filter((action) => mayDecideByLink(nothing, action))).toEqual([]);
  });
});
