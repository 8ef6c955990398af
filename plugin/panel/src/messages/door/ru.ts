import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const ru: Translation<typeof en> = {
    'signIn.title': 'Кто за кассой?',
    'signIn.pin': 'PIN-код: {name}',
    'signIn.digits': {
        one: 'введена {count} цифра',
        few: 'введены {count} цифры',
        many: 'введено {count} цифр',
        other: 'введено {count} цифры',
    },
    'signIn.wrong': {
        one: 'Неверный PIN-код. Осталась {count} попытка.',
        few: 'Неверный PIN-код. Остались {count} попытки.',
        many: 'Неверный PIN-код. Осталось {count} попыток.',
        other: 'Неверный PIN-код. Осталось {count} попытки.',
    },
    'signIn.lockedOut': 'Слишком много попыток. Подождите {when}.',
    'signIn.other': 'Другой человек',
    'signIn.unidentified': 'Продолжить без имени',
    'signIn.unidentifiedHint': 'Ответы сохранятся, имя — позже.',
    'ended.title': 'Страница отключена',
    'ended.text': 'Откройте Souffleur со значка.',
    'trouble.unreachable': 'Касса не отвечает. Ничего не сохранено; попробуйте ещё раз.',
    'trouble.other': 'Не получилось. Ничего не сохранено; попробуйте ещё раз.',
    'signIn.delete': 'Стереть',
};

export default ru;
