/** Problems of accounts, sessions and tokens. */
import { text } from '../text.ts';

export const ACCOUNT_PROBLEMS = {
  'auth/required': { status: 401, title: text('Not signed in', '未登录') },
  'auth/token-unknown': { status: 401, title: text('The token is not known', '令牌无效') },
  'auth/token-expired': { status: 401, title: text('The token has expired', '令牌已过期') },
  'auth/token-revoked': { status: 401, title: text('The token has been revoked', '令牌已撤销') },
  'auth/account-disabled': { status: 401, title: text('The account is disabled', '账户已停用') },
  'auth/login-failed': { status: 401, title: text('Login failed', '登录失败') },
  'auth/password-provisional': { status: 403, title: text('The password must be replaced first', '须先更换初始密码') },
  'auth/too-many-attempts': { status: 429, title: text('Too many failed attempts', '失败次数过多') },
  'auth/role': { status: 403, title: text('Not for this role', '该角色无权执行') },
  'auth/scope': { status: 403, title: text('Outside the scopes of the token', '超出令牌的权限范围') },
  'accounts/login-taken': { status: 409, title: text('The login name is taken', '登录名已被占用') },
  'accounts/password-weak': { status: 422, title: text('The password is too weak', '密码强度不足') },
  'accounts/password-wrong': { status: 403, title: text('The current password is wrong', '当前密码不正确') },
  'accounts/last-administrator': { status: 409, title: text('The last administrator stays', '须保留最后一名管理员') },
  'accounts/token-scope': { status: 422, title: text('The token would reach too far', '令牌的权限或期限过大') },
  'accounts/organisation-unknown': { status: 422, title: text('There is no such organisation', '组织不存在') },
  'accounts/state': { status: 409, title: text('Not possible in this state', '当前状态下不可执行') },
} as const;
