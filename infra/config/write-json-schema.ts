import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { configurationJsonSchemaText, JSON_SCHEMA_FILE } from './json-schema.ts';

const path = resolve(import.meta.dirname, '../..', JSON_SCHEMA_FILE);
writeFileSync(path, configurationJsonSchemaText());
console.log(`wrote ${JSON_SCHEMA_FILE}`);
