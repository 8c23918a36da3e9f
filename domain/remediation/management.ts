import { factsOf, type Piece, quote } from '../analysis/rules/facts.ts';
import type { FactOf } from '../evidence/fact.ts';
import type { Entity, EvidencePack } from '../evidence/pack.ts';

/** Who keeps the state a change must be made in. `tool` is a word of ours, never the label itself. */
export interface Management {
  readonly by: 'gitops' | 'helm' | 'nobody';
  readonly tool: string;
}

/** `managed-by` is a label that whoever deploys chooses: an unknown word is treated as nobody's. */
export function managementOf({ managedBy }: Pick<FactOf<'controller'>, 'managedBy'>): Management {
  switch (managedBy?.toLowerCase()) {
    case 'argo cd':
      return { by: 'gitops', tool: 'Argo CD' };
    case 'flux':
      return { by: 'gitops', tool: 'Flux' };
    case 'helm':
      return { by: 'helm', tool: 'the next Helm release' };
    default:
      return { by: 'nobody', tool: '' };
  }
}

/** The template a resource of a cloud is made from, as its tags say. */
export type Template =
  | {
      readonly by: 'cloudformation';
      readonly piece: Piece<'ownership'>;
      readonly stack: string;
      readonly logicalId: string | undefined;
    }
  | { readonly by: 'terraform'; readonly piece: Piece<'ownership'> };

const TERRAFORM_KEY = /^(?:terraform|managed[-_]?by|iac|provisioner|tool)$/i;

export function templateOf(pack: EvidencePack, target: Entity): Template | undefined {
  const about = factsOf(pack, 'ownership').filter(
    ({ item, fact }) => item.entities.includes(target.id) || fact.subject === target.label,
  );
  for (const piece of about) {
    const { tags } = piece.fact;
    const stack = tags['aws:cloudformation:stack-name'];
    // Only CloudFormation itself can set tags of this prefix; it wins over what people write.
    if (stack !== undefined)
      return { by: 'cloudformation', piece, stack, logicalId: tags['aws:cloudformation:logical-id'] };
    const terraform = Object.entries(tags).some(
      ([key, value]) => TERRAFORM_KEY.test(key) && (/terraform|opentofu/i.test(value) || /^terraform$/i.test(key)),
    );
    if (terraform) return { by: 'terraform', piece };
  }
  return undefined;
}

export function templateWords(template: Template): string {
  return template.by === 'cloudformation' ? `CloudFormation stack ${quote(template.stack, 120)}` : 'Terraform';
}
