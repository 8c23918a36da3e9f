import { describe, expect, it } from 'vitest';
import { modelsSchema } from '../../domain/config/models.ts';
import { loadConfiguration } from '../../infra/config/load.ts';
import { laptopConfiguration } from './configuration.ts';
import { edgesOf } from './laptop.ts';
import { laptopSettings, PROJECT } from './settings.ts';

const sample = () => loadConfiguration({ root: PROJECT, environment: {} });

describe('laptopSettings', () => {
  it('derives every port from one, so that a second run needs one setting', () => {
    expect(laptopSettings({ run: 'a', environment: {} }).ports).toEqual({
      emulator: 4566,
      sandbox: 4580,
      kubernetes: 4581,
    });
    expect(laptopSettings({ run: 'a', environment: { PARAPET_PORT: '14566' } }).ports).toEqual({
      emulator: 14566,
      sandbox: 14580,
      kubernetes: 14581,
    });
  });

  it('gives a run on other ports a folder of its own, so that two runs do not write over each other', () => {
    const folder = (port?: string) =>
      laptopSettings({ run: 'laptop', environment: port === undefined ? {} : { PARAPET_PORT: port } }).folder;
    expect(folder()).toMatch(/\.parapet\/laptop$/);
    expect(folder('14566')).toMatch(/\.parapet\/laptop-14566$/);
  });

  it.each(['http', '80', '65530', '4566.5', '-1'])('refuses the port %s with a sentence', (port) => {
    expect(() => laptopSettings({ run: 'a', environment: { PARAPET_PORT: port } })).toThrow(
      `PARAPET_PORT must be a port number from 1024 to 65520, but it is "${port}".`,
    );
  });
});

describe('laptopConfiguration', () => {
  it('is the sample as it stands when the ports are the customary ones', () => {
    expect(laptopConfiguration(sample(), { sandbox: 4580, kubernetes: 4581 })).toEqual(sample());
  });

  it('talks to the sandbox only, whatever the file names: no credential and no containment leaves the machine', () => {
    const real = sample();
    const compute = real.sources['prisma-cloud-compute'];
    const { ticket, chat, ...others } = real.destinations;
    const configuration = laptopConfiguration(
      {
        ...real,
        sources: compute
          ? { 'prisma-cloud-compute': { ...compute, api: { ...compute.api, baseUrl: 'https://compute.example.com' } } }
          : {},
        clusters: real.clusters.map((cluster) => ({ ...cluster, server: 'https://cluster.example.com' })),
        destinations: {
          ...others,
          ...(ticket && { ticket: { ...ticket, baseUrl: 'https://jira.example.com' } }),
          ...(chat && { chat: { ...chat, baseUrl: 'https://slack.com/api' } }),
        },
        models: modelsSchema.parse({
          profiles: {
            one: { provider: 'bedrock', modelId: 'a-model', region: 'us-east-1' },
            two: { provider: 'anthropic', modelId: 'a-model', secret: 'parapet/models/anthropic' },
            three: { provider: 'openai-compatible', modelId: 'a-model', endpoint: 'https://vllm.example.com/v1' },
          },
          routes: [{ profiles: ['one', 'two', 'three'] }],
        }),
      },
      { sandbox: 24580, kubernetes: 24581 },
    );
    const addresses = [...JSON.stringify(configuration).matchAll(/https?:\/\/[^"]+/g)].map(([address]) => address);
    expect(addresses.sort()).toEqual([
      'http://127.0.0.1:24580/anthropic',
      'http://127.0.0.1:24580/bedrock',
      'http://127.0.0.1:24580/compute',
      'http://127.0.0.1:24580/intel/epss',
      'http://127.0.0.1:24580/intel/kev',
      'http://127.0.0.1:24580/intel/osv',
      'http://127.0.0.1:24580/jira',
      'http://127.0.0.1:24580/openai/v1',
      'http://127.0.0.1:24580/slack',
      'https://127.0.0.1:24581',
    ]);
  });
});

describe('edgesOf', () => {
  it('gives addresses that work on this machine instead of those the stack has on AWS', () => {
    const outputs = { WebhookApiId: 'abc', WebhookStage: 'v1', PeopleApiId: 'def' };
    expect(edgesOf('http://127.0.0.1:14566', outputs)).toEqual({
      webhooks: 'http://127.0.0.1:14566/restapis/abc/v1/_user_request_',
      people: 'http://def.execute-api.localhost:14566',
    });
  });
});
