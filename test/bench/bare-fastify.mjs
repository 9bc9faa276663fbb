import Fastify from 'fastify';

// The baseline: a bare Fastify that parses the JSON of a POST and answers with one of the same size as Plaza's.
const fastify = Fastify();
fastify.post('/votes', (request, reply) => reply.code(201).send({ receipt: request.body.candidateId, castAt: '2026-01-01T00:00:00.000Z' }));
await fastify.listen({ port: 0, host: '127.0.0.1' });
process.send(`http://127.0.0.1:${fastify.server.address().port}`);
