import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const ru: Translation<typeof en> = {
    skip: 'Не хочу отвечать',
    start: 'Начать',
    'not-now': 'Нет, спасибо',
    send: 'Отправить',
    'up-to': 'Не больше {count}.',
    step: '{step}: {word}',
    text: 'Ваш ответ',
    'thanks.title': 'Спасибо за ваши ответы',
    'thanks.text': 'Они учтены без имени: никто не узнает, что они ваши.',
    'none.title': 'Как вам угодно',
    'none.text': 'Ничего не сохранено. Приятного вечера.',
};

export default ru;
