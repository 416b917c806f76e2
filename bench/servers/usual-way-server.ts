import { openPeerDatabase } from '../peers/peer-database.ts';
import { holdMaker, type Way } from '../peers/ways.ts';
import { servePeer } from './peer-server.ts';

/** Holds made in one of the usual ways: `WAY`, on the tables at `PEER_URL`, with `POOL` connections. */
const database = await openPeerDatabase(process.env.PEER_URL ?? '', Number(process.env.POOL));
await servePeer({ makeHold: holdMaker(process.env.WAY as Way, database) });
