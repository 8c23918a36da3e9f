import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/configuration.ts';
import { checkSecrets } from './secrets.ts';

const config = sampleConfiguration({
  destinations: {
    chat: {
      system: 'slack',
      channel: 'C0123456789',
      secret: 'parapet/slack',
      approvals: true,
      signingSecret: 'parapet/slack-signing',
      appId: 'A0123456789',
      teamId: 'T0123456789',
    },
    teams: { secret: 'parapet/teams' },
  },
});

async function found(values: Readonly<Record<string, unknown>>) {
  const secret = async (name: string): Promise<string> => JSON.stringify(values[name] ?? { placeholder: 'true' });
  const checks = await checkSecrets(config, { secret });
  const wanted = checks.filter(({ name }) => /slack-signing|teams/.test(name));
  return wanted.map(({ name, ok, detail, fix }) => ({ name, ok, detail, fix }));
}

describe('the secrets of chat channels', () => {
  it('are asked for by name and shape while they are the placeholders of the stack', async () => {
    expect(await found({})).toEqual([
      {
        name: 'secret parapet/slack-signing',
        ok: false,
        detail: 'is still the placeholder it was created with (clicks in Slack)',
        fix: expect.stringContaining('{"current"}, the signing secret of the app'),
      },
      {
        name: 'secret parapet/teams',
        ok: false,
        detail: 'is still the placeholder it was created with (cards in Teams)',
        fix: expect.stringContaining('{"url"} of a Workflows webhook'),
      },
    ]);
  });

  it('are good when they have their fields, and not when an address is of a retired connector', async () => {
    const signing = { current: 'an-invented-signing-secret' };
    const url = 'https://prod-01.westeurope.logic.azure.com/workflows/x?sig=invented';
    const good = await found({ 'parapet/slack-signing': signing, 'parapet/teams': { url } });
    expect(good.map(({ ok }) => ok)).toEqual([true, true]);
    const old = { url: 'https://example.webhook.office.com/webhookb2/x' };
    const checks = await found({ 'parapet/slack-signing': signing, 'parapet/teams': old });
    expect(checks.map(({ ok }) => ok)).toEqual([true, false]);
    expect(JSON.stringify(checks)).not.toContain('webhookb2');
  });
});
