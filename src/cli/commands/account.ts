/** Accounts, organisations, tokens, and signing in. */
import { z } from 'zod';
import { AccountView, IssuedToken, Me, OrganisationView, SessionView, TokenView } from '#contract/api/accounts.ts';
import { ROLES } from '#contract/api/common.ts';
import { ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { call, send } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readText } from '../files.ts';
import type { Session } from '../io.ts';
import { listCommand, showDocument } from '../listing.ts';
import { STATUS, usage, type CliFailure, type Outcome } from '../outcome.ts';
import { forgetToken, keepToken } from '../token.ts';

/** A password comes from a file, SLUICE_PASSWORD or the terminal; as an argument it would show in the list of processes. */
async function password(session: Session, file: string | undefined, prompt: Text): Promise<Result<string, CliFailure>> {
  if (file !== undefined) {
    const read = await readText(session, file);
    return read.ok ? ok(read.value.replace(/\r?\n$/, '')) : read;
  }
  const given = session.env['SLUICE_PASSWORD'];
  if (given !== undefined && given !== '') return ok(given);
  const typed = await session.secret(`${prompt[session.language]}: `);
  return typed === null
    ? usage('There is no terminal to ask for the password; name a file with --password-file.', '没有可供输入密码的终端；请用 --password-file 指定文件。')
    : ok(typed);
}

/** Never from SLUICE_PASSWORD, which holds the current one. */
const newPassword = (session: Session, file: string | undefined): Promise<Result<string, CliFailure>> =>
  password({ ...session, env: {} }, file, text('New password', '新密码'));

const PASSWORD_FILE = { type: 'value', value: 'FILE', help: text('read the password from here instead of asking (- is standard input)', '从此处读取密码，不再询问（- 为标准输入）') } as const;

const login = command({
  name: 'login',
  summary: text('sign in and keep a token for the other commands', '登录并保存令牌供其他命令使用'),
  positionals: [{ name: 'NAME' }],
  options: {
    'password-file': PASSWORD_FILE,
    'new-password-file': { type: 'value', value: 'FILE', help: text('replace the (provisional) password by this one', '将（初始）密码替换为此密码') },
    days: { type: 'value', value: 'N', help: text('life of the token in days (default 7)', '令牌有效天数（默认 7）') },
  },
  examples: ['login zhang.wei', 'login zhang.wei --new-password-file new.txt'],
  run: async (session, options, [name = '']): Promise<Outcome> => {
    const current = await password(session, options['password-file'], text('Password', '密码'));
    if (!current.ok) return current;
    const next = options['new-password-file'] === undefined ? ok(undefined) : await newPassword(session, options['new-password-file']);
    if (!next.ok) return next;
    const anonymous: Session = { ...session, token: async () => null };
    const opened = await send(anonymous, 'POST', '/sessions', { body: { login: name, password: current.value, ...(next.value !== undefined && { newPassword: next.value }) } });
    if (!opened.ok) return opened;
    const parsed = SessionView.safeParse(await opened.value.json());
    const cookie = opened.value.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
    const headers = { cookie, 'x-sluice-request': '1' };
    const me = await call(anonymous, 'GET', '/me', Me, { headers });
    if (!me.ok) return me;
    const issued = await call(anonymous, 'POST', '/tokens', IssuedToken, { headers, body: { name: 'sluice login', scopes: me.value.scopes, days: Number(options.days ?? 7) } });
    if (parsed.success) await send(anonymous, 'DELETE', '/sessions/current', { headers });
    if (!issued.ok) return issued;
    const file = await keepToken(session.env, session.server, issued.value.secret);
    if (session.json) session.out(`${JSON.stringify({ account: me.value.account, role: me.value.role, expires: issued.value.expires, tokenFile: file })}\n`);
    else session.err(`${text(`Signed in as ${name} (${me.value.role}); the token is kept in ${file} until ${issued.value.expires}.`, `已以 ${name}（${me.value.role}）登录；令牌保存于 ${file}，有效期至 ${issued.value.expires}。`)[session.language]}\n`);
    return ok(STATUS.done);
  },
});

