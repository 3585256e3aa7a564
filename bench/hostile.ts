/**
 * How much longer do the jobs of an operator take while another tries to use up what all need? With and without the attack in turn, on the
 * same machine and in the same run; the attacker's own process takes part of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hostile } from '../test/attacks/support/hostile.ts';
import { median, ms, quantile, ratio, report, timed, type Report } from './measure.ts';
import type { Scale } from './scale.ts';

const SMALL = 'SELECT district, count(*) AS n FROM persons GROUP BY district';
const JOBS = 15;
/** Milliseconds in which what the attack left in the queue runs. */
const REST = 2000;

export const hostile = (scale: Scale): Promise<Report> => report(
  'How much longer do jobs take while another operator hammers the service?',
  `Checks, jobs, tokens, applications and listings on 24 connections; ${JOBS} jobs of the other operator, in turn without and with the attack. Times in ms from submit until the job is known to be released.`,
  async () => {
    const attack = await Hostile.open();
    const latencies = async (): Promise<readonly number[]> => {
      const times: number[] = [];
      for (let i = 0; i < (scale.name === 'smoke' ? 2 : JOBS); i++) times.push(await timed(() => attack.installation.finish(SMALL)));
      return times;
    };
    try {
      await latencies();
      const [quiet, busy]: [number[], number[]] = [[], []];
      for (let round = 0; round < (scale.name === 'smoke' ? 1 : 3); round++) {
        quiet.push(...await latencies());
        busy.push(...(await attack.during(latencies)).done);
        await sleep(REST);
      }
      const line = (name: string, times: readonly number[]) => [name, times.length, ms(median(times)), ms(quantile(times, 0.99)), ratio(median(times) / median(quiet))];
      return [{ title: 'jobs of another operator', columns: ['when', 'jobs', 'p50 ms', 'p99 ms', 'ratio'], rows: [line('without the attack', quiet), line('during the attack', busy)] }];
    } finally {
      await attack.close();
    }
  },
);
