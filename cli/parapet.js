#!/usr/bin/env node
import { register } from 'tsx/esm/api';

// The SDK's version is pinned and supports Node 20; its notice about a later one would only stand between people and answers.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
