// Made by prompts/compile.ts (`tsx prompts/compile.ts --write`); edit the .md files instead.
export const PROMPT = {
  id: 'repair',
  version: '1.0.0',
  sha256: '93e5779d95f1363292e2751ab7942f72008c6a2dc2cb4030374da8b373992d39',
  system: '',
  user: 'Your answer, or parts of it, was thrown away. Each line names a rule, the places, and what the rule wants:\n{{broken}}\nGive the whole answer once more as the JSON object that was described. Say otherwise what can be said; leave out the rest.\nThere is no further turn.',
  evidenceCharacters: 0,
} as const;
