/** Who may call a route. Every route declares it; nothing is open by omission. */
import type { Role, Scope } from '#contract/api/common.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Principal } from '#src/accounts/principal.ts';

/** `scope`: what a token needs besides its account's role; null where any token of the account will do. */
export type Access = 'public' | { readonly roles: readonly [Role, ...Role[]]; readonly scope: Scope | null };

export const ROLE_NAMES = {
  operator: text('operator', '被授权运营单位'),
  agency: text('agency', '数据提供单位'),
  auditor: text('auditor', '审计'),
  administrator: text('administrator', '管理员'),
} as const satisfies Record<Role, unknown>;

/** Fails `auth/required`, `auth/role`, `auth/scope`. */
export function authorise(access: Exclude<Access, 'public'>, principal: Principal | null): Result<Principal, Failure> {
  if (principal === null) {
    return fail('auth/required', text(
      'This needs an account: sign in with POST /api/v1/sessions, or send a token as "Authorization: Bearer …".',
      '此操作需要账户：请通过 POST /api/v1/sessions 登录，或以 "Authorization: Bearer …" 发送令牌。',
    ));
  }
  if (!access.roles.includes(principal.role)) {
    const named = (language: 'en' | 'zh') => access.roles.map((role) => ROLE_NAMES[role][language]);
    return fail('auth/role', text(
      `This is for the role ${named('en').join(' or ')}; your account has the role ${ROLE_NAMES[principal.role].en}.`,
      `此操作仅限${named('zh').join('、')}；您的账户角色为${ROLE_NAMES[principal.role].zh}。`,
    ));
  }
  if (access.scope !== null && !principal.scopes.has(access.scope)) {
    return fail('auth/scope', text(
      `This needs the scope ${access.scope}, which the token does not have. Issue a token with that scope.`,
      `此操作需要权限范围 ${access.scope}，该令牌不具备。请签发包含该范围的令牌。`,
    ));
  }
  return ok(principal);
}
