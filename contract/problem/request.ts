/** Problems of any request, whatever it is about. */
import { text } from '../text.ts';

export const REQUEST_PROBLEMS = {
  'request/malformed-json': { status: 400, title: text('The body is not JSON', '请求体不是合法的 JSON') },
  'request/bad-utf8': { status: 400, title: text('The body is not UTF-8', '请求体不是合法的 UTF-8') },
  'request/malformed': { status: 400, title: text('Not a request', '不是有效的请求') },
  'request/incomplete': { status: 400, title: text('The body is not complete', '请求体不完整') },
  'request/timeout': { status: 408, title: text('The request took too long', '请求超时') },
  'request/headers': { status: 431, title: text('The headers are too large', '请求头过大') },
  'request/media-type': { status: 415, title: text('The media type is not supported', '不支持的媒体类型') },
  'request/not-acceptable': { status: 406, title: text('No acceptable representation', '没有可接受的表示形式') },
  'request/invalid': { status: 422, title: text('The request does not fit its schema', '请求不符合其模式') },
  'request/too-large': { status: 413, title: text('The body is too large', '请求体过大') },
  'request/not-found': { status: 404, title: text('Not found', '未找到') },
  'request/method': { status: 405, title: text('The method is not allowed here', '此处不允许该方法') },
  'request/origin': { status: 403, title: text('The request comes from another site', '请求来自其他站点') },
  'idempotency/key-reused': { status: 422, title: text('The idempotency key was used for another request', '幂等键已用于另一请求') },
  'idempotency/in-progress': { status: 409, title: text('A request with this idempotency key is still being handled', '使用该幂等键的请求仍在处理中') },
  'idempotency/answer-lost': { status: 409, title: text('The request was carried out, but its answer was lost', '请求已执行，但其应答已丢失') },
  'service/unexpected': { status: 500, title: text('Something unexpected happened', '发生了意外错误') },
  'service/unavailable': { status: 503, title: text('The service is not ready', '服务尚未就绪') },
} as const;
