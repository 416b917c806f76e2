import { describe, expect, it } from 'vitest';
import { DatabaseUrlError } from '../database-url-error.ts';
import { parseServerUrl } from './server-url.ts';

const parse = (url: string) => parseServerUrl(url, { defaultPort: 3306, known: ['ssl-mode', 'ssl-ca'] });

describe('the URL of a server', () => {
  it.each([
    ['mysql://u:p@db/sale', ['db:3306']],
    ['mariadb://u:p@db:3307/sale', ['db:3307']],
    ['mysql://u:p@h1:1,h2,h3.example.org:65535/sale', ['h1:1', 'h2:3306', 'h3.example.org:65535']],
    ['mysql://u:p@127.0.0.1,10.0.0.2:3307/sale', ['127.0.0.1:3306', '10.0.0.2:3307']],
    ['mysql://u:p@[::1],[fe80::2]:3307,db_3/sale', ['[::1]:3306', '[fe80::2]:3307', 'db_3:3306']],
    ['mysql://db/sale', ['db:3306']],
  ])('%s names hosts in order', (url, names) => {
    expect(parse(url).hosts.map(({ name }) => name)).toEqual(names);
  });

  it('gives addresses of IPv6 without brackets', () => {
    expect(parse('mysql://[::1]:3307/sale').hosts).toEqual([
      { address: '::1', port: 3307, name: '[::1]:3307' },
    ]);
  });

  it.each([
    ['mysql://u:p@h/sale', ['u', 'p', 'sale']],
    ['mysql://u@h/sale', ['u', '', 'sale']],
    ['mysql://h/sale', ['', '', 'sale']],
    ['mysql://u:p%40ss%2Fw%3Ard%25@h/my%20sale', ['u', 'p@ss/w:rd%', 'my sale']],
    ['mysql://u%3A1:a:b@c@h/sale', ['u:1', 'a:b@c', 'sale']],
    ['mysql://u:p#,[x]@h,h2/sale', ['u', 'p#,[x]', 'sale']],
    ['mysql://%C3%BC:%E2%82%AC@h/sale', ['ü', '€', 'sale']],
  ])('%s names user, password and database', (url, expected) => {
    const { user, password, database } = parse(url);
    expect([user, password, database]).toEqual(expected);
  });

  it.each([
    ['mysql://h/sale', {}],
    ['mysql://h/sale?', {}],
    ['mysql://h/sale?ssl-mode=REQUIRED', { 'ssl-mode': 'REQUIRED' }],
    [
      'mysql://h/sale?ssl-ca=/etc/a%20b+c=d.pem&ssl-mode=VERIFY_CA',
      { 'ssl-ca': '/etc/a b+c=d.pem', 'ssl-mode': 'VERIFY_CA' },
    ],
  ])('%s names options', (url, expected) => {
    expect(Object.fromEntries(parse(url).options)).toEqual(expected);
  });

  it.each([
    ['mysql://', /hosts such as/],
    ['mysql:///sale', /hosts such as/],
    ['mysql://h', /name of a database/],
    ['mysql://h/', /name of a database/],
    ['mysql://h1,,h2/sale', /hosts such as/],
    ['mysql://h1, h2/sale', /hosts such as/],
    ['mysql://h:0/sale', /hosts such as/],
    ['mysql://h:65536/sale', /hosts such as/],
    ['mysql://h:x/sale', /hosts such as/],
    ['mysql://::1/sale', /hosts such as/],
    ['mysql://[::1/sale', /hosts such as/],
    ['mysql://u:50%@h/sale', /the password is not percent-encoded/],
    ['mysql://u:p@h/sale?ssl-ca=%zz', /ssl-ca is not percent-encoded/],
    ['mysql://h/sale?ssl=true', /unknown option "ssl" behind the \?, known are ssl-mode, ssl-ca$/],
    ['mysql://h/sale?ssl-mode=REQUIRED&ssl-mode=DISABLED', /ssl-mode stands there twice/],
  ])('%s is refused', (url, message) => {
    expect(() => parse(url)).toThrow(DatabaseUrlError);
    expect(() => parse(url)).toThrow(message);
  });

  it.each([
    'mysql://u:hunter2/hunter2@h/sale',
    'mysql://u:1/hunter2?hunter2@h/sale',
    'mysql://u:1?hunter2=hunter2@h/sale',
    'mysql://u:hunter2%@h/sale',
    'mysql://u:hunter2,x@h:hunter2/sale',
    'mysql://hunter2%:x@h/sale',
  ])('%s is refused without a word of the password', (url) => {
    expect(() => parse(url)).toThrow(DatabaseUrlError);
    expect(() => parse(url)).not.toThrow('hunter2');
  });
});
