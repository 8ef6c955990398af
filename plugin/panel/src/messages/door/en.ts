/** What the page says before anyone is signed in: all that its first screen needs. */
const en = {
    'signIn.title': 'Who is at the till?',
    'signIn.pin': 'PIN of {name}',
    'signIn.digits': { one: '{count} digit entered', other: '{count} digits entered' },
    'signIn.wrong': { one: 'Wrong PIN. {count} try left.', other: 'Wrong PIN. {count} tries left.' },
    'signIn.lockedOut': 'Too many tries. Wait {when}.',
    'signIn.other': 'Someone else',
    'signIn.unidentified': 'Go on without a name',
    'signIn.unidentifiedHint': 'Answers are kept and get a name later.',
    'ended.title': 'This page is no longer connected',
    'ended.text': 'Open Souffleur again from its icon.',
    'trouble.unreachable': 'The till does not answer. Nothing was saved; try again.',
    'trouble.other': 'That did not work. Nothing was saved; try again.',
    'signIn.delete': 'Delete',
} as const;

export default en;
