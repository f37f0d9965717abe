// @socket.io/redis-adapter: two servers that share rooms.
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { assert, eventually, scenario, url } from './say.js';

async function chat() {
  const publisher = await createClient({ url }).connect();
  const subscriber = await publisher.duplicate().connect();
  const http = createServer();
  const server = new Server(http, { adapter: createAdapter(publisher, subscriber) });
  server.on('connection', (socket) => socket.on('join', (room, joined) => { socket.join(room); joined(); }));
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${http.address().port}` };
}

scenario('Socket.IO', async () => {
  const [here, there] = await Promise.all([chat(), chat()]);
  const ada = io(here.address, { transports: ['websocket'] });
  const bob = io(there.address, { transports: ['websocket'] });
  const heard = { ada: [], bob: [] };
  ada.on('news', (text) => heard.ada.push(text));
  bob.on('news', (text) => heard.bob.push(text));
  bob.on('ask', (answer) => answer('fine'));
  await Promise.all([ada, bob].map((socket) => new Promise((resolve) => socket.on('connect', resolve))));
  await bob.emitWithAck('join', 'room');

  here.server.emit('news', 'to all');
  here.server.to('room').emit('news', 'to the room');
  await eventually(() => assert.deepEqual(heard, { ada: ['to all'], bob: ['to all', 'to the room'] }));
  await eventually(async () => assert.equal((await here.server.fetchSockets()).length, 2));
  assert.deepEqual(await here.server.to('room').timeout(5000).emitWithAck('ask'), ['fine']);

  const answered = new Promise((resolve) => there.server.on('hello', (text, answer) => { answer('yes'); resolve(text); }));
  const answers = await here.server.serverSideEmitWithAck('hello', 'there?');
  assert.deepEqual(answers, ['yes']);
  assert.equal(await answered, 'there?');
  await here.server.socketsLeave('room');
  await eventually(async () => assert.equal((await there.server.in('room').fetchSockets()).length, 0));
});
