import { Duration } from 'aws-cdk-lib';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../domain/events.ts';

interface BusProps {
  readonly name: string;
  readonly archive: boolean;
}

/**
 * The bus between the edge and everything else: classic EventBridge. Events are encrypted with a key of AWS: with a customer
 * key an event that cannot be decrypted is lost unless the bus has a queue of its own, for a stay of seconds.
 */
export class Bus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { name, archive }: BusProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', { eventBusName: name });
    if (archive) {
      new Archive(this, 'Archive', {
        sourceEventBus: this.bus,
        description: 'Parapet: everything that went over the bus, for replay',
        eventPattern: { source: [EVENT_SOURCE] },
        retention: Duration.days(30),
      });
    }
  }
}
