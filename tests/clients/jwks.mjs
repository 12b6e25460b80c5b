// An issuer built with the official jose package: node jwks.mjs
//
// Prints {"url"} of its key set. GET /keys is the set; POST /rotate replaces the published keys by new ones; POST
// /token?key=old|new|stranger&alg=RS256|ES256 signs a token; GET /fetched returns how often the set was fetched.

import { createServer } from 'node:http';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

const ALGORITHMS = ['RS256', 'ES256'];

const generation = async (name) => {
  const keys = {};
  for (const alg of ALGORITHMS) {
    const { publicKey, privateKey } = await generateKeyPair(alg);
    const kid = `${name}-${alg}`;
    keys[alg] = { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
  }
  return keys;
};

const keys = { old: await generation('old'), new: await generation('new'), stranger: await generation('stranger') };
let published = 'old';
let fetched = 0;

const token = (name, alg) =>
  new SignJWT({ role: ['unheard-of', 'lead'], staff_id: 7 })
    .setProtectedHeader({ alg, kid: keys[name][alg].kid, typ: 'at+jwt' })
    .setIssuer('https://id.example.com')
    .setAudience(['deskgraph', 'another'])
    .setSubject('user-1')
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('10m')
    .sign(keys[name][alg].privateKey);

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://issuer');
  switch (`${request.method} ${pathname}`) {
    case 'GET /keys':
      fetched += 1;
      response.setHeader('content-type', 'application/jwk-set+json');
      return response.end(JSON.stringify({ keys: Object.values(keys[published]).map(({ jwk }) => jwk) }));
    case 'GET /fetched':
      return response.end(String(fetched));
    case 'POST /rotate':
      published = 'new';
      return response.end();
    case 'POST /token':
      return response.end(await token(searchParams.get('key'), searchParams.get('alg')));
    default:
      response.statusCode = 404;
      return response.end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })));
