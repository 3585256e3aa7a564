/** Made-up Chinese names: frequent surnames in about their real proportions, given names of one or two characters. */
import { choice } from './random.ts';
import type { Random } from './random.ts';

const surname = choice<string>([
  ['王', 75], ['李', 74], ['张', 70], ['刘', 54], ['陈', 46], ['杨', 31], ['赵', 27], ['黄', 25], ['周', 22], ['吴', 20],
  ['徐', 17], ['孙', 16], ['胡', 15], ['朱', 13], ['高', 12], ['林', 12], ['何', 12], ['郭', 11], ['马', 11], ['罗', 10],
  ['梁', 9], ['宋', 9], ['郑', 9], ['谢', 8], ['韩', 8], ['唐', 8], ['冯', 7], ['于', 7], ['董', 7], ['萧', 6],
  ['程', 6], ['曹', 6], ['袁', 6], ['邓', 6], ['许', 6], ['傅', 5], ['沈', 5], ['曾', 5], ['彭', 5], ['吕', 5],
  ['苏', 5], ['卢', 5], ['蒋', 5], ['蔡', 5], ['贾', 4], ['丁', 4], ['魏', 4], ['薛', 4], ['叶', 4], ['阎', 4],
  ['纪', 3], ['姜', 3], ['矫', 1], ['逄', 1], ['欧阳', 1],
]);

const MALE = [...'伟强磊军勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆旭宁龙林建国志文永新海山子轩浩博昊然'];
const FEMALE = [...'芳娜敏静秀丽艳娟霞平红玲桂英雪梅琳慧莹洁颖婷萍燕倩云兰凤春淑玉佳雨欣怡诗涵梓萱可'];

/** 姓名 of a person. */
export function personName(random: Random, sex: '男' | '女'): string {
  const given = sex === '男' ? MALE : FEMALE;
  const first = random.pick(given);
  return surname(random) + (random.unit() < 0.2 ? first : first + random.pick(given));
}

const TRADE_SYLLABLES = [...'海青泰盛和润嘉恒瑞达鼎信远东方正德宏源丰华联创安康顺通利博雅晨星云蓝天'];

/** Name of an enterprise. It begins with 示范 (demonstration), so that it names no registered company. */
export function enterpriseName(random: Random, trade: string): string {
  return `示范${random.pick(TRADE_SYLLABLES)}${random.pick(TRADE_SYLLABLES)}${trade}有限公司`;
}