const logout = command({
  name: 'logout',
  summary: text('forget the token kept for this server', '删除为该服务器保存的令牌'),
  options: {},
  examples: ['logout'],
  run: async (session): Promise<Outcome> => {
    await forgetToken(session.env, session.server);
    return ok(STATUS.done);
  },
});

const me = command({
  name: 'me',
  summary: text('who I am for this server', '查看当前身份'),
  options: {},
  examples: ['me'],
  run: async (session): Promise<Outcome> => {
    const found = await call(session, 'GET', '/me', Me);
    if (!found.ok) return found;
    showDocument(session, found.value);
    return ok(STATUS.done);
  },
});

const organisationCreate = command({
  name: 'organisation create',
  summary: text('register an organisation', '登记单位'),
  positionals: [{ name: 'NAME' }],
  options: {},
  examples: ['organisation create 青岛市大数据发展管理局'],
  run: async (session, _options, [name = '']): Promise<Outcome> => {
    const created = await call(session, 'POST', '/organisations', OrganisationView, { body: { name } });
    if (!created.ok) return created;
    showDocument(session, created.value);
    return ok(STATUS.done);
  },
});

const accountCreate = command({
  name: 'account create',
  summary: text('create an account; the password is provisional', '创建账户；密码为初始密码'),
  positionals: [{ name: 'LOGIN' }],
  options: {
    role: { type: 'value', value: ROLES.join('|'), required: true, oneOf: ROLES, help: text('what the account may do', '账户角色') },
    organisation: { type: 'value', value: 'ID', required: true, help: text('organisation it belongs to', '所属单位') },
    name: { type: 'value', value: 'TEXT', required: true, help: text("the person's name", '姓名') },
    'password-file': PASSWORD_FILE,
  },
  examples: ['account create li.na --role operator --organisation org_… --name 李娜 --password-file first.txt'],
  run: async (session, options, [loginName = '']): Promise<Outcome> => {
    const { role, organisation, name } = options;
    const secret = options['password-file'] === undefined ? ok(undefined) : await password(session, options['password-file'], text('Password', '密码'));
    if (!secret.ok) return secret;
    const created = await call(session, 'POST', '/accounts', AccountView, {
      body: { login: loginName, name, role, organisation, ...(secret.value !== undefined && { password: secret.value }) },
    });
    if (!created.ok) return created;
    showDocument(session, created.value);
    return ok(STATUS.done);
  },
});

/** `account disable`, `account enable`. */
const accountAction = (action: 'disable' | 'enable', summary: Text): Command => command({
  name: `account ${action}`,
  summary,
  positionals: [{ name: 'ACCOUNT' }],
  options: {},
  examples: [`account ${action} acct_…`],
  run: async (session, _options, [account = '']): Promise<Outcome> => {
    const changed = await call(session, 'POST', `/accounts/${encodeURIComponent(account)}/${action}`, AccountView);
    if (!changed.ok) return changed;
    showDocument(session, changed.value);
    return ok(STATUS.done);
  },
});

const passwordReset = command({
  name: 'account reset-password',
  summary: text('set a provisional password, which the person replaces when signing in', '设置初始密码，本人登录时更换'),
  positionals: [{ name: 'ACCOUNT' }],
  options: { 'password-file': PASSWORD_FILE },
  examples: ['account reset-password acct_… --password-file first.txt'],
  run: async (session, options, [account = '']): Promise<Outcome> => {
    const provisional = await password(session, options['password-file'], text('Provisional password', '初始密码'));
    if (!provisional.ok) return provisional;
    const reset = await send(session, 'PUT', `/accounts/${encodeURIComponent(account)}/password`, { body: { password: provisional.value } });
    return reset.ok ? ok(STATUS.done) : reset;
  },
});

