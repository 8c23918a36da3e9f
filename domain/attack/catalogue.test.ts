import { describe, expect, it } from 'vitest';
import {
  ATTACK_VERSION,
  parentTechniqueOf,
  tacticById,
  tacticByName,
  techniqueById,
  techniqueByName,
} from './catalogue.ts';

describe('ATT&CK catalogue', () => {
  it('is the pinned release, because an id is only right for a version', () => {
    expect(ATTACK_VERSION).toBe('18.1');
  });

  it('gives name and tactics of a technique in force', () => {
    expect(techniqueById('T1496')).toEqual({
      id: 'T1496',
      name: 'Resource Hijacking',
      tactics: [{ id: 'TA0040', name: 'Impact' }],
    });
  });

  it('knows sub-techniques and their parent', () => {
    expect(techniqueById('T1505.003')?.name).toBe('Web Shell');
    expect(parentTechniqueOf('T1505.003')?.name).toBe('Server Software Component');
    expect(parentTechniqueOf('T1496')).toBeUndefined();
  });

  it('does not know retired techniques - MITRE no longer stands by them', () => {
    expect(techniqueById('T1002')).toBeUndefined(); // Data Compressed: deprecated
    expect(techniqueById('T1086')).toBeUndefined(); // PowerShell: now T1059.001
  });

  it.each(['', 'T9999', 't1496', 'T1496 ', '__proto__', 'constructor', 'TA0040'])('does not know %j', (id) => {
    expect(techniqueById(id)).toBeUndefined();
  });

  it('keeps tactics apart from techniques', () => {
    expect(tacticById('TA0011')).toEqual({ id: 'TA0011', name: 'Command and Control' });
    expect(tacticById('T1496')).toBeUndefined();
  });

  it('finds techniques and tactics by name, whatever the case and spacing', () => {
    expect(techniqueByName('  data encrypted  for IMPACT ')?.id).toBe('T1486');
    expect(techniqueByName('Unix Shell')?.id).toBe('T1059.004');
    expect(techniqueByName('Command and Scripting Interpreter: Unix Shell')?.id).toBe('T1059.004');
    expect(tacticByName('credential access')?.id).toBe('TA0006');
  });

  it('takes no name that several techniques share, unless the parent tells which - a guess is no mapping', () => {
    expect(techniqueByName('Domains')).toBeUndefined();
    expect(techniqueByName('Acquire Infrastructure: Domains')?.id).toBe('T1583.001');
    expect(techniqueByName('__proto__')).toBeUndefined();
  });
});
