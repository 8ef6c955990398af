/** What stands on the first screen and around every other: the invitation, the help row, the warning, "closed". */
const en = {
    'invite.title': 'Shall we let you know what is on?',
    'invite.text': 'Choose your language. It takes about a minute, and nothing is decided for you.',
    languages: 'Languages',
    change: 'Stop our mail, or change it',
    survey: 'Answer a few questions, no name needed',
    staff: 'For staff: hold for two seconds',
    'row.label': 'Help with this screen',
    'row.large': 'Large text',
    'row.contrast': 'Contrast',
    'row.low': 'Reach low',
    'row.high': 'Reach high',
    'row.data': 'Your data',
    'closed.title': 'This screen is having a rest',
    'closed.text': 'Please ask at the box office. They will gladly note down what you like.',
    'full.title': 'We can take nothing in just now',
    'full.text': 'This screen has no room left, so it keeps nothing of you. Please ask at the box office.',
    'idle.title': 'Are you still there?',
    'idle.text': {
        one: 'In {count} second this screen forgets what you did here.',
        other: 'In {count} seconds this screen forgets what you did here.',
    },
    'idle.stay': 'Yes, I am here',
    'idle.leave': 'Forget it now',
} as const;

export default en;
