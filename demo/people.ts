/** The cast: an administrator who creates the others, two people of the agency, an operator, an auditor. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccountView, OrganisationView } from '#contract/api/accounts.ts';
import type { Role } from '#contract/api/common.ts';
import { Person } from './person.ts';
import type { Place } from './person.ts';

export interface Cast {
  /** Registers and proposes. */
  readonly proposer: Person;
  /** Approves and decides. */
  readonly approver: Person;
  readonly operator: Person;
  readonly auditor: Person;
  /** Who can log in, for exploring afterwards; passwords lie in a file with mode 0600. */
  readonly passwords: string;
}

const ORGANISATIONS = { agency: '示范市大数据发展管理局', operator: '示范数据运营有限公司', auditor: '示范市审计局' } as const;

export async function assemble(place: Place, adminToken: string): Promise<Cast> {
  const administrator = new Person(place, 'administrator', adminToken);
  mkdirSync(place.directory, { recursive: true, mode: 0o700 });
  const passwords: string[] = [];

  const organisation = async (name: string): Promise<string> =>
    (await administrator.ask(OrganisationView, ['organisation', 'create', name])).organisation;

  /** The administrator sets a provisional password; the person replaces it at the first login. */
  const enlist = async (login: string, name: string, role: Role, of: string): Promise<Person> => {
    const secret = (): string => randomBytes(15).toString('base64url');
    const [first, own] = [secret(), secret()];
    const file = (kind: string, password: string): string => {
      const path = join(place.directory, `${login}.${kind}`);
      writeFileSync(path, `${password}\n`, { mode: 0o600 });
      return path;
    };
    await administrator.ask(AccountView, ['account', 'create', login, '--role', role, '--organisation', of, '--name', name, '--password-file', file('first-password', first)]);
    const person = new Person(place, login);
    await person.must(['login', login, '--password-file', file('first-password', first), '--new-password-file', file('password', own)]);
    passwords.push(`${login.padEnd(12)} ${role.padEnd(10)} ${own}`);
    return person;
  };

  const [agency, operator, audit] = [await organisation(ORGANISATIONS.agency), await organisation(ORGANISATIONS.operator), await organisation(ORGANISATIONS.auditor)];
  const cast = {
    proposer: await enlist('zhang.wei', '张伟', 'agency', agency),
    approver: await enlist('wang.fang', '王芳', 'agency', agency),
    operator: await enlist('li.na', '李娜', 'operator', operator),
    auditor: await enlist('zhao.lei', '赵磊', 'auditor', audit),
  };
  const list = join(place.directory, 'passwords');
  writeFileSync(list, `${passwords.join('\n')}\n`, { mode: 0o600 });
  return { ...cast, passwords: list };
}
