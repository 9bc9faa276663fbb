import { ApiParam } from '@nestjs/swagger';

/** Describes the id of the poll in the path. */
export const PollId = () => ApiParam({ name: 'id', description: 'id of the poll', schema: { type: 'string', format: 'uuid' } });
