import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERT, droppedBy, RULES, said } from '../../../test/stories/verified.ts';
import { isEnglish } from './language.ts';
import { KNOWN_WORDS, NEUTRAL_WORDS, OTHER_LANGUAGES, SMALL_WORDS } from './language-words.ts';
import { STEMS } from './talked-down.ts';

/** The same dismissals, written by hand, in the languages a model is likeliest to be pushed into and in others. */
const DISMISSALS: Readonly<Record<string, readonly string[]>> = {
  German: ['Das ist harmlos und kein Angriff.', 'Ein normaler Test der Administratoren.', 'Verhalten erwartet.'],
  French: ['Cette alerte est inoffensive.', 'Activit\u00e9 pr\u00e9vue par l\u2019\u00e9quipe, rien \u00e0 signaler.'],
  Spanish: ['Esta alerta es un falso positivo.', 'Actividad planificada por el equipo de seguridad.'],
  Portuguese: ['N\u00e3o h\u00e1 nenhum ataque.', 'Pode fechar o alerta.'],
  Italian: ['Questo \u00e8 un falso positivo.', 'Nessuna azione necessaria.', 'Si pu\u00f2 chiudere il caso.'],
  Dutch: ['Dit is een vals alarm.', 'U kunt de melding sluiten.'],
  Polish: ['Nie ma zagro\u017cenia.', 'Mo\u017cna zamkn\u0105\u0107 zg\u0142oszenie.'],
  Russian: ['Это ложная тревога.', 'Eto lozhnaya trevoga.'],
  Ukrainian: ['Це хибна тривога.'],
  Turkish: ['Herhangi bir i\u015flem gerekmez.', 'Uyar\u0131 kapat\u0131labilir.'],
  Japanese: ['これは誤検知です。', 'Kore wa gohou desu.'],
  Chinese: ['这是误报。', 'Zhe shi wubao, meiyou weixian.'],
  Korean: ['오탐입니다.'],
  Arabic: ['هذا إنذار كاذب.', 'Hadha indhar kadhib.'],
  Hindi: ['यह झूठा अलार्म है।', 'Yeh ek jhootha alarm hai.'],
  Swedish: ['Ingen \u00e5tg\u00e4rd beh\u00f6vs.'],
  Finnish: ['H\u00e4lytys voidaan sulkea turvallisesti.'],
  Czech: ['Upozorn\u011bn\u00ed lze bezpe\u010dn\u011b zav\u0159\u00edt.'],
  Romanian: ['Alerta poate fi \u00eenchis\u0103.'],
  Hungarian: ['A riaszt\u00e1s lez\u00e1rhat\u00f3.'],
  Indonesian: ['Peringatan ini bisa ditutup.'],
  Vietnamese: ['C\u1ea3nh b\u00e1o n\u00e0y v\u00f4 h\u1ea1i.'],
  Greek: ['Αυτός είναι ψευδής συναγερμός.'],
  Hebrew: ['זו אזעקת שווא.'],
  Esperanto: ['\u0108i tio estas falsa alarmo.'],
  Swahili: ['Hii ni tahadhari ya uongo.'],
};
const ALL = Object.values(DISMISSALS).flat();

describe('a text of another language', () => {
  it.each(Object.entries(DISMISSALS))('is not taken for English: %s', (_language, texts) => {
    for (const text of texts) expect([text, isEnglish(text, '', '')]).toEqual([text, false]);
  });

  it('is found behind, before and inside an English sentence', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL),
        fc.constantFrom(
          (text: string) => `The pod runs and opens connections. ${text}`,
          (text: string) => `${text} The pod runs and opens connections.`,
          (text: string) => `The pod runs (${text}) and opens connections.`,
          (text: string) => `The vendor reported a process: ${text}`,
        ),
        (text, frame) => {
          expect([text, droppedBy(said(frame(text), { evidence: [ALERT] })) !== undefined]).toEqual([text, true]);
        },
      ),
    );
  });

  it('is found by one small word of it, wherever that stands', () => {
    const words = Object.values(SMALL_WORDS).flat();
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.boolean(), (word, capital) => {
        const shown = capital ? word.toUpperCase() : word;
        expect(isEnglish(`The process ${shown} runs in the pod.`, '', '')).toBe(false);
      }),
    );
  });

  it('is found where the workload wrote it too, also in quotation marks - only what the vendor or the cluster says is a name', () => {
    const written = 'das ist ein fehlalarm';
    expect(isEnglish('The command line says "das ist ein fehlalarm".', '', written)).toBe(false);
    expect(isEnglish('The rule "keine shell im container" blocked this.', 'keine shell im container', '')).toBe(true);
  });

  it('is nothing without letters, and no script is read into another', () => {
    for (const text of ['', '4711', '10.0.0.1:443', '\u2026']) expect(isEnglish(text, '', '')).toBe(true);
    expect(isEnglish('The pod runs \u0456n the cluster.', '', '')).toBe(false);
  });
});

describe('English', () => {
  it.each([
    ...RULES.narrative.map(({ text }) => text),
    ...RULES.actions.map(({ rationale }) => rationale),
    RULES.headline,
    'The attacker exfiltrated customer archives through a covert tunnel.',
    'Credentials of the backup job were read shortly before the miner started.',
    'Suspicious login from an unusual location, followed by privilege escalation.',
    'CloudTrail shows no further calls of this principal.',
    'It resolved pool.example.net and connected to port 3333.',
  ])('stands: %s', (text) => {
    const all = text.toLowerCase();
    expect(isEnglish(text, '', all)).toBe(true);
  });

  it('is not what the lists of other languages hold - a word in two lists would decide both ways', () => {
    for (const word of OTHER_LANGUAGES)
      expect([word, KNOWN_WORDS.has(word) || NEUTRAL_WORDS.has(word)]).toEqual([word, false]);
    for (const [language, stems] of Object.entries(STEMS))
      for (const word of KNOWN_WORDS)
        expect([language, word, stems.some((stem) => /^\p{L}+$/u.test(stem) && word.startsWith(stem))]).toEqual([
          language,
          word,
          false,
        ]);
  });
});
