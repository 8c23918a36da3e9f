import { describe, expect, it } from 'vitest';
import { ACTION_TRAITS } from '../../domain/actions/traits.ts';
import { EXECUTABLE_ACTIONS } from '../../domain/analysis/analysis.ts';
import { catalogue } from './catalogue.ts';

describe('the traits that rights and quorums look at', () => {
  it.each(EXECUTABLE_ACTIONS)('of %s are those of its definition', (name) => {
    const { action } = catalogue[name];
    expect(ACTION_TRAITS[name]).toMatchObject({ class: action.class, reversible: action.reversible });
  });
});
