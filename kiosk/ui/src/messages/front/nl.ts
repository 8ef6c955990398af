import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const nl: Translation<typeof en> = {
    'invite.title': 'Zullen wij u laten weten wat er speelt?',
    'invite.text': 'Kies uw taal. Het duurt ongeveer een minuut en er wordt niets voor u beslist.',
    languages: 'Talen',
    change: 'Onze post stoppen of wijzigen',
    survey: 'Een paar vragen beantwoorden, zonder naam',
    staff: 'Voor medewerkers: twee seconden vasthouden',
    'row.label': 'Hulp bij dit scherm',
    'row.large': 'Grote letters',
    'row.contrast': 'Contrast',
    'row.low': 'Laag bereik',
    'row.high': 'Hoog bereik',
    'row.data': 'Uw gegevens',
    'closed.title': 'Dit scherm rust even uit',
    'closed.text': 'Vraag het aan de kassa. Daar noteren ze graag wat u mooi vindt.',
    'full.title': 'Wij kunnen nu niets aannemen',
    'full.text': 'Dit scherm heeft geen ruimte meer en bewaart dus niets van u. Vraag het aan de kassa.',
    'idle.title': 'Bent u er nog?',
    'idle.text': {
        one: 'Over {count} seconde vergeet dit scherm wat u hier deed.',
        other: 'Over {count} seconden vergeet dit scherm wat u hier deed.',
    },
    'idle.stay': 'Ja, ik ben er nog',
    'idle.leave': 'Nu vergeten',
};

export default nl;