const passwordChange = command({
  name: 'password',
  summary: text('change your own password', '修改自己的密码'),
  options: {
    'password-file': PASSWORD_FILE,
    'new-password-file': { type: 'value', value: 'FILE', help: text('read the new password from here instead of asking', '从此处读取新密码，不再询问') },
  },
  examples: ['password', 'password --password-file old.txt --new-password-file new.txt'],
  run: async (session, options): Promise<Outcome> => {
    const current = await password(session, options['password-file'], text('Password', '密码'));
    if (!current.ok) return current;
    const next = await newPassword(session, options['new-password-file']);
    if (!next.ok) return next;
    const changed = await send(session, 'PUT', '/me/password', { body: { current: current.value, next: next.value } });
    return changed.ok ? ok(STATUS.done) : changed;
  },
});

const tokenIssue = command({
  name: 'token issue',
  summary: text('issue a token for a program; its secret is shown this once', '为程序签发令牌；其内容只显示这一次'),
  options: {
    name: { type: 'value', value: 'TEXT', required: true, help: text('what it is for', '用途') },
    scope: { type: 'value', value: 'SCOPE', required: true, multiple: true, help: text('what it may be used for, like jobs:read', '权限范围，如 jobs:read') },
    days: { type: 'value', value: 'N', help: text('life in days (default 90)', '有效天数（默认 90）') },
  },
  examples: ['token issue --name nightly --scope jobs:read --scope jobs:write --days 30'],
  run: async (session, options): Promise<Outcome> => {
    const { name, scope, days } = options;
    const issued = await call(session, 'POST', '/tokens', IssuedToken, { body: { name, scopes: scope, ...(days !== undefined && { days: Number(days) }) } });
    if (!issued.ok) return issued;
    showDocument(session, issued.value);
    return ok(STATUS.done);
  },
});

const tokenRevoke = command({
  name: 'token revoke',
  summary: text('end a token at once', '立即撤销令牌'),
  positionals: [{ name: 'TOKEN' }],
  options: {},
  examples: ['token revoke tok_…'],
  run: async (session, _options, [token = '']): Promise<Outcome> => {
    const revoked = await send(session, 'DELETE', `/tokens/${encodeURIComponent(token)}`);
    return revoked.ok ? ok(STATUS.done) : revoked;
  },
});

export const ACCOUNT_COMMANDS: readonly Command[] = [
  login,
  logout,
  me,
  passwordChange,
  listCommand({
    name: 'organisation list',
    summary: text('organisations', '单位列表'),
    path: '/organisations',
    item: OrganisationView,
    columns: [
      { title: text('organisation', '单位标识'), show: (one) => one.organisation },
      { title: text('name', '名称'), show: (one) => one.name },
      { title: text('created', '登记时间'), show: (one) => one.created },
    ],
  }),
  organisationCreate,
  listCommand({
    name: 'account list',
    summary: text('accounts', '账户列表'),
    path: '/accounts',
    item: AccountView,
    filters: {
      role: { type: 'value', value: ROLES.join('|'), oneOf: ROLES, help: text('only this role', '仅此角色') },
      organisation: { type: 'value', value: 'ID', help: text('only this organisation', '仅此单位') },
    },
    columns: [
      { title: text('account', '账户标识'), show: (one) => one.account },
      { title: text('login', '登录名'), show: (one) => one.login },
      { title: text('name', '姓名'), show: (one) => one.name },
      { title: text('role', '角色'), show: (one) => one.role },
      { title: text('state', '状态'), show: (one) => one.state },
    ],
  }),
  accountCreate,
  accountAction('disable', text('disable an account: its sessions and tokens end', '停用账户：其会话与令牌随即失效')),
  accountAction('enable', text('enable an account again', '重新启用账户')),
  passwordReset,
  listCommand({
    name: 'token list',
    summary: text('tokens', '令牌列表'),
    path: '/tokens',
    item: TokenView,
    columns: [
      { title: text('token', '令牌标识'), show: (one) => one.token },
      { title: text('name', '用途'), show: (one) => one.name },
      { title: text('scopes', '权限范围'), show: (one) => one.scopes.join(' ') },
      { title: text('expires', '到期'), show: (one) => one.expires },
      { title: text('state', '状态'), show: (one, language) => (one.revoked === null ? '' : text('revoked', '已撤销')[language]) },
    ],
  }),
  tokenIssue,
  tokenRevoke,
];
