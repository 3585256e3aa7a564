/** Rules on attempts and ends: what runs was started, what ended ends once. */
import { text } from '#contract/text.ts';
import { rule } from './rule.ts';

/** A log that was cut while a job ran ends with an open attempt; that is no violation. */
export const attempts = rule(
  'attempts',
  text('every attempt of a job was opened once, in order, and closed by exactly one end', '作业的每次执行均按顺序开始一次，并以恰好一个结果结束'),
  () => {
    const jobs = new Map<string, { attempt: number; running: boolean; over: boolean }>();
    const end = (over: boolean) => ({ body }: { body: { job: string; attempt: number | null } }) => {
      const job = jobs.get(body.job);
      if (job === undefined) return text('a job ends that was never accepted', '结束的作业从未被受理');
      if (job.over) return text('a job ends that had ended before', '作业已经结束，却再次结束');
      if (body.attempt === null ? job.running : !job.running || job.attempt !== body.attempt) {
        return text('an attempt is closed that is not the one running', '被结束的并非正在进行的执行');
      }
      job.running = false;
      job.over = over;
      return 'holds' as const;
    };
    return {
      'job.accepted': ({ body }) => {
        if (jobs.has(body.job)) return text('a job is accepted twice', '同一作业被受理两次');
        jobs.set(body.job, { attempt: 0, running: false, over: false });
        return 'holds';
      },
      'job.started': ({ body }) => {
        const job = jobs.get(body.job);
        if (job === undefined) return text('a job starts that was never accepted', '开始的作业从未被受理');
        if (job.over || job.running) return text('a job starts that is running or has ended', '作业正在执行或已经结束，却再次开始');
        if (body.attempt !== job.attempt + 1) return text(`attempt ${body.attempt} follows attempt ${job.attempt}`, `第 ${job.attempt} 次执行之后出现第 ${body.attempt} 次`);
        job.attempt = body.attempt;
        job.running = true;
        return 'holds';
      },
      'job.interrupted': end(false),
      'job.released': end(true),
      'job.held': end(true),
      'job.refused': end(true),
      'job.failed': end(true),
      'job.cancelled': end(true),
    };
  },
);

export const singleRelease = rule(
  'single-release',
  text('no job was released twice, and a held result left only after it was approved', '没有作业被发布两次；待审结果仅在批准后发布'),
  () => {
    const results = new Map<string, { state: 'held' | 'released' | 'closed'; readonly digest: string }>();
    const first = (state: 'held' | 'released') => ({ body }: { body: { job: string; digest: string } }) => {
      if (results.has(body.job)) return text('this job has given a result before', '该作业此前已产生结果');
      results.set(body.job, { state, digest: body.digest });
      return 'holds' as const;
    };
    const decide = (state: 'released' | 'closed') => ({ body }: { body: { job: string } }) => {
      const result = results.get(body.job);
      if (result?.state !== 'held') return text('a decision on a result that is not held', '对并非待审的结果作出决定');
      result.state = state;
      return 'holds' as const;
    };
    return {
      'job.released': first('released'),
      'job.held': first('held'),
      'release.approved': decide('released'),
      'release.rejected': decide('closed'),
      'release.withdrawn': (event) => {
        if (event.body.cause !== 'agency') return decide('closed')(event);
        const result = results.get(event.body.job);
        if (result?.state !== 'released') return text('a result is taken back that was not released', '撤回了并未发布的结果');
        result.state = 'closed';
        return 'holds';
      },
      'result.downloaded': ({ body }) => {
        const result = results.get(body.job);
        if (result?.state !== 'released') return text('a result is downloaded that was not released', '下载了未发布的结果');
        return result.digest === body.digest ? 'holds' : text('another result is downloaded than was released', '下载的结果与发布的结果不一致');
      },
    };
  },
);

export const sealedHolds = rule(
  'sealed-holds',
  text('what a held result says was sealed to the data plane until it was approved, and opened for that', '待审结果的内容密封于数据域，仅在批准时开启'),
  () => {
    /** Whether it is sealed, by held job. Versions of the program before this did not seal. */
    const held = new Map<string, boolean>();
    return {
      'job.held': ({ body }) => {
        const sealed = body.held !== undefined;
        held.set(body.job, sealed);
        const told = [body.result, body.cost, body.withheld].filter((part) => part !== undefined).length;
        return told === (sealed ? 0 : 3) ? 'holds' : text('a held result is told of before it is approved', '待审结果在批准前即被透露');
      },
      'release.approved': ({ body }) => {
        const told = [body.result, body.cost, body.withheld].filter((part) => part !== undefined).length;
        return told === (held.get(body.job) === true ? 3 : 0) ? 'holds' : text('a held result is approved that was not opened for it', '待审结果未经开启即获批准');
      },
      'release.altered': ({ body }) => (held.has(body.job) ? 'holds' : text('a result is found altered that was never held', '被发现篡改的结果从未待审')),
    };
  },
);

export const replays = rule(
  'replays',
  text('every replay was compared with the digest that its release recorded', '每次重放均与发布时记录的摘要比对'),
  () => {
    const digests = new Map<string, string>();
    const note = ({ body }: { body: { job: string; digest: string } }) => void digests.set(body.job, body.digest);
    const judge = ({ body }: { body: { kind: string; job: string; expected: string; actual: string | null } }) => {
      if (digests.get(body.job) !== body.expected) return text('a replay is compared with a digest that the release did not record', '重放所比对的摘要并非发布时的记录');
      if (body.kind === 'replay.matched' && body.actual !== body.expected) return text('a replay is called a match and differs', '重放被称为一致，实际不一致');
      return 'holds' as const;
    };
    return { 'job.released': note, 'job.held': note, 'replay.matched': judge, 'replay.differed': judge };
  },
);

export const ledger = rule(
  'ledger',
  text('every addition to the disclosure ledger was made to the head that was there', '披露台账的每次追加均以当时的台账头为基础'),
  () => {
    let head: string | null = null;
    const heads = new Set<string>();
    const add = ({ body }: { body: { ledgerHead: string | null; ledger: { head: string } | null } }) => {
      if (body.ledger === null) return undefined;
      if (body.ledgerHead !== head) return text('it was computed on another state of the ledger', '其计算所依据的台账状态与当时不符');
      if (heads.has(body.ledger.head)) return text('it puts the ledger back to what it was before', '其使台账回到此前的状态');
      head = body.ledger.head;
      heads.add(head);
      return 'holds' as const;
    };
    return { 'job.released': add, 'job.held': add, 'ledger.entered': add, 'ledger.entry-withdrawn': add };
  },
);
